import { expect, it } from "vitest";
import { accounts } from "../../local/directory.ts";
import { readableLine } from "../../local/log-line.ts";
import { verifies } from "../requirements.ts";

const time = new Date(2026, 10, 20, 9, 5, 7);
const person = accounts.find(({ username }) => username === "user1@contoso.example");
const ids = { correlationId: "1", invocationId: "1", clientId: "2", objectId: person?.objectId };

it.each([
  [
    { event: "audit.tool-call", tool: "get_thing", outcome: "success", durationMilliseconds: 8 },
    "09:05:07  get_thing                 user1@contoso.example   success 8 ms",
  ],
  [
    {
      event: "audit.authorization",
      tool: "get_thing",
      outcome: "refused",
      reason: "not-an-administrator",
      durationMilliseconds: 5,
    },
    "09:05:07  get_thing                 user1@contoso.example   refused (not-an-administrator) 5 ms",
  ],
  [
    {
      event: "audit.exchange",
      outcome: "failed",
      reason: "authority",
      code: "AADSTS65001",
      durationMilliseconds: 5,
    },
    "09:05:07  exchange                  user1@contoso.example   failed (authority) 5 ms code=AADSTS65001",
  ],
  [
    {
      event: "audit.authentication",
      outcome: "refused",
      reason: "missing-credentials",
      objectId: undefined,
      durationMilliseconds: 0,
    },
    "09:05:07  authentication            nobody                  refused (missing-credentials) 0 ms",
  ],
  [{ event: "audit.authentication", outcome: "success", durationMilliseconds: 1 }, undefined],
  [{ event: "request.refused", reason: "method-not-allowed", objectId: undefined }, undefined],
  [
    { event: "request.refused", reason: "foreign-origin", objectId: undefined },
    "09:05:07  request.refused  reason=foreign-origin",
  ],
  [
    { event: "key-set.unavailable", cause: "Error ECONN\u001b[2J", held: 0, objectId: undefined },
    "09:05:07  key-set.unavailable  cause=Error ECONN?[2J held=0",
  ],
])(verifies("start.log", "%j is told as %j"), (entry, told) => {
  const { clientId, ...others } = ids;
  const common = entry.event.startsWith("audit.") ? { clientId, ...others } : others;
  expect(readableLine(JSON.stringify({ ...common, ...entry }), time)).toBe(told);
});

it.each(["Worker started.", "{not JSON", '{"no":"event"}'])(
  verifies("start.log", "what is no entry of the log stays as it is: %s"),
  (line) => {
    expect(readableLine(line, time)).toBe(line);
  },
);
