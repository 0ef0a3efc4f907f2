import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { compactJson } from "../../scripts/compact-json.ts";
import { type AuditEvent, audit, auditEventSchema } from "../../src/core/audit.ts";
import type { LogFields } from "../../src/core/log.ts";
import { claimsWith, sign } from "../gates/tokens.ts";
import { verifies } from "../requirements.ts";
import { createFuzzedEndpoint, type FuzzedParts, host } from "../security/fuzzed-endpoint.ts";
import { type TestedDomain, type ToolCall, testedDomains } from "../support/domains.ts";

describe("the audit log", () => {
  it(verifies("audit.schema", "has the schema of the snapshot"), async () => {
    const schema = `${compactJson(z.toJSONSchema(auditEventSchema))}\n`;
    await expect(schema).toMatchFileSnapshot("audit.snapshot.json");
  });

  it(verifies("audit.schema", "is documented, field by field and action by action"), async () => {
    const page = await readFile(join(import.meta.dirname, "../../docs/audit.md"), "utf8");
    const { shape } = auditEventSchema;
    const names = [
      ...Object.keys(shape).filter((name) => name !== "action"),
      ...shape.action.options.map((action) => `audit.${action}`),
      ...shape.outcome.options,
    ];
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it(verifies("audit.schema", "asks for attention where something was refused or failed"), () => {
    const lines: unknown[] = [];
    const event: AuditEvent = {
      action: "tool-call",
      outcome: "success",
      tool: "any_tool",
      durationMilliseconds: 12,
      correlationId: "id",
    };
    for (const outcome of ["success", "challenged", "refused", "failed", "unknown"] as const) {
      audit((level, name) => lines.push([level, name]), { ...event, outcome });
    }
    expect(lines).toEqual([
      ["info", "audit.tool-call"],
      ["info", "audit.tool-call"],
      ["warn", "audit.tool-call"],
      ["warn", "audit.tool-call"],
      ["warn", "audit.tool-call"],
    ]);
  });
});

/** One request through the whole pipeline, and the audit events that it leaves. */
async function eventsOf(tested: TestedDomain, call: ToolCall, claims = {}, parts?: FuzzedParts) {
  const endpoint = await createFuzzedEndpoint(tested, parts);
  const token = await sign(endpoint.key, claimsWith(claims));
  const response = await endpoint.send(
    new Request("https://server.invalid/mcp", {
      method: "POST",
      headers: {
        host,
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: call }),
    }),
  );
  await response.text();
  const events = endpoint.takeEvents().filter(({ event }) => event.startsWith("audit."));
  return { token, events: events.map(({ event, fields }) => withoutTime(event, fields)) };
}

function withoutTime(event: string, fields: LogFields | undefined) {
  const { durationMilliseconds, ...rest } = fields ?? {};
  expect(durationMilliseconds).toEqual(expect.any(Number));
  return { event, ...rest };
}

const throws = async () => {
  throw new Error("No database.");
};
const noDatabase: FuzzedParts = {
  container: { create: throws, query: throws, read: throws, delete: throws },
};

describe.each(testedDomains)("a request to $name", (tested) => {
  const { store, list, onBehalf } = tested;
  const who = {
    objectId: "aaaaaaaa-0000-4000-8000-000000000001",
    clientId: "bbbbbbbb-0000-4000-8000-000000000002",
    correlationId: "invocation",
  };

  it(verifies("audit.events", "leaves an event for sign-in and tool, no arguments"), async () => {
    const call = store("marked-secret text");
    const { events, token } = await eventsOf(tested, call);
    expect(events).toEqual([
      { event: "audit.authentication", outcome: "success", ...who },
      { event: "audit.tool-call", outcome: "success", tool: call.name, ...who },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/marked-secret/);
    expect(JSON.stringify(events)).not.toContain(token);
  });

  it(verifies("token.agent-acting", "says that an agent acted, and which"), async () => {
    const agentParentId = "dddddddd-0000-4000-8000-00000000000d";
    const claims = { xms_act_fct: "3 11", xms_par_app_azp: agentParentId };
    const { events } = await eventsOf(tested, store("text"), claims);
    expect(events).toHaveLength(2);
    for (const event of events) {
      expect(event).toMatchObject({ ...who, agent: "for-person", agentParentId });
    }
  });

  it(verifies("audit.events", "with wrong arguments or a failing tool says so"), async () => {
    const { name } = store("");
    expect((await eventsOf(tested, { name, arguments: {} })).events[1]).toEqual({
      event: "audit.tool-call",
      outcome: "failed",
      reason: "input-invalid",
      tool: name,
      ...who,
    });
    expect((await eventsOf(tested, list, {}, noDatabase)).events.at(-1)).toMatchObject({
      outcome: "failed",
      reason: "store-unavailable",
    });
    if (!onBehalf) return;
    expect((await eventsOf(tested, onBehalf)).events.at(-1)).toMatchObject({
      outcome: "failed",
      reason: "graph-denied",
    });
  });

  it(verifies("audit.events", "that is not let in leaves why, but no token"), async () => {
    const { events } = await eventsOf(tested, list, { aud: "https://graph.microsoft.com" });
    expect(events).toEqual([
      {
        event: "audit.authentication",
        outcome: "refused",
        reason: "wrong-audience",
        got: "https://graph.microsoft.com",
        expected: "66666666-7777-8888-9999-aaaaaaaaaaaa",
        correlationId: "invocation",
      },
    ]);
  });
});

it(verifies("audit.not-sampled", "sampling exempts log lines, and so audit events"), async () => {
  const file = join(import.meta.dirname, "..", "..", "host.json");
  const { logging } = JSON.parse(await readFile(file, "utf8"));

  const exempt = logging.applicationInsights.samplingSettings.excludedTypes.split(";");
  expect(exempt).toEqual(expect.arrayContaining(["Request", "Exception", "Trace"]));
});
