import { createHash, randomBytes } from "node:crypto";
import { createDefaultHttpClient, type HttpClient } from "@azure/core-rest-pipeline";
import { gatewayClientId, gatewayClientSecret, tenantId } from "../../../local/directory.ts";
import { readSignInForm } from "../../../local/sign-in-form.ts";
import type { ClientProof } from "../../../src/downstream/client-proof.ts";
import { createOutboundHttp } from "../../../src/downstream/http.ts";
import type { Upstream, UpstreamSignIn } from "../../../src/gateway/upstream/upstream.ts";
import { createUpstream, type UpstreamOptions } from "../../../src/gateway/upstream/upstream.ts";
import { fakeNetwork, logBook } from "../../downstream/fakes.ts";
import {
  answerOf,
  gatewayCallback,
  qualifiedScope,
  type TestAuthority,
  testCertificate,
  user1,
} from "../../local/authority/support.ts";

export const secret: ClientProof = { kind: "client-secret", clientSecret: gatewayClientSecret };

/** Over https, trusting nothing but the certificate of these tests; notes what is asked. */
async function trustingClient() {
  const { cert } = await testCertificate();
  const tlsSettings = { ca: cert };
  const inner = createDefaultHttpClient();
  const requests: string[] = [];
  const httpClient: HttpClient = {
    sendRequest(request) {
      request.tlsSettings = tlsSettings;
      requests.push(`${request.method} ${request.url}`);
      return inner.sendRequest(request);
    },
  };
  return { httpClient, requests };
}

/** The gateway's way to an authority, as it is composed, but for what is changed. */
export async function upstreamOf(authority: TestAuthority, changes: Partial<UpstreamOptions> = {}) {
  const { httpClient, requests } = await trustingClient();
  const { upstream, lines } = upstreamOver(httpClient, {
    authorityHost: authority.authorityHost,
    issuer: authority.issuer,
    ...changes,
  });
  return { upstream, requests, lines };
}

/** The same over a network that answers as told. */
export function upstreamOverFake(
  answer: Parameters<typeof fakeNetwork>[0],
  changes: Partial<UpstreamOptions> = {},
) {
  const { httpClient, requests } = fakeNetwork(answer);
  return { ...upstreamOver(httpClient, changes), requests };
}

function upstreamOver(httpClient: HttpClient, changes: Partial<UpstreamOptions>) {
  const { log, lines } = logBook();
  const clocks = { now: Date.now, monotonicNow: Date.now };
  const upstream = createUpstream({
    authorityHost: "https://login.microsoftonline.com",
    issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
    tenantId,
    clientId: gatewayClientId,
    redirectUri: gatewayCallback,
    scope: qualifiedScope,
    proof: secret,
    http: createOutboundHttp({ ...clocks, httpClient }),
    log,
    ...clocks,
    ...changes,
  });
  return { upstream, lines };
}

/** A PKCE pair (RFC 7636 section 4.1). */
export function pkce() {
  const codeVerifier = randomBytes(32).toString("base64url");
  const codeChallenge = createHash("sha256").update(codeVerifier).digest("base64url");
  return { codeVerifier, codeChallenge };
}

/** What a person brings back to `callback` from the page that the upstream names, and the verifier. */
export async function codeFrom(
  authority: TestAuthority,
  upstream: Upstream,
  { username = user1, ...signIn }: Partial<UpstreamSignIn> & { readonly username?: string } = {},
) {
  const { codeVerifier, codeChallenge } = pkce();
  const url = upstream.authorizationUrl({ state: "the-state", codeChallenge, ...signIn });
  const form = readSignInForm(await (await fetch(url)).text());
  if (!form) throw new Error("There is no form on the page.");
  const answer = answerOf(await authority.submit(form, { account: username }));
  return { code: answer.get("code") ?? "", state: answer.get("state"), codeVerifier };
}

/** All of a sign-in. */
export async function signInWith(
  authority: TestAuthority,
  upstream: Upstream,
  options: Parameters<typeof codeFrom>[2] = {},
) {
  const { code, codeVerifier } = await codeFrom(authority, upstream, options);
  return upstream.redeemCode(code, codeVerifier);
}
