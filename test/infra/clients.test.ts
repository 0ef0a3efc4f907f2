import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  preAuthorizableClients,
  registrableClients,
} from "../../infra/client-registrations/known-clients.ts";
import { verifies } from "../requirements.ts";

const source = z.url({ protocol: /^https$/ });
const preAuthorizable = z.strictObject({ title: z.string().min(1), clientId: z.guid(), source });
const registrable = z.strictObject({
  title: z.string().min(1),
  platform: z.enum(["publicClient", "web"]),
  callbacks: z.array(z.url()),
  callbackKnownAfterwards: z.literal(true).optional(),
  callbackPrefixes: z.array(z.url({ protocol: /^https$/ })).optional(),
  secret: z.literal(true).optional(),
  deviceCode: z.literal(true).optional(),
  source,
});

describe("the clients known by name", () => {
  it(verifies("clients.known", "are of the form that templates and commands read"), () => {
    z.record(z.string(), preAuthorizable).parse(preAuthorizableClients);
    z.record(z.string(), registrable).parse(registrableClients);
  });

  const names = [...Object.keys(preAuthorizableClients), ...Object.keys(registrableClients)];

  it(verifies("clients.known", "have a name of their own that a list can hold"), () => {
    expect(new Set(names).size).toBe(names.length);
    // What separates names from each other and from callbacks is in none of them, and no name is an id.
    for (const name of names) expect(name).toMatch(/^[a-z][a-z\d]*(-[a-z\d]+)*$/);
  });

  it.each(Object.entries(registrableClients))(
    verifies("clients.known", "sends %s nowhere that Entra refuses"),
    (_, { platform, callbacks, callbackKnownAfterwards, secret }) => {
      // https://learn.microsoft.com/entra/identity-platform/reply-url
      for (const callback of callbacks) {
        const { protocol, hostname, username, hash } = new URL(callback);
        expect([username, hash, callback.includes("*")]).toEqual(["", "", false]);
        if (protocol === "http:") expect(hostname).toBe("localhost");
      }
      expect(callbacks.length === 0).toBe(callbackKnownAfterwards === true);
      // Only a web application has a secret; one without could not redeem its code.
      expect(platform === "web").toBe(secret === true);
    },
  );
});
