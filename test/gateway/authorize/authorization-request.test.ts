import { describe, expect, it } from "vitest";
import { failure, success } from "../../../src/core/result.ts";
import { verifies } from "../../requirements.ts";
import {
  documentClient,
  formOf,
  leadsOn,
  parameters,
  registeredClient,
  resource,
  World,
} from "./world.ts";

/** A request that is refused before a person is asked: a page of ours, which leads nowhere. */
async function expectRefused(
  changes: Readonly<Record<string, string | undefined>>,
  words: string | RegExp,
) {
  const world = new World();
  const answer = await world.browser().authorize(changes);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatch(words);
  expect(answer.body).not.toMatch(/<form|<a /);
  expect(leadsOn(answer)).toBe(false);
  expect(answer.headers).not.toHaveProperty("set-cookie");
  expect(world.lines.map(({ event }) => event)).toEqual(["gateway.request-refused"]);
}

describe("client and redirect URI", () => {
  it.each([
    [{ client_id: undefined }, /invalid_request: client_id is missing/],
    [{ client_id: "nobody" }, /does not know the application/],
    [{ redirect_uri: undefined }, /redirect_uri is missing/],
    [{ redirect_uri: "https://evil.example/callback" }, /must be one of the client&#39;s/],
    [{ redirect_uri: "https://client.example/callback/" }, /must be one of the client&#39;s/],
    [{ redirect_uri: "https://client.example/callback?x=1" }, /must be one of the client&#39;s/],
    [{ redirect_uri: "https://client.example/callback#x" }, /must be one of the client&#39;s/],
    [{ redirect_uri: "https://client.example/a/../callback" }, /must be one of the client&#39;s/],
    [{ redirect_uri: "http://127.0.0.1:5/other" }, /must be one of the client&#39;s/],
    [{ redirect_uri: "http://localhost/callback" }, /must be one of the client&#39;s/],
  ])(verifies("gateway.authorize.client-first", "leads nowhere with %j"), (changes, words) =>
    expectRefused(changes, words),
  );

  it(
    verifies("gateway.authorize.client-first", "comes before whatever else is wrong"),
    async () => {
      const evil = {
        redirect_uri: "https://evil.example/",
        response_type: "token",
        prompt: "none",
      };
      await expectRefused(evil, /invalid_request: redirect_uri/);
    },
  );

  it(verifies("gateway.authorize.client-first", "shows nothing of a hostile request"), async () => {
    const hostile = "<script>alert(1)</script>";
    const answer = await new World().browser().authorize({ client_id: hostile });
    expect(answer.body).not.toContain("<script");
  });

  it(verifies("gateway.authorize.loopback-port", "lets a loopback's port vary"), async () => {
    const redirect_uri = "http://127.0.0.1:49152/callback";
    const answer = await new World().browser().authorize({ redirect_uri });
    expect(answer.status).toBe(200);
    expect(formOf(answer)).toMatchObject({ redirect_uri });
  });

  it.each([
    [{ kind: "client-not-allowed" }, 400, /have not allowed the application/],
    [
      { kind: "client-document", problem: { kind: "other-client-id" } },
      400,
      /client_id must be its URL, character for character/,
    ],
    [{ kind: "client-document", problem: { kind: "busy" } }, 503, /Try again in a minute/],
    [{ kind: "store", reason: { kind: "unavailable", cause: "ECONNREFUSED" } }, 503, /in a minute/],
  ] as const)(
    verifies("gateway.authorize.client-problems", "says what is wrong with %j"),
    async (problem, status, words) => {
      const world = new World();
      world.clientProblem = problem;
      const answer = await world.browser().authorize();
      expect(answer.status).toBe(status);
      expect(answer.body).toMatch(words);
      expect(answer.body).not.toContain("ECONNREFUSED");
      expect("retry-after" in answer.headers).toBe(status === 503);
    },
  );
});

describe("the parameters", () => {
  it.each([
    [{ response_type: undefined }, /invalid_request: response_type is missing/],
    [{ response_type: "token" }, /unsupported_response_type: response_type must be code/],
    [{ response_type: "code id_token" }, /unsupported_response_type/],
    [{ response_mode: "fragment" }, /response_mode must be query/],
    [{ response_mode: "form_post" }, /response_mode must be query/],
    [{ request: "eyJhbGciOiJub25lIn0.e30." }, /request_not_supported/],
    [{ request_uri: "https://client.example/request" }, /request_uri_not_supported/],
    [{ registration: "{}" }, /registration_not_supported/],
    [{ prompt: "none" }, /consent_required: prompt must not be none/],
    [{ prompt: "login none" }, /consent_required/],
    [{ state: "s".repeat(2049) }, /state must not be longer than 2048/],
  ])(verifies("gateway.authorize.parameters", "refuses %j"), (changes, words) =>
    expectRefused(changes, words),
  );

  it.each([
    [{ code_challenge: undefined }, /code_challenge must be a SHA-256 digest/],
    [{ code_challenge: "a".repeat(42) }, /code_challenge must be/],
    [{ code_challenge: "a".repeat(128) }, /code_challenge must be/],
    [{ code_challenge: `${"a".repeat(42)}=` }, /code_challenge must be/],
    [{ code_challenge_method: undefined }, /code_challenge_method must be S256/],
    [{ code_challenge_method: "plain" }, /code_challenge_method must be S256/],
    [{ code_challenge_method: "s256" }, /code_challenge_method must be S256/],
  ])(verifies("gateway.authorize.pkce", "refuses %j"), (changes, words) =>
    expectRefused(changes, words),
  );

  it.each([
    "https://mcp.example/mcp",
    `${resource}/`,
    "https://mcp.example/gateway",
    resource.toUpperCase(),
    `${resource}#`,
  ])(verifies("gateway.authorize.resource", "has no token for %s"), (asked) =>
    expectRefused({ resource: asked }, /invalid_target: resource must be/),
  );

  it.each([undefined, resource])(
    verifies("gateway.authorize.resource", "asks the person for resource %s"),
    async (asked) => {
      const answer = await new World().browser().authorize({ resource: asked });
      expect(answer.status).toBe(200);
    },
  );

  it.each([
    undefined,
    "user_impersonation",
    "openid profile email offline_access",
    "offline_access user_impersonation Unknown.Scope",
  ])(
    verifies("gateway.authorize.scope", "grants its own scope where %s is asked for"),
    async (scope) => {
      const answer = await new World().browser().authorize({ scope });
      expect(formOf(answer).scope).toBe("user_impersonation");
    },
  );

  it.each(["admin", "openid api://mcp/user_impersonation", "User_Impersonation"])(
    verifies("gateway.authorize.scope", "refuses %s alone"),
    (scope) => expectRefused({ scope }, /invalid_scope: scope must contain user_impersonation/),
  );

  it(verifies("gateway.authorize.parameters", "ignores those it does not know"), async () => {
    const unknown = { nonce: "n", login_hint: "a@b.example", prompt: "consent", display: "popup" };
    const answer = await new World().browser().authorize(unknown);
    expect(answer.status).toBe(200);
    expect(Object.keys(formOf(answer))).not.toContain("nonce");
  });

  it(verifies("gateway.authorize.repeated", "refuses one that is there twice"), async () => {
    const world = new World();
    const repeated = failure({ kind: "repeated", name: "redirect_uri" } as const);
    const answer = await world.browser().get(repeated);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("redirect_uri must not be sent more than once");
    const posted = await world.browser().post(repeated);
    expect(posted.status).toBe(400);
    expect(posted.body).toContain("redirect_uri must not be sent more than once");
  });

  it(verifies("gateway.authorize.repeated", "refuses a form that cannot be read"), async () => {
    const browser = new World().browser();
    expect((await browser.post(undefined)).status).toBe(400);
    expect((await browser.post(failure({ kind: "malformed" }))).status).toBe(400);
    expect((await browser.get(success(new Map()))).status).toBe(400);
  });

  it(
    verifies("gateway.authorize.repeated", "takes no parameter of a POST from its query"),
    async () => {
      const browser = new World().browser();
      const form = formOf(await browser.authorize());
      const { client_id, ...rest } = form;
      const answer = await browser.post(parameters({ ...rest, decision: "allow" }), { client_id });
      expect(answer.body).toContain("client_id is missing");
    },
  );
});

describe("what is asked for", () => {
  it(verifies("gateway.authorize.client-first", "is that of the client that asks"), async () => {
    const foreign = {
      client_id: registeredClient.id,
      redirect_uri: documentClient.redirectUris[0],
    };
    await expectRefused(foreign, /must be one of the client&#39;s/);
  });
});
