import { type Fields, PublicClient, redirectUri, type ServerUnderTest } from "../public-client.ts";
import type { Outcome } from "./observation.ts";

/** What somebody does to an authorization server, by what they do. */
export type Cases = Readonly<Record<string, (server: ServerUnderTest) => Promise<Outcome>>>;

const asking =
  (changes: Fields, more = "", init: RequestInit = {}) =>
  async (server: ServerUnderTest) =>
    (await PublicClient.register(server)).authorize(changes, more, init);

/** At the authorization endpoint. */
export const authorizeCases: Cases = {
  "a request as it should be": asking({}),
  "no scope and no resource": asking({ scope: undefined, resource: undefined }),
  "no state": asking({ state: undefined }),
  "no client_id": asking({ client_id: undefined }),
  "an empty client_id": asking({ client_id: "" }),
  "an unknown client": asking({ client_id: "nobody" }),
  "a client_id of markup": asking({ client_id: "<script>alert(1)</script>" }),
  "no redirect URI": asking({ redirect_uri: undefined }),
  "somebody else's redirect URI": asking({ redirect_uri: "https://attacker.example/callback" }),
  "the redirect URI with a query": asking({ redirect_uri: `${redirectUri}?next=elsewhere` }),
  "the redirect URI with a slash": asking({ redirect_uri: `${redirectUri}/` }),
  "the redirect URI with dot segments": asking({ redirect_uri: `${redirectUri}/../callback` }),
  "the redirect URI in other letters": asking({ redirect_uri: redirectUri.toUpperCase() }),
  "the redirect URI with a user": asking({
    redirect_uri: redirectUri.replace("//", "//client.example@"),
  }),
  "no response_type": asking({ response_type: undefined }),
  "response_type=token": asking({ response_type: "token" }),
  "response_type=code id_token": asking({ response_type: "code id_token" }),
  "response_mode=query": asking({ response_mode: "query" }),
  "response_mode=fragment": asking({ response_mode: "fragment" }),
  "response_mode=form_post": asking({ response_mode: "form_post" }),
  "an unknown response_mode": asking({ response_mode: "pigeon" }),
  "no PKCE": asking({ code_challenge: undefined, code_challenge_method: undefined }),
  "a challenge without its method": asking({ code_challenge_method: undefined }),
  "a method without a challenge": asking({ code_challenge: undefined }),
  "PKCE with plain": asking({ code_challenge_method: "plain" }),
  "PKCE with an unknown method": asking({ code_challenge_method: "S512" }),
  "a short challenge": asking({ code_challenge: "short" }),
  "a challenge of 44 characters": asking({ code_challenge: "a".repeat(44) }),
  "an unknown scope alone": asking({ scope: "everything" }),
  "an unknown scope beside the known one": asking({ scope: "user_impersonation everything" }),
  "offline_access beside the scope": asking({ scope: "user_impersonation offline_access" }),
  "offline_access alone": asking({ scope: "offline_access" }),
  "another resource": asking({ resource: "https://elsewhere.example/mcp" }),
  "the resource with a slash": async (server) =>
    (await PublicClient.register(server)).authorize({ resource: `${server.resource}/` }),
  "the resource with a fragment": async (server) =>
    (await PublicClient.register(server)).authorize({ resource: `${server.resource}#part` }),
  "a resource that is no URL": asking({ resource: "the server" }),
  "a second resource": asking({}, "&resource=https%3A%2F%2Felsewhere.example%2Fmcp"),
  "state twice": asking({}, "&state=another"),
  "the redirect URI twice": asking({}, "&redirect_uri=https%3A%2F%2Fattacker.example%2Fcallback"),
  "client_id twice": asking({}, "&client_id=nobody"),
  "the challenge twice": asking({}, `&code_challenge=${"a".repeat(43)}`),
  "an unknown parameter twice": asking({}, "&utm=1&utm=2"),
  "a request object": asking({ request: "e30.e30." }),
  "a request object by reference": asking({ request_uri: "https://client.example/request" }),
  "a registration within the request": asking({ registration: "{}" }),
  "prompt=none": asking({ prompt: "none" }),
  "prompt=none login": asking({ prompt: "none login" }),
  "prompt=consent": asking({ prompt: "consent" }),
  "prompt=login": asking({ prompt: "login" }),
  "an unknown prompt": asking({ prompt: "please" }),
  "claims that are no JSON": asking({ claims: "{" }),
  "an id_token_hint that is none": asking({ id_token_hint: "a.b.c" }),
  "max_age that is no number": asking({ max_age: "soon" }),
  "a line break in state": asking({ state: "a\r\nset-cookie: a=b" }),
  "a state of 3,000 characters": asking({ state: "a".repeat(3000) }),
  "malformed percent-encoding": asking({}, "&more=%ZZ"),
  "a request by PUT": asking({}, "", { method: "PUT" }),
  "a person who lets the client in": async (server) =>
    (await PublicClient.register(server)).comeBack(),
  "a person who does not": async (server) => {
    const client = await PublicClient.register(server);
    server.denies = true;
    try {
      return await client.comeBack();
    } finally {
      server.denies = false;
    }
  },
  "a loopback redirect URI with another port": async (server) => {
    const client = await native(server, "http://127.0.0.1/callback");
    return client.authorize({ redirect_uri: "http://127.0.0.1:49152/callback" });
  },
  "a loopback redirect URI with another path": async (server) => {
    const client = await native(server, "http://127.0.0.1/callback");
    return client.authorize({ redirect_uri: "http://127.0.0.1:49152/elsewhere" });
  },
  "localhost in place of 127.0.0.1": async (server) => {
    const client = await native(server, "http://127.0.0.1/callback");
    return client.authorize({ redirect_uri: "http://localhost:49152/callback" });
  },
};

function native(server: ServerUnderTest, uri: string): Promise<PublicClient> {
  return PublicClient.register(server, { redirect_uris: [uri], application_type: "native" });
}
