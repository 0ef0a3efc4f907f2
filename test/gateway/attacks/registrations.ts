import { expect } from "vitest";
import { type ComposedGateway, issuer } from "../composed-gateway.ts";
import type { Attack } from "./attack.ts";
import { Browser } from "./browser.ts";
import { Client, callback, register } from "./client.ts";

const threat = "gateway-attacks.registrations";
const hour = 60 * 60_000;

/** As many registrations as there may be, that nobody has used. */
async function fill({ memory, clock }: ComposedGateway): Promise<void> {
  const { items } = memory.view().container;
  const item = { name: "Full", redirectUris: [callback], registeredAt: clock.now() };
  const common = { partition: "clients", kind: "client", item, expiresAt: clock.now() + 24 * hour };
  const ids = Array.from({ length: 1000 }, (_, index) => index.toString(16).padStart(32, "0"));
  await Promise.all(ids.map((id) => items.create({ ...common, id: `client:dcr-${id}` })));
}

export const registrationAttacks: readonly Attack[] = [
  {
    threat,
    name: "registrations without end, from one address",
    source: "RFC 7591 section 5",
    guard: {
      file: "src/gateway/http/gates.ts",
      code: "Math.min(registrationsPerMinute, perAddress)",
      without: "perAddress",
    },
    async run(_gateway, compose) {
      const gateway = await compose({ environment: { RATE_LIMIT_PER_ADDRESS: "100" } });
      const from = async (address: string) => {
        const answer = await gateway.fetch(`${issuer}/register`, {
          method: "POST",
          headers: { "content-type": "application/json", "x-forwarded-for": address },
          body: JSON.stringify({ redirect_uris: [callback] }),
        });
        return answer.status;
      };
      const statuses = [];
      for (let times = 0; times < 20; times += 1) statuses.push(await from("198.51.100.7"));
      expect(statuses[0]).toBe(201);
      expect(statuses.at(-1)).toBe(429);
      expect(await from("198.51.100.8")).toBe(201);
    },
  },
  {
    threat,
    name: "registrations without end, from everywhere",
    source: "RFC 7591 section 5; arXiv 2605.22333",
    guard: {
      file: "src/gateway/clients/registered-clients.ts",
      code: 'if (count.value >= most) return failure({ kind: "no-room" });',
      without: 'if (most < 0) return failure({ kind: "no-room" });',
    },
    async run(gateway) {
      await fill(gateway);
      expect((await register(gateway)).status).toBe(503);
      gateway.clock.advance(25 * hour);
      expect((await register(gateway)).status).toBe(201);
    },
  },
  {
    threat,
    name: "registrations that nobody uses, and that stay",
    source: "RFC 7591 section 5",
    guard: {
      file: "src/gateway/clients/registered-clients.ts",
      code: "const expiresAt = registeredAt + unusedLifetime;",
      without: "const expiresAt = registeredAt + 100 * unusedLifetime;",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      gateway.clock.advance(25 * hour);
      const page = await new Browser(gateway).open(client.authorizeUrl());
      expect([page.status, page.next]).toEqual([400, undefined]);
    },
  },
  {
    threat,
    name: "a client that is to have a secret or a key",
    source: "RFC 7591 section 2; RFC 7523 section 3",
    guard: {
      file: "src/gateway/clients/registration.ts",
      code: 'token_endpoint_auth_method: z.literal("none").optional(),',
      without: "token_endpoint_auth_method: z.string().optional(),",
    },
    async run(gateway) {
      for (const token_endpoint_auth_method of ["private_key_jwt", "client_secret_basic"]) {
        const { status, body } = await register(gateway, { token_endpoint_auth_method });
        expect([status, body.error]).toEqual([400, "invalid_client_metadata"]);
      }
      const none = await register(gateway, { token_endpoint_auth_method: "none" });
      expect(none).toMatchObject({ status: 201, body: { token_endpoint_auth_method: "none" } });
      expect(none.body).not.toHaveProperty("client_secret");
    },
  },
  {
    threat,
    name: "a registration as large as a book",
    source: "RFC 9110 section 15.5.14",
    guard: {
      file: "src/gateway/http/body.ts",
      code: "readBytes(request, maximumBodyBytes)",
      without: "readBytes(request, 1e9)",
    },
    async run(gateway) {
      const { status } = await register(gateway, { software_statement: "x".repeat(100_000) });
      expect(status).toBe(413);
    },
  },
];
