import { createHash, randomBytes } from "node:crypto";
import { pickAccount } from "../../local/pick-account.ts";

/** What the tests need of an authorization server, whichever it is. */
export interface ServerUnderTest {
  readonly issuer: string;
  readonly resource: string;
  readonly endpoints: Readonly<Record<"authorize" | "token" | "revoke" | "register", string>>;
  readonly fetch: typeof fetch;
  /** Lets time pass. */
  wait(seconds: number): void;
  /** Whom the person who is asked lets in from now on: everybody, unless told. */
  denies: boolean;
}

/** A scope that both servers know. */
export const scope = "user_impersonation";

export const redirectUri = "https://client.example/callback";

export type Fields = Readonly<Record<string, string | undefined>>;

/** A request for tokens may be as malformed as a test wants it. */
export type Form = Fields | string;

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** A public client of a server, which follows the specification but for what a test changes. */
export class PublicClient {
  readonly server: ServerUnderTest;
  readonly id: string;
  readonly #verifier = randomBytes(32).toString("base64url");

  private constructor(server: ServerUnderTest, id: string) {
    this.server = server;
    this.id = id;
  }

  /** @param metadata members that replace those of a good registration */
  static async register(
    server: ServerUnderTest,
    metadata: Readonly<Record<string, unknown>> = {},
  ): Promise<PublicClient> {
    const answer = await register(server, metadata);
    const { client_id } = JSON.parse(await answer.text());
    if (answer.status !== 201) throw new Error(`The registration was refused: ${answer.status}`);
    return new PublicClient(server, client_id);
  }

  /** One that the server knows already, or learns to know by its document. */
  static known(server: ServerUnderTest, id: string): PublicClient {
    return new PublicClient(server, id);
  }

  /** Changes of undefined leave a parameter out. */
  authorizationUrl(changes: Fields = {}, more = ""): URL {
    const good: Fields = {
      response_type: "code",
      client_id: this.id,
      redirect_uri: redirectUri,
      code_challenge: createHash("sha256").update(this.#verifier).digest("base64url"),
      code_challenge_method: "S256",
      state: "a-state",
      scope,
      resource: this.server.resource,
    };
    return new URL(`${this.server.endpoints.authorize}?${encoded({ ...good, ...changes })}${more}`);
  }

  /** Sends the browser there, and no further. */
  authorize(changes: Fields = {}, more = "", init: RequestInit = {}): Promise<Response> {
    const url = this.authorizationUrl(changes, more);
    return this.server.fetch(url, { redirect: "manual", ...init });
  }

  /** Where a person who is asked comes back to. */
  comeBack(changes: Fields = {}): Promise<URL> {
    return pickAccount(this.server.fetch, this.authorizationUrl(changes), "nobody");
  }

  async code(changes: Fields = {}): Promise<string> {
    const answer = await this.comeBack(changes);
    const code = answer.searchParams.get("code");
    if (code === null) throw new Error(`There is no code: ${answer.searchParams}`);
    return code;
  }

  /** A request that redeems a code as it should be, but for the changes. */
  redeem(code: string, changes: Fields = {}, init: RequestInit = {}): Promise<Response> {
    const good = {
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: this.#verifier,
      resource: this.server.resource,
    };
    return this.token({ ...good, ...changes }, init);
  }

  refresh(refreshToken: string, changes: Fields = {}, init: RequestInit = {}): Promise<Response> {
    const good = { grant_type: "refresh_token", refresh_token: refreshToken };
    return this.token({ ...good, ...changes }, init);
  }

  token(fields: Fields, init: RequestInit = {}): Promise<Response> {
    return post(this.server, "token", { client_id: this.id, ...fields }, init);
  }

  revoke(token: string, changes: Fields = {}, init: RequestInit = {}): Promise<Response> {
    return post(this.server, "revoke", { client_id: this.id, token, ...changes }, init);
  }

  async tokens(): Promise<Tokens> {
    return JSON.parse(await (await this.redeem(await this.code())).text());
  }
}

/** Asks for a registration as it should be, but for what replaces its members. */
export function register(
  server: ServerUnderTest,
  metadata: Readonly<Record<string, unknown>>,
): Promise<Response> {
  const good = {
    client_name: "An agent",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
  return postJson(server, JSON.stringify({ ...good, ...metadata }));
}

export function postJson(
  server: ServerUnderTest,
  body: string,
  type = "application/json",
): Promise<Response> {
  return server.fetch(server.endpoints.register, {
    method: "POST",
    headers: { "content-type": type },
    body,
  });
}

export function post(
  server: ServerUnderTest,
  endpoint: "token" | "revoke",
  form: Form,
  init: RequestInit = {},
): Promise<Response> {
  return server.fetch(server.endpoints[endpoint], {
    method: "POST",
    ...init,
    headers: { "content-type": "application/x-www-form-urlencoded", ...init.headers },
    body: typeof form === "string" ? form : String(encoded(form)),
  });
}

export function encoded(fields: Fields): URLSearchParams {
  const there = Object.entries(fields).filter((field) => field[1] !== undefined);
  return new URLSearchParams(there as [string, string][]);
}
