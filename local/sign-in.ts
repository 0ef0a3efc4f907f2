import { randomBytes } from "node:crypto";
import {
  type AuthorizationServerMetadata,
  discoverAuthorizationServerMetadata,
  exchangeAuthorization,
  registerClient,
  startAuthorization,
} from "@modelcontextprotocol/client";
import { type Fetch, pickAccount, SignInError } from "./pick-account.ts";

export interface SignInOptions {
  /** Of the running stack's authority: `http://localhost:PORT/{tenant}/v2.0`, or its gateway's. */
  readonly issuer: string;
  readonly username: string;
  /** With the prefix, and `offline_access` where a refresh token is wanted. */
  readonly scope: string;
  /** What the sign-in page would call the client. */
  readonly clientName: string;
  /** Of a client that has registered itself so before; it registers itself unless given. */
  readonly clientId?: string;
  /** RFC 8707: the URL of the MCP server. */
  readonly resource?: string;
  /** The JSON of a claims challenge to fulfil, or of what the client can handle. */
  readonly claims?: string;
  readonly fetch?: typeof fetch;
}

export interface SignInResult {
  /** Of the client that was registered for it. */
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken?: string;
}

/** Nothing listens here: the redirect is read, not followed. */
const redirectUrl = "http://127.0.0.1/signed-in";

/**
 * Signs a local account in as an MCP client does, from discovery on: dynamic registration,
 * authorization code with PKCE, the sign-in page's form filled in and sent.
 *
 * @throws {SignInError} when the stack does not run, the account does not exist, or it is refused
 */
export async function signIn(options: SignInOptions): Promise<SignInResult> {
  const { issuer, username, scope, clientName, clientId, resource, claims } = options;
  const fetchFn = explainingFetch(options.fetch ?? fetch, issuer);
  const metadata = await readMetadata(fetchFn, issuer);
  try {
    const clientInformation =
      clientId === undefined
        ? await registerClient(issuer, {
            metadata,
            fetchFn,
            clientMetadata: {
              client_name: clientName,
              redirect_uris: [redirectUrl],
              grant_types: ["authorization_code", "refresh_token"],
              token_endpoint_auth_method: "none",
            },
          })
        : { client_id: clientId, issuer };
    const state = randomBytes(16).toString("base64url");
    const { authorizationUrl, codeVerifier } = await startAuthorization(issuer, {
      ...{ metadata, clientInformation, redirectUrl, scope, state },
      ...(resource === undefined ? {} : { resource }),
    });
    if (claims !== undefined) authorizationUrl.searchParams.set("claims", claims);
    const answer = await pickAccount(fetchFn, authorizationUrl, username);
    const tokens = await exchangeAuthorization(issuer, {
      ...{ metadata, clientInformation, codeVerifier, redirectUri: redirectUrl, fetchFn },
      authorizationCode: readCode(answer, { issuer, state }),
      iss: issuer,
      ...(resource === undefined ? {} : { resource }),
    });
    return {
      clientId: clientInformation.client_id,
      accessToken: tokens.access_token,
      ...(tokens.refresh_token === undefined ? {} : { refreshToken: tokens.refresh_token }),
    };
  } catch (cause) {
    if (cause instanceof SignInError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SignInError(`The sign-in was refused: ${reason}`, { cause });
  }
}

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

async function readMetadata(http: Fetch, issuer: string): Promise<AuthorizationServerMetadata> {
  const metadata = await discoverAuthorizationServerMetadata(issuer, { fetchFn: http }).catch(
    (cause: unknown) => {
      if (cause instanceof SignInError) throw cause;
    },
  );
  if (metadata) return metadata;
  throw new SignInError(`What answers at ${issuer} is not the laptop stack's authority.`);
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
