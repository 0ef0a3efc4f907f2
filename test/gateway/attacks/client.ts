import { createHash, randomBytes } from "node:crypto";
import { type ComposedGateway, issuer } from "../composed-gateway.ts";
import { Browser } from "./browser.ts";

type Changes = Readonly<Record<string, string | undefined>>;

export interface TokenAnswer {
  readonly status: number;
  readonly error: string | undefined;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export const callback = "https://client.example/callback";

/** What a client that registers itself is answered. */
export async function register(
  gateway: ComposedGateway,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const answer = await gateway.fetch(`${issuer}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_name: "An agent", redirect_uris: [callback], ...metadata }),
  });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

/** A client application, honest or not. */
export class Client {
  readonly verifier = randomBytes(32).toString("base64url");
  readonly state = randomBytes(16).toString("base64url");
  readonly id: string;
  readonly redirectUri: string;
  readonly #gateway: ComposedGateway;

  constructor(gateway: ComposedGateway, id: string, redirectUri: string) {
    this.#gateway = gateway;
    this.id = id;
    this.redirectUri = redirectUri;
  }

  static async registered(
    gateway: ComposedGateway,
    redirectUri: string = callback,
    name = "An agent",
  ): Promise<Client> {
    const metadata = { client_name: name, redirect_uris: [redirectUri] };
    const { status, body } = await register(gateway, metadata);
    if (status !== 201) throw new Error(`The client cannot register: ${JSON.stringify(body)}`);
    return new Client(gateway, String(body.client_id), redirectUri);
  }

  /** @param changes undefined leaves a parameter out */
  authorizeUrl(changes: Changes = {}): URL {
    const url = new URL(`${issuer}/authorize`);
    url.search = query({
      response_type: "code",
      client_id: this.id,
      redirect_uri: this.redirectUri,
      state: this.state,
      code_challenge: challengeOf(this.verifier),
      code_challenge_method: "S256",
      ...changes,
    });
    return url;
  }

  /** The code that comes to the client once the person has let it in. */
  async code(browser = new Browser(this.#gateway)): Promise<string> {
    const answer = await browser.goThrough(this.authorizeUrl());
    const code = answer?.searchParams.get("code");
    if (!code) throw new Error(`No code comes: ${answer?.search}`);
    return code;
  }

  redeem(code: string, changes: Changes = {}): Promise<TokenAnswer> {
    return this.#ask({
      grant_type: "authorization_code",
      code,
      redirect_uri: this.redirectUri,
      code_verifier: this.verifier,
      ...changes,
    });
  }

  refresh(refreshToken: string, changes: Changes = {}): Promise<TokenAnswer> {
    return this.#ask({ grant_type: "refresh_token", refresh_token: refreshToken, ...changes });
  }

  async signIn(browser?: Browser): Promise<TokenAnswer> {
    return this.redeem(await this.code(browser));
  }

  async #ask(fields: Changes): Promise<TokenAnswer> {
    const form = new URLSearchParams(query({ client_id: this.id, ...fields }));
    const answer = await this.#gateway.fetch(`${issuer}/token`, { method: "POST", body: form });
    const body = JSON.parse(await answer.text());
    return {
      status: answer.status,
      error: body.error,
      accessToken: String(body.access_token),
      refreshToken: String(body.refresh_token),
    };
  }
}

export function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

function query(fields: Changes): string {
  const given = Object.entries(fields).filter((field): field is [string, string] => {
    return field[1] !== undefined;
  });
  return String(new URLSearchParams(given));
}
