import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { parseJson } from "./request-body.ts";
import { readSignInForm } from "./sign-in-form.ts";

export interface SignInOptions {
  /** Of the running stack's authority: `http://localhost:PORT/{tenant}/v2.0`. */
  readonly issuer: string;
  readonly username: string;
  /** With the prefix, and `offline_access` where a refresh token is wanted. */
  readonly scope: string;
  /** What the sign-in page would call the client. */
  readonly clientName: string;
  /** RFC 8707: the URL of the MCP server. */
  readonly resource?: string;
  /** The JSON of a claims challenge to fulfil, or of what the client can handle. */
  readonly claims?: string;
  readonly fetch?: typeof fetch;
}

export interface SignInResult {
  readonly accessToken: string;
  readonly refreshToken?: string;
}

/** Why nobody could be signed in, with what to do about it. */
export class SignInError extends Error {
  override readonly name = "SignInError";
}

const metadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  registration_endpoint: z.url(),
});

const registrationSchema = z.object({ client_id: z.string() });

const tokensSchema = z.object({ access_token: z.string(), refresh_token: z.string().optional() });

const refusalSchema = z.object({ error: z.string(), error_description: z.string().optional() });

/** Nothing listens here: the redirect is read, not followed. */
const redirectUri = "http://127.0.0.1/signed-in";

/**
 * Signs a local account in as an MCP client does, from discovery on: dynamic registration,
 * authorization code with PKCE, the sign-in page's form filled in and sent.
 *
 * @throws {SignInError} when the stack does not run, the account does not exist, or it is refused
 */
export async function signIn(options: SignInOptions): Promise<SignInResult> {
  const { issuer, username, scope, clientName, resource } = options;
  const http = explainingFetch(options.fetch ?? fetch, issuer);
  const resources: [string, string][] = resource === undefined ? [] : [["resource", resource]];

  const metadata = await readMetadata(http, issuer);
  const registration = {
    client_name: clientName,
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  };
  const registered = await postForJson(http, metadata.registration_endpoint, registrationSchema, {
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(registration),
  });
  const client_id = registered.client_id;

  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const authorizationUrl = new URL(metadata.authorization_endpoint);
  authorizationUrl.search = new URLSearchParams([
    ["response_type", "code"],
    ["client_id", client_id],
    ["redirect_uri", redirectUri],
    ["scope", scope],
    ["state", state],
    ["code_challenge", createHash("sha256").update(verifier).digest("base64url")],
    ["code_challenge_method", "S256"],
    ...resources,
    ...(options.claims === undefined ? [] : [["claims", options.claims] as [string, string]]),
  ]).toString();
  const answer = await pickAccount(http, authorizationUrl, username);
  const code = readCode(answer, { issuer, state });

  const tokens = await postForJson(http, metadata.token_endpoint, tokensSchema, {
    body: new URLSearchParams([
      ["grant_type", "authorization_code"],
      ["client_id", client_id],
      ["code", code],
      ["redirect_uri", redirectUri],
      ["code_verifier", verifier],
      ...resources,
    ]),
  });
  return {
    accessToken: tokens.access_token,
    ...(tokens.refresh_token === undefined ? {} : { refreshToken: tokens.refresh_token }),
  };
}

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Says what to do where there is nobody to talk to. */
function explainingFetch(http: typeof fetch, issuer: string): Fetch {
  return async (url, init) => {
    try {
      return await http(url, init);
    } catch (cause) {
      throw new SignInError(
        `Nothing answers at ${issuer}. Start the laptop stack in another terminal with "npm start" (or "npm run emulators"), then try again.`,
        { cause },
      );
    }
  };
}

async function readMetadata(http: Fetch, issuer: string): Promise<z.output<typeof metadataSchema>> {
  const response = await http(`${issuer}/.well-known/openid-configuration`);
  const metadata = metadataSchema.safeParse(parseJson(await response.text()));
  // RFC 8414, section 3.3
  if (!response.ok || !metadata.success || metadata.data.issuer !== issuer) {
    throw new SignInError(`What answers at ${issuer} is not the laptop stack's authority.`);
  }
  return metadata.data;
}

/** Does what a person does on the sign-in page. Returns the redirect that follows. */
export async function pickAccount(
  http: Fetch,
  authorizationUrl: URL,
  username: string,
): Promise<URL> {
  const page = await http(authorizationUrl, { redirect: "manual" });
  const refused = redirectOf(page);
  if (refused) return refused;
  const html = await page.text();
  const form = readSignInForm(html);
  if (!page.ok || !form) {
    throw new SignInError(`The authority did not show its sign-in page (${page.status}).`);
  }
  const button = form.buttons.find(({ value }) => value.toLowerCase() === username.toLowerCase());
  if (!button) {
    const known = form.buttons.map(({ value }) => value).filter((value) => value.includes("@"));
    throw new SignInError(`There is no account ${username}. The accounts are ${known.join(", ")}.`);
  }
  const fields = [...form.fields, button].map(({ name, value }): [string, string] => [name, value]);
  const answer = redirectOf(
    await http(new URL(form.action, authorizationUrl), {
      method: form.method,
      body: new URLSearchParams(fields),
      redirect: "manual",
    }),
  );
  if (!answer) throw new SignInError("The authority did not finish the sign-in.");
  return answer;
}

function redirectOf(response: Response): URL | null {
  const location = response.headers.get("location");
  return response.status >= 300 && response.status < 400 && location ? URL.parse(location) : null;
}

function readCode(answer: URL, expected: { issuer: string; state: string }): string {
  const parameters = answer.searchParams;
  // RFC 6749, section 10.12, and RFC 9207, section 2.4
  if (parameters.get("state") !== expected.state || parameters.get("iss") !== expected.issuer) {
    throw new SignInError("The answer to the sign-in belongs to another request.");
  }
  const code = parameters.get("code");
  if (code) return code;
  throw new SignInError(
    `The sign-in was refused: ${parameters.get("error_description") ?? parameters.get("error")}`,
  );
}

async function postForJson<Schema extends z.ZodType>(
  http: Fetch,
  url: string,
  schema: Schema,
  request: { headers?: Record<string, string>; body: string | URLSearchParams },
): Promise<z.output<Schema>> {
  const response = await http(url, { method: "POST", ...request });
  const body = parseJson(await response.text());
  const parsed = schema.safeParse(body);
  if (response.ok && parsed.success) return parsed.data;
  const refusal = refusalSchema.safeParse(body);
  const reason = refusal.success
    ? (refusal.data.error_description ?? refusal.data.error)
    : `an unexpected answer (${response.status})`;
  throw new SignInError(`The sign-in was refused: ${reason}`);
}
