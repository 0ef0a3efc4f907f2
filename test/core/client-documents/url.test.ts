import { describe, expect, it } from "vitest";
import { readDocumentUrl } from "../../../src/core/client-documents/url.ts";
import { verifies } from "../../requirements.ts";

const cited = "client-documents.url";

describe("a client id that is to be a document's URL", () => {
  it.each([
    "https://vscode.dev/oauth/client-metadata.json",
    "https://claude.ai/oauth/claude-code-client-metadata",
    "https://client.example:8443/a/",
    "https://xn--clent-2sa.example/%7Euser/client.json",
    "https://client.example/a%2F..%2Fb",
  ])(verifies(cited, "may be %s"), (clientId) => {
    const url = readDocumentUrl(clientId);
    expect(url).toMatchObject({ ok: true });
    expect(url.ok && url.value.href).toBe(clientId);
  });

  it.each([
    ["plain http", "http://client.example/client.json"],
    ["another scheme", "ftp://client.example/client.json"],
    ["data", "data:application/json,{}"],
    ["no URL", "https:"],
    ["no path", "https://client.example"],
    ["the root alone", "https://client.example/"],
    ["a query", "https://client.example/c?a=1"],
    ["an empty query", "https://client.example/c?"],
    ["a fragment", "https://client.example/c#a"],
    ["an empty fragment", "https://client.example/c#"],
    ["a user name", "https://client@client.example/c"],
    ["a host in front of the host", "https://127.0.0.1:1@client.example/c"],
    ["an empty user name", "https://@client.example/c"],
    ["dot segments", "https://client.example/a/../c"],
    ["a single dot", "https://client.example/./c"],
    ["dot segments at the end", "https://client.example/a/.."],
    ["encoded dot segments", "https://client.example/a/%2e%2E/c"],
    ["half encoded dot segments", "https://client.example/a/.%2e/c"],
    ["a backslash", "https://client.example\\c"],
    ["backslashes and dots", "https://client.example/a\\..\\c"],
    ["an upper-case host", "https://Client.example/c"],
    ["an upper-case scheme", "HTTPS://client.example/c"],
    ["the default port", "https://client.example:443/c"],
    ["a decimal address", "https://2130706433/c"],
    ["a hexadecimal address", "https://0x7f.1/c"],
    ["an octal address", "https://0177.0.0.1/c"],
    ["a long IPv6 address", "https://[0:0:0:0:0:0:0:1]/c"],
    ["an IPv4-mapped address in dots", "https://[::ffff:127.0.0.1]/c"],
    ["full-width digits", "https://①②⑦.⓪.⓪.①/c"],
    ["a name in its own script", "https://clıent.example/c"],
    ["a space at the end", "https://client.example/c "],
    ["a line break within", "https://client.example/\nc"],
    ["a tab within", "https://client.exam\tple/c"],
    ["characters not encoded", "https://client.example/ü"],
    ["missing slashes", "https:client.example/c"],
    ["three slashes", "https:///client.example/c"],
    ["something endless", `https://client.example/${"c".repeat(1024)}`],
  ])(verifies(cited, "must not have %s"), (_what, clientId) => {
    const url = readDocumentUrl(clientId);
    expect(url).toMatchObject({ ok: false, reason: { kind: "url" } });
  });
});
