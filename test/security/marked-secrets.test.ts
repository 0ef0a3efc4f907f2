import { describe, expect, it } from "vitest";
import type { ExpenseStore } from "../../src/expenses/store.ts";
import { failure } from "../../src/result.ts";
import { claimsWith, sign } from "../identity/tokens.ts";
import { verifies } from "../requirements.ts";
import { createFuzzedEndpoint, type FuzzedParts, host } from "./fuzzed-endpoint.ts";

// Not the name of this file, which a logged place in the code may show.
const marker = "s3cr3t-7f3a91";

/** An error as libraries throw them: the secret in its text, its cause and its properties. */
function loaded(): Error {
  const error = new Error(`${marker} in the text`, { cause: new Error(`${marker} in the cause`) });
  error.name = "LibraryError";
  return Object.assign(error, { request: { headers: { authorization: `Bearer ${marker}` } } });
}

const throws = async (): Promise<never> => {
  throw loaded();
};
const throwingStore: ExpenseStore = {
  add: throws,
  list: throws,
  find: throws,
  delete: throws,
  statistics: throws,
};

const expense = {
  date: "2026-11-20",
  amount: 1,
  category: "other",
  description: "Anything",
  payment_method: "cash",
};

/** Each layer that can fail, and a call that reaches it. */
const layers: readonly (readonly [string, FuzzedParts, string, object])[] = [
  ["the key set", { fetchKeys: throws }, "get_user_expenses", {}],
  [
    "the key set's answer",
    { fetchKeys: async () => new Response(marker) },
    "get_user_expenses",
    {},
  ],
  ["adding", { store: throwingStore }, "add_user_expense", expense],
  ["listing", { store: throwingStore }, "get_user_expenses", {}],
  ["statistics", { store: throwingStore }, "get_expense_stats", {}],
  ["membership", { isAdministrator: throws }, "get_expense_stats", {}],
  ["Graph", { graph: { get: throws } }, "get_user_details", {}],
  [
    "Graph's answer",
    { graph: { get: async () => ({ ok: true, value: { id: marker, displayName: 7 } }) } },
    "get_user_details",
    {},
  ],
  [
    "the exchange",
    {
      graph: {
        get: async () =>
          failure({
            kind: "exchange-failed",
            failure: { kind: "interaction-required", claims: `{"x":"${marker}"}` },
          }),
      },
    },
    "get_user_details",
    {},
  ],
];

describe.each(["2025-11-25", "2026-07-28"])("in the revision %s", (revision) => {
  it.each(layers)(
    verifies("secrets.contained", "nothing of what %s throws or holds comes out, in answer or log"),
    async (_layer, parts, tool, toolArguments) => {
      const endpoint = await createFuzzedEndpoint(parts);
      const token = await sign(endpoint.key, claimsWith({ jti: marker }));
      const modern = revision === "2026-07-28";
      const params = {
        name: tool,
        arguments: toolArguments,
        ...(modern
          ? {
              _meta: {
                "io.modelcontextprotocol/protocolVersion": revision,
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
              },
            }
          : {}),
      };
      const response = await endpoint.send(
        new Request("https://server.invalid/mcp", {
          method: "POST",
          headers: {
            host,
            authorization: `Bearer ${token}`,
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
            "mcp-protocol-version": revision,
            ...(modern ? { "mcp-method": "tools/call", "mcp-name": tool } : {}),
          },
          body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
        }),
      );
      const answer = `${await response.text()} ${JSON.stringify([...response.headers])}`;
      const log = JSON.stringify(endpoint.takeEvents());
      // The failure did happen: it was answered, and it is in the log.
      expect(answer).toMatch(/isError|temporarily_unavailable/);
      expect(log).toMatch(/"(?:failed|refused|challenged)"/);
      for (const shown of [answer, log]) {
        expect(shown).not.toContain(marker);
        expect(shown).not.toContain(token.split(".")[2]);
      }
    },
  );
});
