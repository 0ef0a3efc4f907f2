import type { Lies } from "./hostile-server.ts";

/** Moves the cursor, clears the screen, ends the line, reorders, hides. */
const evil =
  "\u001b[2J\u009b31m\u0007\r\n\u202e\u2066\u2028\u200b\u{e0041}\ud800 FAIL  everything.is  Fine";
const evilHeader = "\u009b31m\u0085\t";
/** What must stand in no report. */
export const dangerous = /[^\P{C}\n]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

const nested = (depth: number, inside = "1") => `${"[".repeat(depth)}${inside}${"]".repeat(depth)}`;
const uncallable = { toString: 1, valueOf: 2 };
const many = Array.from({ length: 50_000 }, (_, index) => `name-${index}`);

/** What a server may say to do harm to who reads it, by what it is. */
export const lies: Readonly<Record<string, (self: URL) => Lies>> = {
  "evil text in the metadata": (self) => ({
    metadata: {
      json: {
        resource: self.href,
        authorization_servers: [`${self.origin}/${evil}`],
        scopes_supported: [`api://${evil}/x`],
      },
    },
  }),
  "evil text in place of the metadata": () => ({ metadata: { text: evil.repeat(100) } }),
  "evil text in the challenge": () => ({ challenge: `Bearer scope="${evilHeader}"` }),
  "evil text in the discovery document": () => ({ discovery: { json: { issuer: evil } } }),
  "an evil reply of the authority": () => ({ discovery: { text: `AADSTS90002 ${evil}` } }),
  "an evil page in place of a sign-in": () => ({
    authorize: { text: `AADSTS9010010 "strServiceExceptionMessage":"${evil}`, type: "text/html" },
  }),
  "an evil redirect in place of a sign-in": () => ({
    authorize: (response) => {
      const parameters = new URLSearchParams({ error: evil, error_description: evil.repeat(100) });
      response.writeHead(302, { location: `https://vscode.dev/redirect?${parameters}` }).end();
    },
  }),
  "a sign-in that leads back and forth": (self) => ({
    authorize: (response) => response.writeHead(302, { location: self.href }).end(),
  }),
  "evil names of dependencies": () => ({
    readiness: { json: { dependencies: { [evil]: evil, __proto__: evil, constructor: "down" } } },
  }),
  "evil names of tools": () => ({
    results: { "tools/list": { json: { result: { tools: [{ name: evil }, null, 1] } } } },
  }),
  "evil text of a tool": () => ({
    results: {
      "tools/call": { json: { result: { isError: true, content: [{ text: evil }, null] } } },
    },
  }),
  "an evil name of the server": () => ({
    results: {
      initialize: { json: { result: { protocolVersion: uncallable, serverInfo: { name: evil } } } },
    },
  }),
  "members that String would call": (self) => ({
    metadata: {
      json: {
        resource: uncallable,
        authorization_servers: [uncallable],
        scopes_supported: [uncallable],
      },
    },
    discovery: { json: { issuer: uncallable, jwks_uri: `${self.origin}/keys` } },
    readiness: { json: { dependencies: uncallable } },
  }),
  "members that String would call, further in": (self) => ({
    metadata: {
      json: { resource: self.href, authorization_servers: many, scopes_supported: many },
    },
    results: {
      "tools/list": { json: { result: { tools: [{ name: uncallable }] } } },
      "tools/call": { json: { result: { isError: true, content: [{ text: uncallable }] } } },
    },
  }),
  "documents nested too deep to be walked": () => ({
    metadata: { text: `{"resource":${nested(200_000)}}` },
    readiness: { text: `{"dependencies":{"a":${nested(200_000)}}}` },
    keys: { text: `{"keys":${nested(200_000)}}` },
  }),
  "a result nested too deep to be walked": () => ({
    results: {
      "tools/list": {
        text: `{"result":{"tools":[{"name":${nested(200_000)}}]}}`,
        type: "application/json",
      },
    },
  }),
  "numbers beyond all bounds": () => ({
    metadata: {
      text: '{"resource":1e999,"authorization_servers":[-1e999],"scopes_supported":[1]}',
    },
    readiness: { text: '{"dependencies":1e999}' },
  }),
  "a thousand times a thousand dependencies": () => ({
    readiness: { json: { dependencies: Object.fromEntries(many.map((name) => [name, "down"])) } },
  }),
  "dependencies that are a long text": () => ({
    readiness: { json: { dependencies: "x".repeat(900_000) } },
  }),
  "keys that are none": () => ({
    keys: {
      json: {
        keys: [
          null,
          1,
          { kty: "RSA", kid: "first", n: "AQAB".repeat(10_000), e: "AQAB" },
          { kty: "RSA", kid: evil, n: "!".repeat(1_000), e: uncallable },
        ],
      },
    },
  }),
  "scopes without an end": (self) => ({
    metadata: {
      json: { resource: self.href, authorization_servers: [self.origin], scopes_supported: many },
    },
  }),
  "an issuer that is no URL": (self) => ({
    metadata: {
      json: {
        resource: self.href,
        authorization_servers: [`${self.origin}/${evil}`, evil],
        scopes_supported: [evil],
      },
    },
    discovery: { text: evil },
  }),
  "keys of algorithms that there are not": () => ({
    keys: { json: { keys: [{ kty: "RSA", alg: "RS999", kid: uncallable }] } },
  }),
  "keys of an algorithm that every object has": () => ({
    keys: { json: { keys: [{ kty: "EC", alg: "constructor", kid: "x".repeat(500_000) }] } },
  }),
};

/** Ways to repeat a token, whole or a piece of it. */
export const repetitions: readonly (readonly [how: string, repeat: (token: string) => string])[] = [
  ["behind a name", (token) => `error_description=${token}`],
  ["within a word", (token) => `x${token}x`],
  ["cut off, within a word", (token) => `x${token.slice(0, 60)}x`],
  ["its end alone", (token) => `sig=${token.slice(-40)}`],
  ["behind an escape", (token) => `\n${token}`],
];
