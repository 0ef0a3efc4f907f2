import { describe, expect, it } from "vitest";
import type { LogFields } from "../../../src/core/log.ts";
import { createPersonConnections } from "../../../src/gateway/connections/ending.ts";
import { verifies } from "../../requirements.ts";
import { value } from "../../support/value.ts";
import { FakeGrants, otherPerson, person } from "./world.ts";

function setUp() {
  const grants = new FakeGrants();
  for (const grantId of ["a1", "a2"]) grants.add(person, { grantId });
  grants.add(otherPerson, { grantId: "b1" });
  const events: (LogFields | undefined)[] = [];
  const connections = createPersonConnections({
    grants,
    log: (_level, event, fields) => void events.push({ event, ...fields }),
    monotonicNow: () => 0,
  });
  return { grants, connections, events };
}

describe("the connections that a domain ends", () => {
  it(
    verifies(
      ["gateway.connections.erased", "gateway.connections.audited"],
      "are all of the person's, with the erasure's name in the audit log",
    ),
    async () => {
      const { grants, connections, events } = setUp();
      expect(value(await connections.count(person))).toBe(2);
      expect(value(await connections.endAll(person, "erasure-1"))).toBe(2);
      expect(grants.ended.map(({ why }) => why)).toEqual(["person-erased", "person-erased"]);
      expect(value(await connections.count(otherPerson))).toBe(1);
      expect(events).toMatchObject(
        ["a1", "a2"].map((grantId) => ({
          event: "audit.gateway-connection-ended",
          outcome: "success",
          got: "person-erased",
          correlationId: "erasure-1",
          clientId: `https://client.example/${grantId}.json`,
        })),
      );
      expect(value(await connections.endAll(person, "erasure-1"))).toBe(0);
    },
  );

  it(verifies("gateway.connections.erased", "are left for another try in an outage"), async () => {
    const { grants, connections, events } = setUp();
    const lost = { kind: "unavailable", cause: "lost", isOutcomeUnknown: true } as const;
    grants.fail = (call, grantId) =>
      call === "end" && grantId === "a2" ? { kind: "store", reason: lost } : undefined;
    expect(await connections.endAll(person, "erasure-1")).toEqual({ ok: false, reason: lost });
    expect(events.map((event) => event?.outcome)).toEqual(["success", "unknown"]);

    grants.fail = () => ({ kind: "keys", reason: { kind: "damaged", cause: "not JSON" } });
    const damaged = { ok: false, reason: { kind: "unavailable", cause: "not JSON" } };
    expect(await connections.endAll(person, "erasure-1")).toEqual(damaged);
    expect(await connections.count(person)).toEqual(damaged);

    grants.fail = () => undefined;
    expect(value(await connections.endAll(person, "erasure-1"))).toBe(1);
  });
});
