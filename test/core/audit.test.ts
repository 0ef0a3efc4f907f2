import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type AuditEvent, audit, auditEventSchema } from "../../src/core/audit.ts";
import type { LogFields } from "../../src/core/log.ts";
import { claimsWith, sign } from "../gates/tokens.ts";
import { verifies } from "../requirements.ts";
import { createFuzzedEndpoint, host } from "../security/fuzzed-endpoint.ts";

describe("the audit log", () => {
  it(verifies("audit.schema", "has the schema of the snapshot"), async () => {
    const schema = `${JSON.stringify(z.toJSONSchema(auditEventSchema), null, 2)}\n`;
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
      tool: "add_user_expense",
      durationMilliseconds: 12,
      correlationId: "id",
    };
    for (const outcome of ["success", "challenged", "refused", "failed"] as const) {
      audit((level, name) => lines.push([level, name]), { ...event, outcome });
    }
    expect(lines).toEqual([
      ["info", "audit.tool-call"],
      ["info", "audit.tool-call"],
      ["warn", "audit.tool-call"],
      ["warn", "audit.tool-call"],
    ]);
  });
});

/** One request through the whole pipeline, and the audit events that it leaves. */
async function eventsOf(claims: Record<string, unknown>, tool: string, toolArguments: unknown) {
  const endpoint = await createFuzzedEndpoint();
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
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name: tool, arguments: toolArguments },
      }),
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

describe("a request", () => {
  const who = {
    objectId: "aaaaaaaa-0000-4000-8000-000000000001",
    clientId: "bbbbbbbb-0000-4000-8000-000000000002",
    correlationId: "invocation",
  };
  const secret = { date: "2026-11-20", amount: 1, category: "other", payment_method: "cash" };

  it(
    verifies(
      "audit.events",
      "leaves one event for the sign-in and one for the tool, without arguments",
    ),
    async () => {
      const { events, token } = await eventsOf({}, "add_user_expense", {
        ...secret,
        description: "marked-secret description",
      });
      expect(events).toEqual([
        { event: "audit.authentication", outcome: "success", ...who },
        { event: "audit.tool-call", outcome: "success", tool: "add_user_expense", ...who },
      ]);
      expect(JSON.stringify(events)).not.toMatch(/marked-secret/);
      expect(JSON.stringify(events)).not.toContain(token);
    },
  );

  it(
    verifies("audit.events", "whose arguments are wrong, or whose tool fails, says so"),
    async () => {
      expect((await eventsOf({}, "add_user_expense", {})).events[1]).toEqual({
        event: "audit.tool-call",
        outcome: "failed",
        reason: "input-invalid",
        tool: "add_user_expense",
        ...who,
      });
      expect((await eventsOf({}, "get_user_details", {})).events.at(-1)).toMatchObject({
        outcome: "failed",
        reason: "graph-denied",
      });
    },
  );

  it(
    verifies("audit.events", "that is not let in leaves why, and nothing of the token"),
    async () => {
      const { events } = await eventsOf(
        { aud: "https://graph.microsoft.com" },
        "get_user_details",
        {},
      );
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
    },
  );
});
