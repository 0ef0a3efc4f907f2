import type { Container } from "@azure/cosmos";
import { type ContainerClient, RestError } from "@azure/storage-blob";
import { describe, expect, it } from "vitest";
import { CosmosExpenseStore } from "../../src/expenses/cosmos-store.ts";
import type { ExpenseStore } from "../../src/expenses/store.ts";
import { BlobApprovalLedger } from "../../src/mcp/approvals/ledger.ts";
import type { Answer } from "../downstream/fakes.ts";
import { claimsWith, sign } from "../gates/tokens.ts";
import { verifies } from "../requirements.ts";
import { companyNetwork } from "../support/composed.ts";
import {
  createFuzzedEndpoint,
  existingExpenseId,
  type FuzzedParts,
  host,
} from "./fuzzed-endpoint.ts";

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

/** Expenses in a Cosmos DB that refuses everything, as its client library puts it. */
function refusingCosmos(code: number | string): ExpenseStore {
  const refuse = async () => {
    throw Object.assign(loaded(), {
      code,
      body: { code: marker, message: `${marker} AuthorizationFailed` },
      headers: { "x-ms-request-id": marker },
    });
  };
  return new CosmosExpenseStore({
    items: { create: refuse, query: () => ({ fetchAll: refuse, fetchNext: refuse }) },
    item: () => ({ read: refuse, delete: refuse }),
  } as unknown as Container);
}

/** Graph and the authority as they answer here. */
function answering(graph: Answer, authority: Answer = tokenOf(marker)): FuzzedParts {
  return {
    adapters: {
      httpClient: companyNetwork({ graph: () => graph, authority: () => authority }),
    },
  };
}

function tokenOf(token: string): Answer {
  return { body: { token_type: "Bearer", access_token: token, expires_in: 3600 } };
}

const errorPage = `<html><body>${marker} at Contoso.Service()</body></html>`;

/** What an authority says beside its code: names, ids and prose. */
const refusalOf = (status: number, more: object): Answer => ({
  status,
  body: {
    error: marker,
    error_description: `AADSTS${marker}: user '${marker}@contoso.example' ${marker}`,
    suberror: marker,
    trace_id: marker,
    ...more,
  },
});

/** Each layer that can fail, and a call that reaches it. */
const layers: readonly (readonly [string, FuzzedParts, string, object])[] = [
  ["the key set", { adapters: { fetch: throws } }, "get_user_expenses", {}],
  [
    "the key set's answer",
    { adapters: { fetch: async () => new Response(marker) } },
    "get_user_expenses",
    {},
  ],
  ["adding", { store: throwingStore }, "add_user_expense", expense],
  ["listing", { store: throwingStore }, "get_user_expenses", {}],
  ["statistics", { store: throwingStore }, "get_expense_stats", {}],
  [
    "membership",
    { adapters: { httpClient: companyNetwork({ graph: throws }) } },
    "get_expense_stats",
    {},
  ],
  ...[400, 401, 403, 404, 409, 412, 413, 449, 500, "ECONNRESET", marker.repeat(9)].flatMap((code) =>
    (
      [
        ["add_user_expense", expense],
        ["get_user_expenses", {}],
        ["delete_user_expense", { id: existingExpenseId }],
      ] as const
    )
      // A write that meets a conflict is no failure.
      .filter(([tool]) => !(tool === "add_user_expense" && code === 409))
      .map(
        ([tool, toolArguments]) =>
          [
            `Cosmos DB with ${String(code).slice(0, 10)} to ${tool}`,
            { store: refusingCosmos(code) },
            tool,
            toolArguments,
          ] as const,
      ),
  ),
  ...[200, 302, 400, 401, 403, 404, 410, 451].map(
    (status) =>
      [
        `Graph with ${status} and a page of HTML`,
        answering({ status, body: errorPage, headers: { location: marker } }),
        "get_user_details",
        {},
      ] as const,
  ),
  ...[
    refusalOf(400, {}),
    refusalOf(400, { error: "invalid_grant", error_codes: [50173, 65001] }),
    refusalOf(400, { error: "interaction_required", claims: marker }),
    refusalOf(401, { error: "invalid_client", error_codes: [marker] }),
    { status: 400, body: errorPage },
    { status: 200, body: { token_type: "Bearer", refresh_token: marker } },
  ].map(
    (authority, index) =>
      [
        `the authority's refusal ${index}`,
        answering({}, authority),
        "get_user_details",
        {},
      ] as const,
  ),
  [
    "Graph",
    { adapters: { httpClient: companyNetwork({ graph: throws }) } },
    "get_user_details",
    {},
  ],
  [
    "the authority",
    { adapters: { httpClient: companyNetwork({ authority: throws }) } },
    "get_user_details",
    {},
  ],
  ["Graph's answer", answering({ body: { id: marker, displayName: 7 } }), "get_user_details", {}],
  [
    "the exchange",
    answering(
      {},
      {
        status: 400,
        body: { error: "interaction_required", claims: `{"x":"${marker}"}` },
      },
    ),
    "get_user_details",
    {},
  ],
];

it(
  verifies("secrets.contained", "nothing of what the storage account says comes out"),
  async () => {
    const refuse = async () => {
      throw new RestError(`<Error><Message>${marker}</Message></Error>`, {
        code: "AuthenticationFailed",
        statusCode: 403,
      });
    };
    const ledger = new BlobApprovalLedger({
      getBlockBlobClient: () => ({ upload: refuse }),
    } as unknown as ContainerClient);
    const endpoint = await createFuzzedEndpoint({ adapters: { approvalLedger: ledger } });
    const token = await sign(endpoint.key, claimsWith({ jti: marker }));
    const call = async (further: object) => {
      const toolArguments = { id: existingExpenseId, ...further };
      const params = { name: "delete_user_expense", arguments: toolArguments };
      const response = await endpoint.send(
        new Request("https://server.invalid/mcp", {
          method: "POST",
          headers: {
            host,
            authorization: `Bearer ${token}`,
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
          },
          body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
        }),
      );
      return response.text();
    };
    const confirmation = /"confirmation":"([^"]+)"/.exec(await call({}))?.[1];
    const answer = await call({ confirmation });
    expect(answer).toContain("approvals cannot be checked right now");
    expect(endpoint.deleted()).toBe(0);
    expect(`${answer} ${JSON.stringify(endpoint.takeEvents())}`).not.toContain(marker);
  },
);

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
