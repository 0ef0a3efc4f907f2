import { postJson, redirectUri, register, type ServerUnderTest } from "../public-client.ts";
import type { Cases } from "./authorization-cases.ts";

const registering = (metadata: Readonly<Record<string, unknown>>) => (server: ServerUnderTest) =>
  register(server, metadata);

/** At the registration endpoint. */
export const registrationCases: Cases = {
  "a registration as it should be": registering({}),
  "what a client is told that it is": async (server) => {
    const answer = JSON.parse(await (await register(server, {})).text());
    const { token_endpoint_auth_method, grant_types, response_types, client_secret } = answer;
    const secret = client_secret === undefined ? "no secret" : "a secret";
    return [token_endpoint_auth_method, grant_types, response_types, secret].flat().join(" ");
  },
  "no redirect URIs": registering({ redirect_uris: undefined }),
  "an empty list of redirect URIs": registering({ redirect_uris: [] }),
  "redirect URIs that are no list": registering({ redirect_uris: redirectUri }),
  "a redirect URI that is no URI": registering({ redirect_uris: ["callback"] }),
  "a redirect URI with a fragment": registering({ redirect_uris: [`${redirectUri}#part`] }),
  "a redirect URI with javascript:": registering({ redirect_uris: ["javascript:alert(1)"] }),
  "a redirect URI with data:": registering({ redirect_uris: ["data:text/html,hello"] }),
  "a redirect URI over http": registering({ redirect_uris: ["http://client.example/callback"] }),
  "a redirect URI with dot segments": registering({ redirect_uris: [`${redirectUri}/../other`] }),
  "a redirect URI with a user in it": registering({
    redirect_uris: ["https://user@client.example/callback"],
  }),
  "a redirect URI on the loopback": registering({
    redirect_uris: ["http://127.0.0.1/callback"],
    application_type: "native",
  }),
  "a redirect URI with a private scheme": registering({
    redirect_uris: ["com.example.agent:/callback"],
    application_type: "native",
  }),
  "a client with a secret": registering({ token_endpoint_auth_method: "client_secret_basic" }),
  "a client with a key": registering({
    token_endpoint_auth_method: "private_key_jwt",
    jwks_uri: "https://client.example/keys",
  }),
  "no authentication method": registering({ token_endpoint_auth_method: undefined }),
  "the implicit grant": registering({ grant_types: ["implicit"] }),
  "the password grant": registering({ grant_types: ["password"] }),
  "a further grant type": registering({
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
  }),
  "no grant types": registering({ grant_types: undefined }),
  "response type token": registering({ response_types: ["token"] }),
  "grant types that are no list": registering({ grant_types: "authorization_code" }),
  "a name that is no text": registering({ client_name: 7 }),
  "members that nobody knows": registering({ favourite_colour: "blue" }),
  "a registration that is a list": (server) => postJson(server, "[]"),
  "a registration that is no JSON": (server) => postJson(server, "{"),
  "an empty registration": (server) => postJson(server, ""),
  "a registration as a form": (server) =>
    postJson(server, "redirect_uris=a", "application/x-www-form-urlencoded"),
  "a registration by GET": (server) => server.fetch(server.endpoints.register),
};
