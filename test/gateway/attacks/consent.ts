import { expect } from "vitest";
import { issuer } from "../composed-gateway.ts";
import type { Attack, Guard } from "./attack.ts";
import { Browser, fieldsOf } from "./browser.ts";
import { Client, register } from "./client.ts";

const skipped = "gateway-attacks.consent-skipped";
const forged = "gateway-attacks.consent-forged";
const request = "src/gateway/authorize/authorization-request.ts";
const authorize = "src/gateway/authorize/authorize.ts";
const form = "src/gateway/authorize/consent-form.ts";

/** What the form is bound to, where it is made and where it comes back. */
const boundTo = (shown: string, browser: string, other: string): readonly Guard[] => [
  { file: form, code: "const values = { request: shownOf(request), browser };", without: shown },
  {
    file: form,
    code: "const values = { request: shownOf(request), browser: browserOf(cookies) };",
    without: other.replace("browser", browser),
  },
];

export const consentAttacks: readonly Attack[] = [
  {
    threat: skipped,
    name: "a link that rides on the person's session at Entra",
    source: "jlowin/fastmcp#3960; GHSA-c2jp-c369-7pvx; arXiv 2605.22333",
    guard: {
      file: authorize,
      code: "const form = await openForm(judged.value, request.cookies, options);",
      without:
        'const silent = await beginSignIn(judged.value, request, options);\n  if (silent.ok) return goingOnPage(silent.value.url, "", silent.value.setCookie);\n  const form = await openForm(judged.value, request.cookies, options);',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const browser = new Browser(gateway);
      await client.signIn(browser);
      // Once more, in a browser that has consented, and is signed in at Entra.
      const page = await browser.open(client.authorizeUrl());
      expect(page.next).toBeUndefined();
      expect(page.text).toContain('value="allow"');
    },
  },
  {
    threat: skipped,
    name: "a request that nobody be asked",
    source: "OpenID Connect Core 1.0 section 3.1.2.1",
    guard: {
      file: request,
      code: 'holds: (value = "") => !value.split(" ").includes("none"),',
      without: "holds: () => true,",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      for (const prompt of ["none", "login none"]) {
        const page = await new Browser(gateway).open(client.authorizeUrl({ prompt }));
        expect([page.status, page.next]).toEqual([400, undefined]);
      }
    },
  },
  {
    threat: skipped,
    name: "a form that says neither yes nor no",
    source: "RFC 9700 section 2.1",
    guard: {
      file: authorize,
      code: 'if (parameter("decision") !== "allow") {',
      without: 'if (parameter("decision") === "deny") {',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const browser = new Browser(gateway);
      const page = await browser.open(client.authorizeUrl());
      for (const decision of ["", "yes", "Allow"]) {
        const { next } = await browser.send(page, { decision });
        expect(next?.searchParams.get("error")).toBe("access_denied");
      }
    },
  },
  {
    threat: skipped,
    name: "consent to one client, sent for another",
    source:
      "CVE-2025-4143; https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices",
    guard: boundTo(
      'const values = { request: "any", browser };',
      "browser",
      'const values = { request: "any", browser: browserOf(cookies) };',
    ),
    async run(gateway) {
      const known = await Client.registered(gateway);
      const evil = await Client.registered(gateway, "https://evil.example/callback");
      const browser = new Browser(gateway);
      const page = await browser.open(known.authorizeUrl());
      const tampered = { client_id: evil.id, redirect_uri: evil.redirectUri };
      const sent = await browser.send(page, { ...tampered, decision: "allow" });
      expect([sent.status, sent.next]).toEqual([400, undefined]);
      const challenge = { code_challenge: "a".repeat(43), decision: "allow" };
      expect((await browser.send(page, challenge)).next).toBeUndefined();
      expect((await browser.send(page, { decision: "allow" })).next).toBeDefined();
    },
  },
  {
    threat: skipped,
    name: "a request object that counts in place of what was judged",
    source: "RFC 9101 section 10.8",
    guard: [
      {
        file: request,
        code: 'parameter: "request",\n      holds: isAbsent,',
        without: 'parameter: "request",\n      holds: () => true,',
      },
      {
        file: request,
        code: 'parameter: "request_uri",\n      holds: isAbsent,',
        without: 'parameter: "request_uri",\n      holds: () => true,',
      },
    ],
    async run(gateway) {
      const client = await Client.registered(gateway);
      const object = { request: "eyJhbGciOiJub25lIn0.e30.", request_uri: undefined };
      const uri = { request_uri: "http://169.254.169.254/metadata" };
      for (const changes of [object, uri]) {
        const page = await new Browser(gateway).open(client.authorizeUrl(changes));
        expect(page.status).toBe(400);
      }
    },
  },
  {
    threat: forged,
    name: "a foreign page that sends the form itself",
    source: "RFC 6819 section 4.4.1.8",
    guard: {
      file: form,
      code: "return opened.ok ? success(undefined) : failure(problemOf(opened.reason));",
      without: "return success(undefined);",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const person = new Browser(gateway);
      await person.open(client.authorizeUrl());
      const fields = Object.fromEntries(client.authorizeUrl().searchParams);
      const sent = await person.postFromElsewhere(`${issuer}/authorize`, {
        ...fields,
        decision: "allow",
      });
      expect([sent.status, sent.next]).toEqual([400, undefined]);
    },
  },
  {
    threat: forged,
    name: "a form that the attacker was shown, sent in the person's browser",
    source: "RFC 9700 section 4.7.1",
    guard: boundTo(
      'const values = { request: shownOf(request), browser: "any" };',
      "browser",
      'const values = { request: shownOf(request), browser: "any" };',
    ),
    async run(gateway) {
      const client = await Client.registered(gateway);
      const person = new Browser(gateway);
      await person.open(client.authorizeUrl());
      const shown = await new Browser(gateway).open(client.authorizeUrl());
      // From a neighbouring host, with whose forms cookies go.
      const stolen = { ...fieldsOf(shown), decision: "allow" };
      expect((await person.post(`${issuer}/authorize`, stolen)).next).toBeUndefined();
      expect((await person.postFromElsewhere(`${issuer}/authorize`, stolen)).next).toBeUndefined();
    },
  },
  {
    threat: forged,
    name: "a form that lay around for an hour",
    source: "docs/gateway.md, Tokens and lifetimes",
    guard: {
      file: form,
      code: "now() + consentMilliseconds);",
      without: "now() + 10 * consentMilliseconds);",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const browser = new Browser(gateway);
      const page = await browser.open(client.authorizeUrl());
      gateway.clock.advance(60 * 60_000);
      expect((await browser.send(page, { decision: "allow" })).next).toBeUndefined();
    },
  },
  {
    threat: forged,
    name: "a form of a neighbouring host, which has got a cookie of its own past the browser",
    source: "https://www.w3.org/TR/fetch-metadata/",
    guard: {
      file: "src/gateway/http/gates.ts",
      code: 'if (method !== "POST" || got === "same-origin" || got === "none") return undefined;',
      without: 'if (method !== "") return undefined;',
    },
    async run(gateway) {
      const evil = await Client.registered(gateway, "https://evil.example/callback");
      const attacker = new Browser(gateway);
      const shown = fieldsOf(await attacker.open(evil.authorizeUrl()));
      const person = new Browser(gateway);
      for (const cookie of attacker.cookies) person.cookies.set(...cookie);
      const consent = { ...shown, decision: "allow" };
      const sent = await person.postFromNeighbour(`${issuer}/authorize`, consent);
      expect([sent.status, sent.next]).toEqual([403, undefined]);
    },
  },
  {
    threat: forged,
    name: "the page in a frame, under a page that asks for a click",
    source: "RFC 9700 section 4.16",
    guard: [
      {
        file: "src/gateway/pages/page.ts",
        code: "\"frame-ancestors 'none'\",",
        without: "",
      },
      { file: "src/gateway/pages/page.ts", code: '"x-frame-options": "DENY",', without: "" },
    ],
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { headers } = await new Browser(gateway).open(client.authorizeUrl());
      const isKeptOut =
        headers.get("x-frame-options") === "DENY" ||
        headers.get("content-security-policy")?.includes("frame-ancestors 'none'");
      expect(isKeptOut).toBe(true);
    },
  },
  {
    threat: "gateway-attacks.markup",
    name: "a client whose name is markup",
    source: "jlowin/fastmcp#3418",
    guard: {
      file: "src/core/html.ts",
      code: "return Html.isHtml(value) ? String(value) : escapeHtml(String(value));",
      without: "return String(value);",
    },
    async run(gateway) {
      const markup = "<img src=x onerror=alert(1)>";
      const client = await Client.registered(gateway, undefined, markup);
      const page = await new Browser(gateway).open(client.authorizeUrl());
      expect(page.status).toBe(200);
      expect(page.text).not.toContain("<img");
      // Nor does a page of errors say what a link says.
      const link = await new Browser(gateway).open(
        `${client.authorizeUrl()}&<b>x</b>=1&<b>x</b>=2`,
      );
      expect(link.status).toBe(400);
      expect(link.text).not.toContain("<b>x");
    },
  },
  {
    threat: "gateway-attacks.markup",
    name: "a state that ends the attribute it stands in",
    source: "RFC 6819 section 4.4.1.9",
    guard: { file: "src/core/html.ts", code: '\'"\': "&quot;",', without: "" },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const state = 'x" autofocus onfocus="alert(1)';
      const browser = new Browser(gateway);
      const page = await browser.open(client.authorizeUrl({ state }));
      expect(page.text).not.toContain('" autofocus');
      expect(fieldsOf(page).state).toBe(state);
    },
  },
  {
    threat: "gateway-attacks.markup",
    name: "markup that gets through, and wants to run or load something",
    source: "https://www.w3.org/TR/CSP3/",
    guard: {
      file: "src/gateway/pages/page.ts",
      code: "\"default-src 'none'\",",
      without: "",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      for (const url of [client.authorizeUrl(), `${issuer}/authorize`, `${issuer}/callback`]) {
        const { headers } = await new Browser(gateway).open(url);
        const policy = headers.get("content-security-policy")?.split("; ");
        expect(policy).toContain("default-src 'none'");
        expect(policy?.join()).not.toMatch(/script-src|unsafe/);
      }
    },
  },
  {
    threat: "gateway-attacks.markup",
    name: "a name that turns the direction of what follows",
    source: "Unicode Technical Report 36 section 2.5",
    guard: {
      file: "src/gateway/clients/registration.ts",
      code: "const name = printableName(client_name) ||",
      without: "const name = client_name ||",
    },
    async run(gateway) {
      const client_name = "Con\u200btoso \u202e\u2066tnega";
      const { body } = await register(gateway, { client_name });
      expect(body.client_name).toBe("Contoso tnega");
    },
  },
];
