import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  matchedRedirectUri,
  redirectUriJudge,
  redirectWarning,
} from "../../../src/gateway/clients/redirect-uri.ts";
import { verifies } from "../../requirements.ts";

const schemes = ["cursor", "com.example.app"];
const judge = redirectUriJudge(schemes);
const matched = (registered: string, asked: string) =>
  matchedRedirectUri({ redirectUris: ["https://other.example/", registered] }, asked);

/** Programs that whoever runs the server can allow, and these can be asked of none. */
const neverAllowed = [
  ...["javascript", "data", "vbscript", "file", "blob", "filesystem", "about", "view-source"],
  ...["intent", "ms-msdt", "search-ms", "ws", "wss", "ftp", "mailto", "urn"],
];

describe("a redirect URI may be registered", () => {
  it.each([
    ["https", "https://client.example/callback"],
    ["https at a port", "https://client.example:8443/callback"],
    ["https at an address", "https://[2606:4700::1111]/callback"],
    ["https with a query", "https://client.example/callback?tenant=1&x=%20"],
    ["https without a path of its own", "https://client.example/"],
    ["dots in names", "https://client.example/v1.2.3/a..b/...//.well-known/callback"],
    ["dots in a query", "https://client.example/callback?next=/a/../b"],
    ["loopback by name", "http://localhost/callback"],
    ["loopback by name at a port", "http://localhost:6274/oauth/callback"],
    ["loopback by IPv4", "http://127.0.0.1:33418/"],
    ["loopback by IPv6", "http://[::1]:3000/callback"],
    ["a listed scheme with a host", "cursor://anysphere.cursor-mcp/callback"],
    ["a listed scheme with a path", "com.example.app:/callback"],
  ])(verifies("gateway-clients.redirect-uri.registered", "as %s"), (_what, uri) => {
    expect(judge(uri)).toBeUndefined();
  });
});

describe("a redirect URI is refused", () => {
  it.each([
    ["no URI", "callback"],
    ["a relative one", "//client.example/callback"],
    ["plain http elsewhere", "http://client.example/callback"],
    ["plain http to what begins like loopback", "http://localhost.client.example/callback"],
    ["plain http to a further loopback address", "http://127.0.0.2/callback"],
    ["plain http to a loopback address as IPv6", "http://[::ffff:7f00:1]/callback"],
    ["plain http to localhost with a dot", "http://localhost./callback"],
    ["plain http to a private address", "http://192.168.1.1/callback"],
    ["plain http to no address", "http://0.0.0.0/callback"],
    ["a fragment", "https://client.example/callback#part"],
    ["an empty fragment", "https://client.example/callback#"],
    ["a user name", "https://user@client.example/callback"],
    ["a user name that looks like a host", "https://client.example@evil.example/callback"],
    ["a user name and a password", "http://user:password@localhost/callback"],
    ["a user name of a listed scheme", "cursor://user@host/callback"],
    ["a host with a directive's end", "https://client.example;sandbox/"],
    ["a wildcard host", "https://*.client.example/callback"],
    ["a wildcard path", "https://client.example/*"],
    ["a wildcard port", "http://localhost:*/callback"],
    ["a wildcard in a listed scheme", "cursor://*/callback"],
    ["a listed scheme without a path", "cursor:callback"],
    ["something endless", `https://client.example/${"x".repeat(2048)}`],
  ])(verifies("gateway-clients.redirect-uri.registered", "for %s"), (_what, uri) => {
    expect(judge(uri)).toMatch(/^must /);
  });

  it.each([
    ["plain", "/callback/../steal"],
    ["at the end", "/callback/.."],
    ["of one dot", "/./callback"],
    ["percent-encoded", "/callback/%2e%2e/steal"],
    ["half percent-encoded", "/callback/.%2E/steal"],
    ["between encoded slashes", "/callback%2f..%2fsteal"],
    ["between encoded slashes, themselves encoded", "/callback%2F%2e%2E%2Fsteal"],
    ["between encoded backslashes", "/callback/%5c..%5csteal"],
    ["between backslashes", "/callback\\..\\steal"],
    ["with a parameter", "/callback/..;/steal"],
    ["with an encoded parameter", "/callback/..%3bx/steal"],
  ])(verifies("gateway-clients.redirect-uri.dots", "for dot segments %s"), (_what, path) => {
    for (const origin of ["https://client.example", "http://localhost:1", "cursor://host"]) {
      expect(judge(origin + path), origin).toMatch(/^must /);
    }
  });

  it.each([
    ["a host in capitals", "https://Client.example/callback"],
    ["a scheme in capitals", "HTTPS://client.example/callback"],
    ["a listed scheme in capitals", "Cursor://host/callback"],
    ["a default port", "https://client.example:443/callback"],
    ["no path", "https://client.example"],
    ["no slashes", "https:client.example/callback"],
    ["backslashes for slashes", "https:\\\\client.example\\callback"],
    ["a backslash in a query", "https://client.example/?next=\\\\evil.example"],
    ["a backslash in a listed scheme", "cursor://host/\\evil"],
    ["a space before it", " https://client.example/callback"],
    ["a space within it", "https://client.example/call back"],
    ["a tab within its host", "https://client\t.example/callback"],
    ["a line feed", "https://client.example/callback\n"],
    ["a carriage return and a header", "https://client.example/\r\nSet-Cookie:a=b"],
    ["a null character", "https://client.example/\u0000"],
    ["a delete character in a listed scheme", "cursor://host/\u007f"],
    ["characters beyond ASCII", "https://client.example/\u202egnp.exe"],
    ["a host beyond ASCII", "https://cli\u0435nt.example/callback"],
    ["loopback as one number", "http://2130706433/callback"],
    ["loopback in hexadecimal", "http://0x7f.0.0.1/callback"],
    ["loopback cut short", "http://127.1/callback"],
    ["loopback as a long IPv6 address", "http://[0:0:0:0:0:0:0:1]/callback"],
    ["an empty user name", "https://@client.example/callback"],
  ])(verifies("gateway-clients.redirect-uri.normal", "for %s"), (_what, uri) => {
    expect(judge(uri)).toMatch(/^must /);
  });

  it.each([
    ["a scheme that is not listed", "vscode://host/callback"],
    ["a scheme that a listed one begins with", "cursor-nightly://host/callback"],
  ])(verifies("gateway-clients.redirect-uri.schemes", "for %s"), (_what, uri) => {
    expect(judge(uri)).toMatch(/^must use https/);
  });

  it.each(neverAllowed)(
    verifies("gateway-clients.redirect-uri.schemes", "for the scheme %s, even if it is listed"),
    (scheme) => {
      const lax = redirectUriJudge([...neverAllowed, "http", "https"]);
      const written = [
        ...[scheme, scheme.toUpperCase(), ` ${scheme}`, `\u0000${scheme}`, `${scheme}\t`],
        ...[`${scheme[0]}\n${scheme.slice(1)}`, `${scheme[0]?.toUpperCase()}${scheme.slice(1)}`],
      ];
      for (const prefix of written) {
        expect(lax(`${prefix}:alert(1)`)).toMatch(/^must /);
        expect(lax(`${prefix}:/alert(1)`)).toMatch(/^must /);
        expect(lax(`${prefix}://client.example/%0aalert(1)`)).toMatch(/^must /);
      }
      expect(lax("http://client.example/callback")).toMatch(/^must /);
    },
  );

  it(
    verifies("gateway-clients.redirect-uri.normal", "for every text but one that leads there"),
    () => {
      const piece = fc.constantFrom(
        ...[
          "https",
          "http",
          "cursor",
          "javascript",
          ":",
          "/",
          "//",
          "\\",
          "?",
          "#",
          "@",
          "*",
          "..",
        ],
        ...[
          "%2e",
          "%2F",
          "%5c",
          ".",
          ";",
          " ",
          "\t",
          "\n",
          "\u0000",
          "a",
          "A",
          "localhost",
          "[::1]",
        ],
        ...["127.0.0.1", "client.example", ":80", ":443", ":5000", "callback", "\u202e", "é"],
      );
      const texts = fc.oneof(
        fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join("")),
        fc
          .tuple(
            fc.constantFrom("https://client.example/", "http://localhost/", "cursor://host/"),
            fc.array(piece, { maxLength: 6 }),
          )
          .map(([start, pieces]) => start + pieces.join("")),
      );
      return fc.assert(
        fc.property(texts, (uri) => {
          if (judge(uri) !== undefined) return;
          const { href, username, password, hash, protocol, hostname } = new URL(uri);
          expect(href).toBe(uri);
          expect([username, password, hash]).toEqual(["", "", ""]);
          expect(uri).toMatch(/^[!-~]+$/);
          expect(uri).not.toMatch(/[\\*#]/);
          expect(decodeURIComponent(new URL(uri).pathname).split(/[/\\]/)).not.toContain("..");
          expect(["https:", "http:", "cursor:"]).toContain(protocol);
          if (protocol === "http:") expect(hostname).toMatch(/^(localhost|127\.0\.0\.1|\[::1\])$/);
        }),
        { numRuns: 2_000 },
      );
    },
  );
});

describe("a redirect URI that is asked for", () => {
  const cited = "gateway-clients.redirect-uri.matched";

  it.each([
    ["itself", "https://client.example/cb?a=b", "https://client.example/cb?a=b"],
    ["a port where none is registered", "http://localhost/cb", "http://localhost:49152/cb"],
    ["another port", "http://127.0.0.1:33418/", "http://127.0.0.1:5/"],
    ["no port", "http://[::1]:3000/cb?a=b", "http://[::1]/cb?a=b"],
    ["itself, of a listed scheme", "cursor://host/cb", "cursor://host/cb"],
  ])(verifies(cited, "matches as %s"), (_what, registered, asked) => {
    expect(matched(registered, asked)).toBe(asked);
  });

  it.each([
    ["another path", "http://localhost/cb", "http://localhost:1/cb/more"],
    ["a path in other letters", "http://localhost/cb", "http://localhost:1/CB"],
    ["a slash more", "http://localhost/cb", "http://localhost:1/cb/"],
    ["a query", "http://localhost/cb", "http://localhost:1/cb?a=b"],
    ["another query", "http://localhost/cb?a=b", "http://localhost:1/cb?a=c"],
    ["a query less", "http://localhost/cb?a=b", "http://localhost:1/cb"],
    ["a fragment", "http://localhost/cb", "http://localhost:1/cb#a"],
    ["a line more", "http://localhost/cb", "http://localhost:1/cb\n"],
    ["another loopback host", "http://localhost/cb", "http://127.0.0.1/cb"],
    ["a longer host", "http://localhost/cb", "http://localhost.evil.example/cb"],
    ["a host in other letters", "http://localhost/cb", "http://LOCALHOST:1/cb"],
    ["a user name", "http://localhost/cb", "http://localhost:1@evil.example/cb"],
    ["a user name without a password", "http://localhost/cb", "http://evil@localhost/cb"],
    ["a port that is none", "http://localhost/cb", "http://localhost:65536/cb"],
    ["a port with a zero before it", "http://localhost/cb", "http://localhost:080/cb"],
    ["an empty port", "http://localhost/cb", "http://localhost:/cb"],
    ["https", "http://localhost/cb", "https://localhost/cb"],
    ["dot segments", "http://localhost/cb", "http://localhost:1/x/../cb"],
    ["another port of https", "https://client.example/cb", "https://client.example:8443/cb"],
    ["the default port of https", "https://client.example/cb", "https://client.example:443/cb"],
    ["another port of https on loopback", "https://localhost:1/cb", "https://localhost:2/cb"],
    ["another port of a listed scheme", "cursor://localhost:1/cb", "cursor://localhost:2/cb"],
    ["something within it", "https://client.example/cb/long", "https://client.example/cb"],
    ["nothing", "https://client.example/cb", ""],
    ["a pattern", "https://client.example/cb", "https://client.example/.*"],
  ])(verifies(cited, "does not match as %s"), (_what, registered, asked) => {
    expect(matched(registered, asked)).toBeUndefined();
  });

  it(verifies(cited, "matches nothing of a client that has none"), () => {
    expect(matchedRedirectUri({ redirectUris: [] }, "")).toBeUndefined();
  });

  it(verifies(cited, "differs from a registered one by a loopback's port alone"), () => {
    const host = fc.constantFrom(
      "localhost",
      "127.0.0.1",
      "[::1]",
      "client.example",
      "localhost.x",
    );
    const uris = fc
      .tuple(
        fc.constantFrom("http", "https", "cursor"),
        host,
        fc.constantFrom("", ":1", ":65535", ":65536", ":080", ":"),
        fc.constantFrom("/", "/a", "/a/", "/a?b", "/a?b#", "", "/../a", "@evil.example/"),
      )
      .map(([scheme, name, port, rest]) => ({ scheme, name, port, rest }));
    return fc.assert(
      fc.property(uris, uris, (one, other) => {
        const [registered, asked] = [one, other].map(
          ({ scheme, name, port, rest }) => `${scheme}://${name}${port}${rest}`,
        );
        if (!registered || !asked || matched(registered, asked) === undefined) return;
        if (registered === asked) return;
        expect({ ...one, port: "" }).toEqual({ ...other, port: "" });
        expect(one.scheme).toBe("http");
        expect(one.name).toMatch(/^(localhost|127\.0\.0\.1|\[::1\])$/);
        expect(["", ":1", ":65535"]).toContain(other.port);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("where a redirect URI leads", () => {
  const cited = "gateway-clients.redirect-uri.destination";

  it(verifies(cited, "needs no warning at a web site"), () => {
    expect(redirectWarning("https://client.example:8443/cb?a")).toBeUndefined();
  });

  it.each(["http://localhost:6274/cb", "http://[::1]/cb", "https://127.0.0.1/cb"])(
    verifies(cited, "is a program on the computer, with a warning: %s"),
    (uri) => {
      expect(redirectWarning(uri)).toContain("Any program on this computer can listen there.");
    },
  );

  it(verifies(cited, "is an application that opens links, with a warning"), () => {
    expect(redirectWarning("cursor://host/cb")).toContain("Any application on this device");
  });
});
