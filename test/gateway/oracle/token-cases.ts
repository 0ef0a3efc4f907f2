import { type Fields, PublicClient, post, type ServerUnderTest } from "../public-client.ts";
import type { Cases } from "./authorization-cases.ts";

/** Redeems a good code with changes. */
const redeeming =
  (changes: Fields, init: RequestInit = {}) =>
  async (server: ServerUnderTest) => {
    const client = await PublicClient.register(server);
    const code = await client.code();
    return client.redeem(code, changes, init);
  };

/** Redeems it as it should be after that, to see whether the code is spent. */
const redeemingAfter = (changes: Fields) => async (server: ServerUnderTest) => {
  const client = await PublicClient.register(server);
  const code = await client.code();
  await client.redeem(code, changes);
  return client.redeem(code);
};

const refreshing =
  (changes: Fields, init: RequestInit = {}) =>
  async (server: ServerUnderTest) => {
    const client = await PublicClient.register(server);
    const { refresh_token } = await client.tokens();
    return client.refresh(refresh_token, changes, init);
  };

const basic = { headers: { authorization: `Basic ${btoa("client:secret")}` } };
const foreign = "https://elsewhere.example/mcp";

/** At the token endpoint, with a code. */
export const codeCases: Cases = {
  "a code as it should be": redeeming({}),
  "a code without a resource": redeeming({ resource: undefined }),
  "a code for another resource": redeeming({ resource: foreign }),
  "a code after another resource": redeemingAfter({ resource: foreign }),
  "a code that asks for more scope": redeeming({ scope: "everything" }),
  "no code": redeeming({ code: undefined }),
  "an invented code": redeeming({ code: "invented" }),
  "a code with a letter more": async (server) => {
    const client = await PublicClient.register(server);
    return client.redeem(`${await client.code()}x`);
  },
  "no redirect URI with the code": redeeming({ redirect_uri: undefined }),
  "another redirect URI with the code": redeeming({ redirect_uri: "https://a.example/" }),
  "a code after another redirect URI": redeemingAfter({ redirect_uri: "https://a.example/" }),
  "no verifier": redeeming({ code_verifier: undefined }),
  "a wrong verifier": redeeming({ code_verifier: "a".repeat(43) }),
  "a verifier that is too short": redeeming({ code_verifier: "short" }),
  "a code after a wrong verifier": redeemingAfter({ code_verifier: "a".repeat(43) }),
  "a code after no verifier": redeemingAfter({ code_verifier: undefined }),
  "no client with the code": redeeming({ client_id: undefined }),
  "an unknown client with the code": redeeming({ client_id: "nobody" }),
  "another client with the code": async (server) => {
    const other = await PublicClient.register(server);
    const client = await PublicClient.register(server);
    return client.redeem(await client.code(), { client_id: other.id });
  },
  "a code after another client": async (server) => {
    const other = await PublicClient.register(server);
    const client = await PublicClient.register(server);
    const code = await client.code();
    await client.redeem(code, { client_id: other.id });
    return client.redeem(code);
  },
  "a code a second time": redeemingAfter({}),
  "a refresh token after its code came twice": async (server) => {
    const client = await PublicClient.register(server);
    const code = await client.code();
    const { refresh_token } = JSON.parse(await (await client.redeem(code)).text());
    await client.redeem(code);
    return client.refresh(refresh_token);
  },
  "a code after 61 seconds": async (server) => {
    const client = await PublicClient.register(server);
    const code = await client.code();
    server.wait(61);
    return client.redeem(code);
  },
  "a refresh token as a code": async (server) => {
    const client = await PublicClient.register(server);
    return client.redeem((await client.tokens()).refresh_token);
  },
};

/** At the token endpoint, whatever it is for. */
export const tokenCases: Cases = {
  "no grant_type": redeeming({ grant_type: undefined }),
  "an unknown grant_type": redeeming({ grant_type: "wish" }),
  "grant_type=password": redeeming({ grant_type: "password", username: "a", password: "b" }),
  "grant_type=client_credentials": redeeming({ grant_type: "client_credentials" }),
  "a token by GET": async (server) => {
    const client = await PublicClient.register(server);
    const query = new URLSearchParams({ grant_type: "authorization_code", client_id: client.id });
    return server.fetch(`${server.endpoints.token}?${query}`);
  },
  "parameters in the query": async (server) => {
    const client = await PublicClient.register(server);
    const query = new URLSearchParams({ grant_type: "authorization_code", client_id: client.id });
    return server.fetch(`${server.endpoints.token}?${query}`, { method: "POST" });
  },
  "parameters as JSON": redeeming({}, { headers: { "content-type": "application/json" } }),
  "parameters as a multipart form": redeeming(
    {},
    { headers: { "content-type": "multipart/form-data; boundary=x" } },
  ),
  "parameters without a type": redeeming({}, { headers: { "content-type": "" } }),
  "an empty body": (server) => post(server, "token", ""),
  "a body of 100 KiB": (server) => post(server, "token", `more=${"a".repeat(100 * 1024)}`),
  "malformed percent-encoding in a form": async (server) => {
    const client = await PublicClient.register(server);
    return post(server, "token", `client_id=${client.id}&grant_type=%ZZ`);
  },
  "grant_type twice": async (server) => {
    const client = await PublicClient.register(server);
    const twice = "grant_type=refresh_token&grant_type=authorization_code";
    return post(server, "token", `client_id=${client.id}&${twice}&code=a`);
  },
  "client_id twice in a form": async (server) => {
    const client = await PublicClient.register(server);
    const form = `client_id=${client.id}&client_id=nobody&grant_type=refresh_token`;
    return post(server, "token", `${form}&refresh_token=a`);
  },
  "an unknown parameter twice in a form": async (server) => {
    const client = await PublicClient.register(server);
    const { refresh_token } = await client.tokens();
    const form = `client_id=${client.id}&grant_type=refresh_token&refresh_token=${refresh_token}`;
    return post(server, "token", `${form}&utm=1&utm=2`);
  },
  "a secret of a public client": redeeming({ client_secret: "secret" }),
  "a secret of a public client by Basic": redeeming({ client_id: undefined }, basic),
  "an assertion of a public client": redeeming({
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: "a.b.c",
  }),
};

/** At the token endpoint, with a refresh token. */
export const refreshCases: Cases = {
  "a refresh token as it should be": refreshing({}),
  "a refresh that names the scope": refreshing({ scope: "user_impersonation" }),
  "a refresh for more scope": refreshing({ scope: "user_impersonation everything" }),
  "a refresh for another scope": refreshing({ scope: "everything" }),
  "a refresh for another resource": refreshing({ resource: foreign }),
  "no refresh token": refreshing({ refresh_token: undefined }),
  "an invented refresh token": refreshing({ refresh_token: "invented" }),
  "an access token as a refresh token": async (server) => {
    const client = await PublicClient.register(server);
    return client.refresh((await client.tokens()).access_token);
  },
  "a refresh token of another client": async (server) => {
    const other = await PublicClient.register(server);
    const client = await PublicClient.register(server);
    return client.refresh((await client.tokens()).refresh_token, { client_id: other.id });
  },
  "a refresh token after another client": async (server) => {
    const other = await PublicClient.register(server);
    const client = await PublicClient.register(server);
    const { refresh_token } = await client.tokens();
    await client.refresh(refresh_token, { client_id: other.id });
    return client.refresh(refresh_token);
  },
  "whether a refresh token is replaced": async (server) => {
    const client = await PublicClient.register(server);
    const { refresh_token } = await client.tokens();
    const answer = JSON.parse(await (await client.refresh(refresh_token)).text());
    return answer.refresh_token === refresh_token ? "kept" : "replaced";
  },
  "a refresh token a second time, at once": async (server) => {
    const client = await PublicClient.register(server);
    const { refresh_token } = await client.tokens();
    await client.refresh(refresh_token);
    return client.refresh(refresh_token);
  },
  "a refresh token a second time, after two minutes": async (server) => {
    const client = await PublicClient.register(server);
    const { refresh_token } = await client.tokens();
    await client.refresh(refresh_token);
    server.wait(120);
    return client.refresh(refresh_token);
  },
  "a refresh token a second time, once its successor was used": async (server) => {
    const client = await PublicClient.register(server);
    const { refresh_token } = await client.tokens();
    const next = JSON.parse(await (await client.refresh(refresh_token)).text());
    await client.refresh(next.refresh_token);
    return client.refresh(refresh_token);
  },
  "the newest refresh token, once an old one came again": async (server) => {
    const client = await PublicClient.register(server);
    const { refresh_token } = await client.tokens();
    const next = JSON.parse(await (await client.refresh(refresh_token)).text());
    server.wait(120);
    await client.refresh(refresh_token);
    return client.refresh(next.refresh_token);
  },
  "a refresh token after 15 days without use": async (server) => {
    const client = await PublicClient.register(server);
    const { refresh_token } = await client.tokens();
    server.wait(15 * 86_400);
    return client.refresh(refresh_token);
  },
};
