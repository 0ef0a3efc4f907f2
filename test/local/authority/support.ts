import { createHash, randomBytes } from "node:crypto";
import { once as onceOf } from "node:events";
import { writeFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { decodeJwt, type JWTPayload } from "jose";
import { afterAll, expect, onTestFinished } from "vitest";
import {
  type Authority,
  type AuthorityOptions,
  startAuthority,
} from "../../../local/authority/authority.ts";
import { type ApiRegistration, localTenant, type Tenant } from "../../../local/authority/tenant.ts";
import { generateSigningKey } from "../../../local/authority/tokens/keys.ts";
import { ensureCertificate } from "../../../local/certificate.ts";
import { apiIdentifierUri, apiScope, vscodeClientId } from "../../../local/directory.ts";
import { type Form, readSignInForm } from "../../../local/sign-in-form.ts";
import { once } from "../../../src/core/cache.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { temporaryFolder } from "../../support/stack.ts";

export const qualifiedScope = `${apiIdentifierUri}/${apiScope}`;
export const user1 = "user1@contoso.example";
export const user1ObjectId = "92e7a5c0-1f4b-4d83-b6e9-24d80c5f7a1b";
const vscodeRedirectUri = "http://127.0.0.1:33418/";

export const serverUrl = "http://localhost:7071/mcp";

export const gatewayCallback = new URL("/gateway/callback", serverUrl).href;

/** The laptop's tenant, with the server's URL as an identifier URI and what else is changed. */
export function tenantWith(changes: Partial<ApiRegistration> = {}) {
  const { api, gateway } = localTenant;
  const identifierUris = [api.identifierUri, serverUrl];
  return {
    ...localTenant,
    api: { ...api, identifierUris, ...changes },
    gateway: { ...gateway, redirectUris: [gatewayCallback] },
  };
}

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());

/** One for the whole file: it says nothing about any test. */
export const testCertificate = () => ensureCertificate(folder.path);

const signingKey = once(generateSigningKey);

/** The state of a new authority, but for its signing key: to make one takes longer than most tests. */
async function newState(): Promise<string> {
  const { path, [Symbol.asyncDispose]: remove } = await temporaryFolder();
  onTestFinished(remove);
  const state = {
    signingKey: await signingKey(),
    sealingKey: randomBytes(32).toString("base64url"),
    clients: [],
  };
  await writeFile(join(path, "authority.json"), JSON.stringify(state));
  return path;
}

/** An authority of the test's own, which ends with it. */
export async function testAuthority(
  options: Partial<AuthorityOptions> = {},
): Promise<TestAuthority> {
  const authority = await startAuthority({
    certificate: await testCertificate(),
    dataDirectory: await newState(),
    ...options,
  });
  onTestFinished(() => authority.close());
  return withClient(authority);
}

/**
 * One authority for the tests of a file that neither arrange failures nor set options: nothing that
 * one of them does is visible to another.
 */
export async function sharedAuthority(tenant?: Tenant): Promise<TestAuthority> {
  const authority = await startAuthority({
    certificate: await testCertificate(),
    ...(tenant === undefined ? {} : { tenant }),
  });
  afterAll(() => authority.close());
  return withClient(authority);
}

export type TestAuthority = Authority & ReturnType<typeof clientOf>;

function withClient(authority: Authority): TestAuthority {
  return { ...authority, ...clientOf(authority) };
}

const verifier = "the-code-verifier-of-these-tests-which-is-long-enough";
const codeChallenge = createHash("sha256").update(verifier).digest("base64url");

/** Parameters that replace those of a good request; `undefined` leaves one out. */
type Changes = Record<string, string | undefined>;

function clientOf(authority: Authority) {
  const base = authority.issuer.replace(/\/v2\.0$/, "");
  const origin = new URL(base).origin;

  /** An authorization request of VS Code. */
  function authorizeUrl(changes: Changes = {}): string {
    const parameters = {
      response_type: "code",
      client_id: vscodeClientId,
      redirect_uri: vscodeRedirectUri,
      scope: qualifiedScope,
      state: "the-state",
      code_challenge: codeChallenge,
      code_challenge_method: "S256",
      ...changes,
    };
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) query.set(name, value);
    }
    return `${base}/oauth2/v2.0/authorize?${query}`;
  }

  const authorize = (changes?: Changes) => fetch(authorizeUrl(changes), { redirect: "manual" });

  async function openPage(changes?: Changes): Promise<Form> {
    const form = readSignInForm(await (await authorize(changes)).text());
    if (!form) throw new Error("There is no form on the page.");
    return form;
  }

  const submit = ({ action, method, fields }: Form, pressed: Record<string, string>) =>
    fetch(new URL(action, origin), {
      method,
      body: new URLSearchParams([
        ...fields.map(({ name, value }): [string, string] => [name, value]),
        ...Object.entries(pressed),
      ]),
      redirect: "manual",
    });

  async function authorizationCode(changes?: Changes, username = user1): Promise<string> {
    const response = await submit(await openPage(changes), { account: username });
    return answerOf(response).get("code") ?? "";
  }

  const token = (parameters: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${base}/oauth2/v2.0/token`, {
      method: "POST",
      headers,
      body: new URLSearchParams(parameters),
    });

  const redeem = (code: string, changes: Record<string, string> = {}) =>
    token({
      grant_type: "authorization_code",
      client_id: vscodeClientId,
      code,
      redirect_uri: vscodeRedirectUri,
      code_verifier: verifier,
      ...changes,
    });

  /** Everything from the authorization request on. */
  const signIn = async (changes?: Changes, username?: string) =>
    tokensOf(redeem(await authorizationCode(changes, username)));

  /** The id of a client that registers itself with that redirect URI. */
  const clientAt = async (redirectUri: string, metadata: object = {}) => {
    const registration = await register({ redirect_uris: [redirectUri], ...metadata });
    return ((await registration.json()) as { client_id: string }).client_id;
  };

  const register = (metadata: unknown) =>
    fetch(`${base}/oauth2/v2.0/register`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(metadata),
    });

  return {
    base,
    origin,
    authorizeUrl,
    authorize,
    openPage,
    submit,
    authorizationCode,
    token,
    redeem,
    signIn,
    register,
    clientAt,
  };
}

export interface TokenResponse {
  token_type: string;
  scope: string;
  expires_in: number;
  ext_expires_in: number;
  access_token: string;
  refresh_token?: string;
  id_token?: string;
  client_info?: string;
}

/** What an authorization response says at the client's redirect URI. */
export function answerOf(response: Response): URLSearchParams {
  return new URL(response.headers.get("location") ?? "").searchParams;
}

/** What the token endpoint gave. */
export async function tokensOf(answer: Promise<Response>): Promise<TokenResponse> {
  const response = await answer;
  expect(response.status).toBe(200);
  return (await response.json()) as TokenResponse;
}

/** The code that a refusal at the token endpoint starts with, and its OAuth error. */
export async function refusalOf(answer: Response | Promise<Response>): Promise<string> {
  const response = await answer;
  const { error, error_description } = (await response.json()) as Record<string, string>;
  return `${response.status} ${error} ${error_description?.split(":")[0]}`;
}

/** The same for a refusal that the client gets at its redirect URI. */
export function redirectedRefusalOf(response: Response): string {
  const answer = answerOf(response);
  return `${answer.get("error")} ${answer.get("error_description")?.split(":")[0]}`;
}

export function claimsOf(token: string | undefined): JWTPayload {
  return decodeJwt(token ?? "");
}

/** Over https, trusting nothing but the certificate of these tests. */
export async function getOverHttps(url: string): Promise<{ status: number; json: unknown }> {
  const { cert } = await testCertificate();
  const [response] = await onceOf(get(url, { ca: cert, agent: false }), "response");
  return { status: response.statusCode, json: await json(response) };
}

/** An authority of the test's own, with its clock. */
export async function clockedAuthority() {
  const clock = new FakeClock();
  return { clock, authority: await testAuthority({ now: clock.now }) };
}

export const minutes = 60 * 1000;
export const days = 24 * 60 * minutes;
