import type { OAuthClientProvider, OAuthDiscoveryState } from "@modelcontextprotocol/client";
import type { OAuthClientProvider as OlderOAuthClientProvider } from "@modelcontextprotocol/sdk/client/auth.js";
import { expect } from "vitest";
import { pickAccount } from "../../local/pick-account.ts";
import {
  type ClientKind,
  type ClientOptions,
  type ConnectedClient,
  connectClient,
  createClient,
} from "./clients.ts";

export interface SigningInProvider {
  readonly provider: OAuthClientProvider & OlderOAuthClientProvider;
  /** The authorization request: where the browser was sent first. */
  asked(): URL;
  /** Where the browser was sent after the person had signed in. */
  callback(): URL;
  /** How often somebody had to sign in on the page. */
  readonly signIns: () => number;
  /** Has the client forget what a server has refused, as those that people use do. */
  forgetRefused(): void;
  /** Makes the access token that is held one that no server accepts. */
  spoilAccessToken(): void;
}

/**
 * Connects a client that knows nothing but the URL: it is refused, the person signs in, and the
 * client comes again with their token.
 */
export async function connectSigningIn(
  kind: ClientKind,
  url: URL,
  memory: Pick<SigningInProvider, "provider" | "callback">,
  options: Pick<ClientOptions, "fetch"> = {},
): Promise<ConnectedClient> {
  const { connect } = createClient(kind, url, { ...options, authProvider: memory.provider });
  await expect(connect()).rejects.toThrow(/[Uu]nauthorized/);
  return finishSigningIn(kind, url, memory, options);
}

/** Connects a client whose person has just signed in. */
export async function finishSigningIn(
  kind: ClientKind,
  url: URL,
  memory: Pick<SigningInProvider, "provider" | "callback">,
  options: Pick<ClientOptions, "fetch"> = {},
): Promise<ConnectedClient> {
  const whole = { ...options, authProvider: memory.provider };
  const { transport } = createClient(kind, url, whole);
  const { searchParams } = memory.callback();
  const code = searchParams.get("code");
  if (code === null) throw new Error(`The sign-in was refused: ${searchParams}`);
  await transport.finishAuth(code, String(searchParams.get("iss")));
  return connectClient(kind, url, whole);
}

/** What a client does otherwise than one that registers itself and follows the specification. */
export interface SignInChanges {
  /** Of a client that is registered beforehand. */
  readonly clientId?: string;
  /** The URL of the client's document, which is its id where the authority takes such ids. */
  readonly clientMetadataUrl?: string;
  readonly redirectUrl?: string;
  /** In place of the server's scope. */
  readonly scope?: string;
  /** What is sent as `resource` instead of the server's URL, at every step; undefined for nothing. */
  readonly resource?: (serverUrl: string | URL) => URL | undefined;
}

/** A client's memory of who is signed in, with a person beside it who signs in when asked to. */
export function createSigningInProvider(
  username: string,
  {
    clientId,
    clientMetadataUrl,
    redirectUrl = "http://127.0.0.1:33418/callback",
    scope: otherScope,
    resource,
  }: SignInChanges = {},
): SigningInProvider {
  type Stored<Method extends "clientInformation" | "tokens"> = Awaited<
    ReturnType<(OAuthClientProvider & OlderOAuthClientProvider)[Method]>
  >;
  let client: Stored<"clientInformation">;
  let tokens: Stored<"tokens">;
  let discovered: OAuthDiscoveryState | undefined;
  let verifier = "";
  let asked: URL | undefined;
  let callback: URL | undefined;
  let signIns = 0;
  const provider: SigningInProvider["provider"] = {
    redirectUrl,
    ...(clientMetadataUrl === undefined ? {} : { clientMetadataUrl }),
    clientMetadata: {
      client_name: "Integration test",
      redirect_uris: [redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    clientInformation(context?: { readonly issuer: string }) {
      if (clientId === undefined) return client;
      return { client_id: clientId, ...(context ? { issuer: context.issuer } : {}) };
    },
    saveClientInformation(information) {
      client = information as typeof client;
    },
    tokens: () => tokens,
    saveTokens(saved) {
      tokens = saved as typeof tokens;
    },
    discoveryState: () => discovered,
    saveDiscoveryState(state) {
      discovered = state;
    },
    saveCodeVerifier(saved) {
      verifier = saved;
    },
    codeVerifier: () => verifier,
    async redirectToAuthorization(url) {
      signIns += 1;
      // As VS Code does: without it there is no refresh token, and it is no scope of the server's.
      const scope = otherScope ?? url.searchParams.get("scope") ?? "";
      if (!scope.includes("offline_access")) {
        url.searchParams.set("scope", `${scope} offline_access`);
      }
      asked = url;
      callback = await pickAccount(fetch, url, username);
    },
    ...(resource ? { validateResourceURL: async (url: string | URL) => resource(url) } : {}),
  };
  return {
    provider,
    asked() {
      if (!asked) throw new Error("Nobody has been asked to sign in.");
      return asked;
    },
    callback() {
      if (!callback) throw new Error("Nobody has signed in.");
      return callback;
    },
    signIns: () => signIns,
    forgetRefused() {
      provider.invalidateCredentials = (scope) => {
        if (scope === "all" || scope === "tokens") tokens = undefined;
        if (scope === "all" || scope === "client") client = undefined;
      };
    },
    spoilAccessToken() {
      if (tokens) tokens = { ...tokens, access_token: `${tokens.access_token}x` };
    },
  };
}
