import { describe, expect, it } from "vitest";
import { judgeDocument, printableName } from "../../../src/core/client-documents/document.ts";
import { problemInWords } from "../../../src/core/client-documents/problem.ts";
import { redirectUriProblem } from "../../../src/core/redirect-uri.ts";
import { verifies } from "../../requirements.ts";
import { goodDocument } from "../../support/document-host.ts";

const url = "https://client.example/client.json";
const good = goodDocument(url);
const judge = (value: unknown) => judgeDocument(value, url, redirectUriProblem);
const cited = "client-documents.judged";

describe("a document", () => {
  it.each([
    ["as it should be", good],
    [
      "with the least",
      { client_id: url, client_name: "An agent", redirect_uris: good.redirect_uris },
    ],
    [
      "with members that nobody knows",
      { ...good, logo_uri: "http://127.0.0.1/", software_id: [1] },
    ],
    ["nested without end where nobody looks", { ...good, more: JSON.parse(nested(2_000)) }],
    [
      "with a member that every object has",
      JSON.parse(`{"__proto__":{"client_secret":"s"},${rest()}`),
    ],
  ])(verifies(cited, "is accepted %s"), (_what, value) => {
    expect(judge(value)).toEqual({
      ok: true,
      value: { url, name: "An agent", redirectUris: good.redirect_uris },
    });
  });

  it(
    verifies("client-documents.judged", "takes a client that prefers a key and can do without"),
    () => {
      // As ChatGPT's is.
      const value = {
        ...good,
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
        jwks_uri: "https://client.example/jwks.json",
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code", "id_token"],
      };
      expect(judge(value)).toMatchObject({ ok: true, value: { url } });
    },
  );

  it.each([
    ["another client_id", { client_id: "https://client.example/other.json" }, "other-client-id"],
    ["a client_id with a slash more", { client_id: `${url}/` }, "other-client-id"],
    ["a client_id in another form", { client_id: url.toUpperCase() }, "other-client-id"],
    ["a client_id of several", { client_id: [url] }, "client_id"],
    ["no client_id", { client_id: undefined }, "client_id"],
    ["a secret", { client_secret: "secret" }, "client_secret"],
    ["an empty secret", { client_secret: null }, "client_secret"],
    ["an end of a secret", { client_secret_expires_at: 0 }, "client_secret_expires_at"],
    ["a secret of another name", { client_secret_jwt: "x" }, "client_secret…"],
    [
      "a shared secret as authentication",
      { token_endpoint_auth_method: "client_secret_basic" },
      "none",
    ],
    ["a key as authentication", { token_endpoint_auth_method: "private_key_jwt" }, "none"],
    [
      "keys alone as authentication",
      {
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_methods_supported: ["private_key_jwt"],
      },
      "none",
    ],
    ["no authentication in words", { token_endpoint_auth_method: null }, "none"],
    ["no name", { client_name: undefined }, "client_name"],
    ["an empty name", { client_name: " \u200b\u3164\u202e " }, "client_name"],
    ["a name that is no text", { client_name: { en: "An agent" } }, "client_name"],
    ["an endless name", { client_name: "n".repeat(201) }, "client_name"],
    ["no redirect URI", { redirect_uris: [] }, "redirect_uris"],
    [
      "redirect URIs that are none",
      { redirect_uris: [[["https://client.example/"]]] },
      "redirect_uris",
    ],
    ["one redirect URI as a text", { redirect_uris: "https://client.example/" }, "redirect_uris"],
    [
      "too many redirect URIs",
      { redirect_uris: Array(21).fill("https://client.example/") },
      "redirect_uris",
    ],
    [
      "a redirect URI over http",
      { redirect_uris: ["https://client.example/", "http://client.example/"] },
      "redirect_uris[1]",
    ],
    ["a script as redirect URI", { redirect_uris: ["javascript:alert(1)"] }, "redirect_uris[0]"],
    [
      "a redirect URI with a fragment",
      { redirect_uris: ["https://client.example/#a"] },
      "redirect_uris[0]",
    ],
    ["another grant alone", { grant_types: ["client_credentials"] }, "grant_types"],
    ["another response type alone", { response_types: ["token"] }, "response_types"],
  ])(verifies(cited, "is refused with %s"), (_what, changes, named) => {
    const judged = judge(JSON.parse(JSON.stringify({ ...good, ...changes })));
    expect(judged.ok).toBe(false);
    if (judged.ok) return;
    expect(JSON.stringify(judged.reason)).toContain(named);
    expect(problemInWords(judged.reason)).toMatch(/^The document.*\.$/);
  });

  it.each([
    ["a list", [good]],
    ["nothing", null],
    ["a text", url],
    ["a number", 1],
  ])(verifies(cited, "is refused as %s"), (_what, value) => {
    expect(judge(value)).toEqual({ ok: false, reason: { kind: "not-json" } });
  });
});

it.each([
  ["a\u202egnp.exe", "agnp.exe"],
  ["\u0000An\u200b agent\u2066\u{e0061}", "An agent"],
  ["An\r\nagent\u2028 of\u00a0 ours", "An agent of ours"],
  ["Агент 代理人 👩‍💻", "Агент 代理人 👩💻"],
])(verifies("client-documents.page", "a name %j is shown as %j"), (name, shown) => {
  expect(printableName(name)).toBe(shown);
});

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

/** The members of a good document, and its end. */
function rest(): string {
  return JSON.stringify(good).slice(1);
}
