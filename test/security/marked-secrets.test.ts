import { type ContainerClient, RestError } from "@azure/storage-blob";
import { describe, expect, it } from "vitest";
import { BlobApprovalLedger } from "../../src/mcp/approvals/ledger.ts";
import type { Answer } from "../downstream/fakes.ts";
import { claimsWith, sign } from "../gates/tokens.ts";
import { verifies } from "../requirements.ts";
import { companyNetwork } from "../support/composed.ts";
import { sample, type TestedDomain, type ToolCall, testedDomains } from "../support/domains.ts";
import { type Revision, toolCallMessage, toolCallRequest } from "../support/tool-call-request.ts";
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
/** A Cosmos DB out of reach. */
const unreachable: FuzzedParts = {
  container: { create: throws, query: throws, read: throws, delete: throws },
};

/** A Cosmos DB that refuses everything, as its client library puts it. */
function refusing(code: number | string): FuzzedParts {
  const refuse = async () => {
    throw Object.assign(loaded(), {
      code,
      body: { code: marker, message: `${marker} AuthorizationFailed` },
      headers: { "x-ms-request-id": marker },
    });
  };
  return { container: { create: refuse, query: refuse, read: refuse, delete: refuse } };
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

type Layer = readonly [what: string, parts: FuzzedParts, call: ToolCall];

/** Each layer that can fail, and a call that reaches it. */
function layersOf({ store, list, stored, administrative, onBehalf }: TestedDomain): Layer[] {
  const calls = [store("Anything"), list, stored.removal, administrative].flatMap(
    (call) => call ?? [],
  );
  return [
    ["the key set", { adapters: { fetch: throws } }, list],
    ["the key set's answer", { adapters: { fetch: async () => new Response(marker) } }, list],
    ...calls.flatMap((call) => [
      [`Cosmos DB, out of reach of ${call.name},`, unreachable, call] as const,
      ...[400, 401, 403, 404, 409, 412, 413, 449, 500, "ECONNRESET", marker.repeat(9)]
        // A write that meets a conflict is no failure where nothing else fails.
        .filter((code) => call.name !== store("").name || code !== 409)
        .map(
          (code) =>
            [
              `Cosmos DB with ${String(code).slice(0, 10)} to ${call.name}`,
              refusing(code),
              call,
            ] as const,
        ),
    ]),
    ...(administrative
      ? [
          [
            "membership",
            { adapters: { httpClient: companyNetwork({ graph: throws }) } },
            administrative,
          ] as const,
        ]
      : []),
    ...(onBehalf ? directoryFailures.map(([what, parts]) => [what, parts, onBehalf] as const) : []),
  ];
}

const directoryFailures: readonly (readonly [string, FuzzedParts])[] = [
  ...[200, 302, 400, 401, 403, 404, 410, 451].map(
    (status) =>
      [
        `Graph with ${status} and a page of HTML`,
        answering({ status, body: errorPage, headers: { location: marker } }),
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
    (authority, index) => [`the authority's refusal ${index}`, answering({}, authority)] as const,
  ),
  ["Graph", { adapters: { httpClient: companyNetwork({ graph: throws }) } }],
  ["the authority", { adapters: { httpClient: companyNetwork({ authority: throws }) } }],
  ["Graph's answer", answering({ body: { id: marker, displayName: 7 } })],
  [
    "the exchange",
    answering(
      {},
      { status: 400, body: { error: "interaction_required", claims: `{"x":"${marker}"}` } },
    ),
  ],
];

/** A call as it is sent, of either era. */
function requestOf(call: ToolCall, token: string, revision: Revision) {
  const message = toolCallMessage(revision, call);
  return toolCallRequest("https://server.invalid/mcp", revision, token, message, { host });
}

it(verifies("secrets.contained", "nothing that the storage account says comes out"), async () => {
  const refuse = async () => {
    throw new RestError(`<Error><Message>${marker}</Message></Error>`, {
      code: "AuthenticationFailed",
      statusCode: 403,
    });
  };
  const ledger = new BlobApprovalLedger({
    getBlockBlobClient: () => ({ upload: refuse }),
  } as unknown as ContainerClient);
  const endpoint = await createFuzzedEndpoint(sample, { adapters: { approvalLedger: ledger } });
  const token = await sign(endpoint.key, claimsWith({ jti: marker }));
  const { name, arguments: removed } = sample.stored.removal;
  const call = async (further: object) => {
    const removal = { name, arguments: { ...removed, ...further } };
    return (await endpoint.send(requestOf(removal, token, "2025-11-25"))).text();
  };
  const confirmation = /"confirmation":"([^"]+)"/.exec(await call({}))?.[1];
  const answer = await call({ confirmation });
  expect(answer).toContain("approvals cannot be checked right now");
  expect(endpoint.deleted()).toBe(0);
  expect(`${answer} ${JSON.stringify(endpoint.takeEvents())}`).not.toContain(marker);
});

describe.each(testedDomains)("$name", (tested) => {
  const calls = (["2025-11-25", "2026-07-28"] as const).flatMap((revision) =>
    layersOf(tested).map((layer) => [revision, ...layer] as const),
  );
  it.each(calls)(
    verifies(
      "secrets.contained",
      "in the revision %s nothing of what %s throws or holds comes out, in answer or log",
    ),
    async (revision, _layer, parts, call) => {
      const endpoint = await createFuzzedEndpoint(tested, parts);
      const token = await sign(endpoint.key, claimsWith({ jti: marker }));
      const response = await endpoint.send(requestOf(call, token, revision));
      const answer = `${await response.text()} ${JSON.stringify([...response.headers])}`;
      const log = JSON.stringify(endpoint.takeEvents());
      // The failure did happen: it was answered, and it is in the log.
      expect(answer).toMatch(/isError|temporarily_unavailable|invalid_token/);
      expect(log).toMatch(/"(?:failed|refused|challenged|unknown)"/);
      for (const shown of [answer, log]) {
        expect(shown).not.toContain(marker);
        expect(shown).not.toContain(token.split(".")[2]);
      }
    },
  );
});
