import { PublicClient, type ServerUnderTest } from "../public-client.ts";
import type { Cases } from "./authorization-cases.ts";
import type { Outcome } from "./observation.ts";

type Revoking = (
  client: PublicClient,
  tokens: Awaited<ReturnType<PublicClient["tokens"]>>,
) => Promise<Outcome>;

const revoking = (act: Revoking) => async (server: ServerUnderTest) => {
  const client = await PublicClient.register(server);
  return act(client, await client.tokens());
};

/** At the revocation endpoint. */
export const revocationCases: Cases = {
  "revoking a refresh token": revoking((client, { refresh_token }) => client.revoke(refresh_token)),
  "a refresh token that was revoked": revoking(async (client, { refresh_token }) => {
    await client.revoke(refresh_token);
    return client.refresh(refresh_token);
  }),
  "revoking it again": revoking(async (client, { refresh_token }) => {
    await client.revoke(refresh_token);
    return client.revoke(refresh_token);
  }),
  "revoking an access token": revoking((client, { access_token }) => client.revoke(access_token)),
  "a refresh token whose access token was revoked": revoking(async (client, tokens) => {
    await client.revoke(tokens.access_token);
    return client.refresh(tokens.refresh_token);
  }),
  "revoking what is no token": revoking((client) => client.revoke("invented")),
  "revoking with a wrong hint": revoking((client, { refresh_token }) =>
    client.revoke(refresh_token, { token_type_hint: "access_token" }),
  ),
  "revoking with an unknown hint": revoking((client, { refresh_token }) =>
    client.revoke(refresh_token, { token_type_hint: "cookie" }),
  ),
  "revoking nothing": revoking((client) => client.revoke("", { token: undefined })),
  "revoking without a client": revoking((client, { refresh_token }) =>
    client.revoke(refresh_token, { client_id: undefined }),
  ),
  "revoking as an unknown client": revoking((client, { refresh_token }) =>
    client.revoke(refresh_token, { client_id: "nobody" }),
  ),
  "revoking as another client": revoking(async (client, { refresh_token }) => {
    const other = await PublicClient.register(client.server);
    return other.revoke(refresh_token);
  }),
  "a refresh token that another client revoked": revoking(async (client, { refresh_token }) => {
    const other = await PublicClient.register(client.server);
    await other.revoke(refresh_token);
    return client.refresh(refresh_token);
  }),
  "revoking with a secret": revoking((client, { refresh_token }) =>
    client.revoke(refresh_token, { client_secret: "secret" }),
  ),
  "revoking by GET": revoking((client) => client.server.fetch(client.server.endpoints.revoke)),
  "revoking by JSON": revoking((client, { refresh_token }) =>
    client.revoke(refresh_token, {}, { headers: { "content-type": "application/json" } }),
  ),
};
