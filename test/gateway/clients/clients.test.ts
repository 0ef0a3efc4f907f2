import { describe, expect, it } from "vitest";
import { kindOfClientId } from "../../../src/gateway/clients/client-ids.ts";
import { verifies } from "../../requirements.ts";
import { answering, day, gatewayClients } from "./support.ts";

const portal = { id: "portal", redirectUris: ["https://portal.contoso.example/callback"] };
const unknown = { ok: false, reason: { kind: "unknown-client" } };
const notAllowed = { ok: false, reason: { kind: "client-not-allowed" } };
const documentId = "https://client.example/client.json";

describe("a client", () => {
  it(verifies("gateway-clients.ids", "that the settings name is found by its id"), async () => {
    const { clients, calls } = gatewayClients({ settings: { clients: [portal] } });
    expect(await clients.find("portal")).toEqual({
      ok: true,
      value: {
        id: "portal",
        kind: "pre-registered",
        name: "portal",
        domain: undefined,
        redirectUris: portal.redirectUris,
      },
    });
    expect(calls).toEqual([]);
  });

  it.each([
    ["", "pre-registered"],
    ["portal", "pre-registered"],
    ["11111111-2222-4333-8444-555555555555", "pre-registered"],
    ["dcr-", "pre-registered"],
    [`dcr-${"0".repeat(31)}g`, "pre-registered"],
    [`DCR-${"0".repeat(32)}`, "pre-registered"],
    [`dcr-${"0".repeat(32)}\n`, "pre-registered"],
    [`dcr-${"0".repeat(32)}`, "registered"],
    ["https://client.example/client.json", "document"],
    ["HTTPS://client.example/client.json", "document"],
    ["http://client.example/client.json", "document"],
    [" https://client.example/client.json", "document"],
    [`https://client.example/dcr-${"0".repeat(32)}`, "document"],
  ])(verifies("gateway-clients.ids", "with the id %j is %s"), (id, kind) => {
    expect(kindOfClientId(id)).toBe(kind);
  });

  it(verifies("gateway-clients.ids", "cannot be set in place of one of another kind"), async () => {
    const { registered, memory } = gatewayClients();
    const id = await registered();
    const { clients } = gatewayClients({
      memory,
      settings: {
        clients: [id, documentId].map((taken) => ({ ...portal, id: taken })),
        clientDomains: ["other.example"],
      },
    });
    expect(await clients.find(id)).toMatchObject({
      value: { kind: "registered", redirectUris: ["http://localhost/callback"] },
    });
    expect(await clients.find(documentId)).toEqual(notAllowed);
  });

  it.each([
    ["nothing", ""],
    ["another one's in capitals", "PORTAL"],
    ["another one's and a blank", "portal "],
    ["a registered one's that nobody has", `dcr-${"0".repeat(32)}`],
    ["what every object has", "__proto__"],
    ["a path of the database", "../portal"],
  ])(verifies("gateway-clients.ids", "is unknown by %s"), async (_what, id) => {
    const { clients } = gatewayClients({ settings: { clients: [portal] } });
    expect(await clients.find(id)).toEqual(unknown);
  });

  it(
    verifies("gateway-clients.ids", "that is registered has no other way to be written"),
    async () => {
      const { clients, registered } = gatewayClients();
      const id = await registered();
      for (const other of [id.toUpperCase(), `${id} `, `client:${id}`, id.slice(0, -1)]) {
        expect(await clients.find(other)).toEqual(unknown);
      }
    },
  );

  it(
    verifies("gateway-clients.settings", "has the redirect URIs that are allowed now"),
    async () => {
      const settings = { privateSchemes: ["cursor"], clients: [] };
      const before = gatewayClients({ settings });
      const both = await before.registered(["cursor://host/cb", "http://localhost/cb"]);
      const one = await before.registered(["cursor://host/cb"]);
      const { clients } = gatewayClients({
        memory: before.memory,
        settings: {
          clients: [{ id: "old", redirectUris: ["http://old.example/", "https://a/../b"] }],
        },
      });
      expect(await clients.find(both)).toMatchObject({
        value: { redirectUris: ["http://localhost/cb"] },
      });
      expect(await clients.find(one)).toEqual(unknown);
      expect(await clients.find("old")).toEqual(unknown);
    },
  );

  it(verifies("gateway-clients.store", "is not unknown because the store fails"), async () => {
    const { clients } = gatewayClients({ before: answering(503) });
    expect(await clients.find(`dcr-${"0".repeat(32)}`)).toEqual({
      ok: false,
      reason: { kind: "store", reason: { kind: "unavailable", cause: expect.any(String) } },
    });
  });

  it(
    verifies("gateway-clients.store", "is found where another instance has just made it"),
    async () => {
      const one = gatewayClients();
      const other = gatewayClients({ memory: one.memory, staleReads: 2 });
      expect(await other.clients.find(await one.registered())).toMatchObject({ ok: true });
    },
  );
});

describe("ALLOWED_CLIENT_IDS", () => {
  const cited = "gateway-clients.allowed";
  const guid = "aaaaaaaa-2222-4333-8444-555555555555";

  it(verifies(cited, "lets all in where it is empty"), () => {
    const { clients } = gatewayClients({
      settings: { clients: ["portal", guid].map((id) => ({ ...portal, id })) },
    });
    for (const id of ["portal", documentId, guid, `dcr-${"0".repeat(32)}`]) {
      expect(clients.isAllowed(id), id).toBe(true);
    }
  });

  it(verifies(cited, "covers clients of all kinds before anything is asked for"), async () => {
    const before = gatewayClients();
    const [listed, other] = [await before.registered(), await before.registered()];
    const { clients, calls } = gatewayClients({
      memory: before.memory,
      settings: {
        clients: [portal, { ...portal, id: "other" }],
        allowedClientIds: ["portal", listed],
      },
    });
    for (const id of [documentId, "other", other, "nobody"]) {
      expect(await clients.find(id)).toEqual(notAllowed);
    }
    expect(calls).toEqual([]);
    expect(await clients.find("portal")).toMatchObject({ ok: true });
    expect(await clients.find(listed)).toMatchObject({ ok: true });
  });

  it(verifies(cited, "is compared to the letter, but for GUIDs"), () => {
    const { clients } = gatewayClients({
      settings: {
        allowedClientIds: ["https://client.example/Client.json", guid],
        clients: [{ ...portal, id: guid.toUpperCase() }],
      },
    });
    expect(clients.isAllowed("https://client.example/Client.json")).toBe(true);
    expect(clients.isAllowed(guid.toUpperCase())).toBe(true);
    for (const id of [
      "https://client.example/client.json",
      "https://client.example/Client.json/",
      "https://client.example/Client.json?",
      "https://CLIENT.example/Client.json",
      `${guid} `,
      "",
    ]) {
      expect(clients.isAllowed(id), id).toBe(false);
    }
  });
});

describe("what the settings let in no longer", () => {
  const cited = "gateway-clients.withdrawn";

  it(verifies(cited, "is a client that they named"), () => {
    const { clients } = gatewayClients({ settings: { clients: [portal] } });
    expect(clients.isAllowed("portal")).toBe(true);
    expect(gatewayClients().clients.isAllowed("portal")).toBe(false);
  });

  it(verifies(cited, "is a client with a document on a domain that is none of theirs"), () => {
    const isAllowed = (clientDomains: string[]) =>
      gatewayClients({ settings: { clientDomains } }).clients.isAllowed(documentId);
    expect(isAllowed(["client.example"])).toBe(true);
    expect(isAllowed([".example"])).toBe(true);
    expect(isAllowed(["other.example"])).toBe(false);
  });
});

describe("a registered client that is used", () => {
  const cited = "gateway-clients.registration.disuse";

  it(verifies(cited, "lives on for 30 days from its last use"), async () => {
    const { clients, registered, clock } = gatewayClients();
    const id = await registered();
    clock.advance(day / 2);
    await clients.inUse(id);
    clock.advance(29 * day);
    expect(await clients.find(id)).toMatchObject({ ok: true });
    await clients.inUse(id);
    clock.advance(30 * day - 1);
    expect(await clients.find(id)).toMatchObject({ ok: true });
    clock.advance(1);
    expect(await clients.find(id)).toEqual(unknown);
  });

  it(verifies(cited, "lives as long as its grants do unused"), async () => {
    const { clients, registered, clock } = gatewayClients({
      settings: { idleMilliseconds: 60 * day },
    });
    const id = await registered();
    await clients.inUse(id);
    clock.advance(60 * day - 1);
    expect(await clients.find(id)).toMatchObject({ ok: true });
  });

  it(verifies(cited, "is written once a day, whichever instance it is used at"), async () => {
    const one = gatewayClients();
    const id = await one.registered();
    const other = gatewayClients({ memory: one.memory, clock: one.clock });
    const writes = () => [...one.calls, ...other.calls].filter((call) => call === "replace").length;
    for (let use = 0; use < 5; use++) {
      await Promise.all([one.clients.inUse(id), one.clients.inUse(id)]);
      await other.clients.inUse(id);
    }
    expect(writes()).toBe(1);
    const reads = one.calls.length;
    await one.clients.inUse(id);
    expect(one.calls).toHaveLength(reads);
    one.clock.advance(day);
    await one.clients.inUse(id);
    await other.clients.inUse(id);
    expect(writes()).toBe(2);
  });

  it(verifies(cited, "is forgotten when it is gone, as no client of another kind is"), async () => {
    let fails = false;
    const { clients, registered, clock } = gatewayClients({
      settings: { clients: [portal] },
      before: () => fails && answering(503)(),
    });
    const id = await registered();
    expect(await clients.isForgotten(id)).toBe(false);
    clock.advance(day);
    expect(await clients.isForgotten(id)).toBe(true);
    for (const other of ["portal", "nobody", documentId]) {
      expect(await clients.isForgotten(other)).toBe(false);
    }
    fails = true;
    expect(await clients.isForgotten(id)).toBe(false);
  });

  it(verifies(cited, "stays gone once it is gone"), async () => {
    const { clients, registered, clock } = gatewayClients();
    const id = await registered();
    clock.advance(day);
    await clients.inUse(id);
    expect(await clients.find(id)).toEqual(unknown);
  });

  it(verifies(cited, "answers although that cannot be written, and tries again"), async () => {
    let fails = true;
    const { clients, registered, clock, lines } = gatewayClients({
      before: (operation) => {
        if (fails && operation === "replace") answering(503)();
      },
    });
    const id = await registered();
    await clients.inUse(id);
    expect(lines.at(-1)).toEqual({
      event: "gateway.client.not-extended",
      fields: { reason: "unavailable" },
    });
    fails = false;
    clock.advance(60_000);
    await clients.inUse(id);
    clock.advance(2 * day);
    expect(await clients.find(id)).toMatchObject({ ok: true });
  });

  it(verifies(cited, "answers whatever is thrown, and for clients of other kinds"), async () => {
    const { clients, lines, calls } = gatewayClients({
      before: () => {
        throw new TypeError("A defect.");
      },
    });
    await clients.inUse("portal");
    await clients.inUse(documentId);
    expect(calls).toEqual([]);
    await clients.inUse(`dcr-${"0".repeat(32)}`);
    expect(lines.map(({ event }) => event)).toEqual(["gateway.client.not-extended"]);
    expect(JSON.stringify(lines)).not.toContain("A defect.");
  });
});
