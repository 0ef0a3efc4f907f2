import { describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import {
  codeChallenge,
  destinationOf,
  documentClient,
  issuer,
  leadsOn,
  oid,
  registeredClient,
  stateOf,
  World,
} from "./world.ts";

const demand = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

describe("a person who has signed in", () => {
  it(verifies("gateway.callback.code", "brings the client a code"), async () => {
    const world = new World();
    const answer = await world.browser().signIn();
    expect(answer.status).toBe(200);
    expect(destinationOf(answer).href).toBe(
      `https://client.example/callback?code=gwc_code1&state=state+of+the+client&iss=${encodeURIComponent(issuer)}`,
    );
    expect(answer.headers).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    });
    expect(world.grants).toEqual([
      {
        person: expect.objectContaining({ objectId: oid }),
        upstream: { accessToken: "upstream-access-token", refreshToken: "upstream-refresh" },
        client: documentClient,
        redirectUri: "https://client.example/callback",
        scopes: ["user_impersonation"],
        codeChallenge,
      },
    ]);
    expect(world.inUse).toEqual([documentClient.id]);
  });

  it(
    verifies("gateway.callback.code", "returns to the address that the client has asked for"),
    async () => {
      const world = new World();
      const loopback = { redirect_uri: "http://127.0.0.1:49152/callback", state: undefined };
      const answer = await world.browser().signIn(loopback);
      expect(destinationOf(answer).href).toMatch(
        /^http:\/\/127\.0\.0\.1:49152\/callback\?code=gwc_code1&iss=/,
      );
      const [, withQuery] = registeredClient.redirectUris;
      const editor = { client_id: registeredClient.id, redirect_uri: withQuery };
      const next = await world.browser().signIn(editor);
      expect(destinationOf(next).href).toMatch(
        /^myeditor:\/\/gateway\/callback\?flow=1&code=gwc_code2&/,
      );
    },
  );

  it(
    verifies("gateway.callback.header", "has a state that ends up in no other header"),
    async () => {
      const state = "a\r\nset-cookie: b=c\u0000\u{1f600}&code=x#";
      const answer = await new World().browser().signIn({ state });
      expect(answer.headers.refresh).toMatch(/^0; url=[\x21-\x7e]+$/);
      expect(destinationOf(answer).searchParams.getAll("code")).toEqual(["gwc_code1"]);
      expect(destinationOf(answer).searchParams.get("state")).toBe(state);
    },
  );

  it(
    verifies("gateway.callback.audit", "is written down with the client, without a token"),
    async () => {
      const world = new World();
      await world.browser().signIn();
      expect(world.audits("gateway-sign-in")).toEqual([
        {
          event: "audit.gateway-sign-in",
          level: "info",
          ...{ outcome: "success", objectId: oid, clientId: documentClient.id },
          ...{ durationMilliseconds: 0, correlationId: "invocation-1" },
        },
      ]);
      expect(JSON.stringify(world.lines)).not.toMatch(/upstream-|gwc_|entra-code|state of/);
    },
  );

  it(
    verifies("gateway.callback.connections", "sees their connections where they came for that"),
    async () => {
      const world = new World();
      const browser = world.browser();
      const begun = await world.signIns.begin({ kind: "connections" });
      if (!begun.ok) throw new Error(begun.reason.kind);
      browser.keep(begun.value.setCookie);
      const url = new URL(begun.value.url);
      expect(url.searchParams.get("prompt")).toBe("login");
      const answer = await browser.callback({
        state: url.searchParams.get("state") ?? "",
        code: "entra-code",
      });
      expect(answer.status).toBe(200);
      expect(world.connections).toEqual([
        expect.objectContaining({ purpose: { kind: "connections" } }),
      ]);
      expect(world.grants).toEqual([]);
    },
  );

  it(
    verifies("gateway.callback.connections", "is told on a page what went wrong there"),
    async () => {
      const world = new World();
      const browser = world.browser();
      const begun = await world.signIns.begin({ kind: "connections" });
      if (!begun.ok) throw new Error(begun.reason.kind);
      browser.keep(begun.value.setCookie);
      const state = new URL(begun.value.url).searchParams.get("state") ?? "";
      const answer = await browser.callback({ state, error: "access_denied" });
      expect(answer.status).toBe(400);
      expect(answer.body).toContain("Microsoft did not sign you in");
      expect(world.connections).toEqual([]);
    },
  );
});

describe("a client that has changed since", () => {
  it(
    verifies("gateway.callback.client-again", "gets nothing where it is no longer allowed"),
    async () => {
      const world = new World();
      const browser = world.browser();
      const state = await browser.consent();
      world.clientProblem = { kind: "client-not-allowed" };
      const answer = await browser.callback({ state, code: "entra-code" });
      expect(answer.status).toBe(400);
      expect(leadsOn(answer)).toBe(false);
      expect(world.grants).toEqual([]);
    },
  );

  it.each([{ code: "entra-code" }, { error: "access_denied" }])(
    verifies("gateway.callback.client-again", "gets nothing at an address it has given up: %j"),
    async (outcome) => {
      const world = new World();
      const browser = world.browser();
      const state = await browser.consent();
      world.clients.set(documentClient.id, {
        ...documentClient,
        redirectUris: ["https://client.example/elsewhere"],
      });
      const answer = await browser.callback({ state, ...outcome });
      expect(answer.status).toBe(400);
      expect(leadsOn(answer)).toBe(false);
      expect(world.grants).toEqual([]);
    },
  );
});

describe("a demand on the next sign-in", () => {
  it(
    verifies("gateway.callback.demand", "sends the person to Entra once more, with the claims"),
    async () => {
      const world = new World();
      world.demand = demand;
      const browser = world.browser();
      const state = await browser.consent();
      const again = await browser.callback({ state, code: "entra-code" });
      expect(again.status).toBe(200);
      expect(destinationOf(again).origin).toBe("https://login.example");
      expect(destinationOf(again).searchParams.get("claims")).toBe(demand);
      expect(stateOf(again)).not.toBe(state);
      expect(world.grants).toEqual([]);

      const done = await browser.callback({ state: stateOf(again), code: "second-code" });
      expect(destinationOf(done).searchParams.get("code")).toBe("gwc_code1");
      expect(destinationOf(done).searchParams.get("state")).toBe("state of the client");
      expect(world.audits("gateway-sign-in").map(({ outcome }) => outcome)).toEqual([
        "challenged",
        "success",
      ]);
    },
  );

  it(
    verifies("gateway.callback.demand", "is bound to the browser like the first sign-in"),
    async () => {
      const world = new World();
      world.demand = demand;
      const browser = world.browser();
      const again = await browser.signIn();
      const other = await world.browser().callback({ state: stateOf(again), code: "code" });
      expect(other.body).toContain("was not begun in this browser");
    },
  );
});

describe("a demand of Entra's as the code is redeemed", () => {
  const refused = { kind: "refused", code: "AADSTS50076", claims: demand } as const;

  it(
    verifies("gateway.callback.demand-at-redemption", "sends the person to Entra once more"),
    async () => {
      const world = new World();
      world.upstreamFailure = refused;
      const browser = world.browser();
      const again = await browser.signIn();
      expect(destinationOf(again).origin).toBe("https://login.example");
      expect(destinationOf(again).searchParams.get("claims")).toBe(demand);

      world.upstreamFailure = undefined;
      const done = await browser.callback({ state: stateOf(again), code: "second-code" });
      expect(destinationOf(done).searchParams.get("code")).toBe("gwc_code1");
      expect(world.grants).toEqual([expect.objectContaining({ fulfils: demand })]);
      expect(world.audits("gateway-sign-in")).toEqual([
        expect.objectContaining({
          ...{ outcome: "challenged", reason: "claims-demanded", code: "AADSTS50076" },
          clientId: documentClient.id,
        }),
        expect.objectContaining({ outcome: "success" }),
      ]);
    },
  );

  it(
    verifies("gateway.callback.demand-at-redemption", "comes to an end where that does not help"),
    async () => {
      const world = new World();
      world.upstreamFailure = refused;
      const browser = world.browser();
      const again = await browser.signIn();
      const end = await browser.callback({ state: stateOf(again), code: "second-code" });
      expect(destinationOf(end).origin).toBe("https://client.example");
      expect(destinationOf(end).searchParams.get("error")).toBe("access_denied");
      expect(world.grants).toEqual([]);
    },
  );

  it(
    verifies("gateway.callback.demand-at-redemption", "leads on to the connections too"),
    async () => {
      const world = new World();
      world.upstreamFailure = refused;
      const browser = world.browser();
      const begun = await world.signIns.begin({ kind: "connections" });
      if (!begun.ok) throw new Error(begun.reason.kind);
      browser.keep(begun.value.setCookie);
      const state = new URL(begun.value.url).searchParams.get("state") ?? "";
      const again = await browser.callback({ state, code: "code" });
      expect(destinationOf(again).searchParams.get("claims")).toBe(demand);
      expect(destinationOf(again).searchParams.get("prompt")).toBe("login");
    },
  );

  it(
    verifies("gateway.callback.unavailable", "is told as passing while no sign-in can begin"),
    async () => {
      const world = new World();
      const browser = world.browser();
      const state = await browser.consent();
      Object.defineProperty(world, "upstreamFailure", {
        get() {
          world.encryptionKeys = [];
          return refused;
        },
      });
      const answer = await browser.callback({ state, code: "code" });
      expect(answer.status).toBe(503);
      expect(leadsOn(answer)).toBe(false);
    },
  );
});

describe("a sign-in that fails", () => {
  it.each([
    ["access_denied", "access_denied"],
    ["login_required", "access_denied"],
    ["interaction_required", "access_denied"],
    ["consent_required", "access_denied"],
    ["temporarily_unavailable", "temporarily_unavailable"],
    ["server_error", "server_error"],
    ["invalid_client", "server_error"],
    ["<script>alert(1)</script>", "server_error"],
  ])(
    verifies("gateway.callback.entra-error", "at Entra with %s is %s for the client"),
    async (error, told) => {
      const world = new World();
      const error_description = "AADSTS65004: User user1@contoso.example declined.\r\nTrace ID: 1";
      const answer = await world
        .browser()
        .signIn({}, { code: undefined, error, error_description });
      expect(answer.status).toBe(200);
      expect(Object.fromEntries(destinationOf(answer).searchParams)).toEqual({
        ...{ error: told, state: "state of the client", iss: issuer },
      });
      expect(world.audits("gateway-sign-in")).toEqual([
        expect.objectContaining({ outcome: "refused", code: "AADSTS65004", got: error }),
      ]);
      expect(JSON.stringify(world.lines)).not.toContain("user1@contoso");
    },
  );

  it.each([
    [{ kind: "refused", code: "AADSTS50076" }, "access_denied"],
    [{ kind: "unavailable" }, "temporarily_unavailable"],
    [{ kind: "misconfigured", code: "AADSTS7000215" }, "server_error"],
  ] as const)(
    verifies("gateway.callback.entra-error", "as its code is redeemed: %j is %s"),
    async (failure, told) => {
      const world = new World();
      world.upstreamFailure = failure;
      const answer = await world.browser().signIn();
      expect(destinationOf(answer).searchParams.get("error")).toBe(told);
      expect(world.grants).toEqual([]);
    },
  );

  it.each([
    [{ kind: "wrong-audience", got: "other", expected: "api" }, "access_denied"],
    [{ kind: "agent-user", got: "agent" }, "access_denied"],
    [{ kind: "key-set-unavailable", retryAfterSeconds: 5 }, "temporarily_unavailable"],
  ] as const)(
    verifies("gateway.callback.verified", "as its token does not pass: %j is %s"),
    async (rejection, told) => {
      const world = new World();
      world.tokenRejection = rejection;
      const answer = await world.browser().signIn();
      expect(destinationOf(answer).searchParams.get("error")).toBe(told);
      expect(world.grants).toEqual([]);
    },
  );

  it(
    verifies("gateway.callback.unavailable", "as no grant can be made is worth trying again"),
    async () => {
      const world = new World();
      world.grantFailure = { kind: "store", reason: { kind: "unavailable", cause: "down" } };
      const answer = await world.browser().signIn();
      expect(destinationOf(answer).searchParams.get("error")).toBe("temporarily_unavailable");
      expect(world.audits("gateway-sign-in")).toEqual([
        expect.objectContaining({ outcome: "failed", reason: "store" }),
      ]);
    },
  );
});
