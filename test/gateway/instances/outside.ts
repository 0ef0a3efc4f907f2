import { expect } from "vitest";
import { type SignInOptions, type SignInResult, signIn } from "../../../local/sign-in.ts";
import { toolCallMessage, toolCallRequest } from "../../support/tool-call-request.ts";
import { issuer, resource } from "../composed-gateway.ts";

/* What people and their clients do, each request by way of `http`, which may ask any instance. */

export type Http = typeof fetch;

/** What a client holds. */
export type Session = Required<SignInResult>;

/** From discovery on: the client registers itself, unless it is known, and its person signs in. */
export async function signInBy(http: Http, options: Partial<SignInOptions> = {}): Promise<Session> {
  const session = await signIn({
    ...{ issuer, resource, fetch: http, scope: "user_impersonation" },
    ...{ username: "nobody is asked", clientName: "Composed", ...options },
  });
  return { refreshToken: "", ...session };
}

/** Calls a tool. */
export function call(
  http: Http,
  { accessToken }: Pick<Session, "accessToken">,
  name = "get_user_details",
) {
  const revision = "2026-07-28";
  const message = toolCallMessage(revision, { name });
  return http(toolCallRequest(resource, revision, accessToken, message));
}

export async function statusOfCall(
  http: Http,
  session: Pick<Session, "accessToken">,
): Promise<number> {
  const response = await call(http, session);
  const text = await response.text();
  if (response.status === 200) expect(text).toContain("Uma First");
  return response.status;
}

export function post(http: Http, path: string, fields: Readonly<Record<string, string>>) {
  return http(`${issuer}/${path}`, { method: "POST", body: new URLSearchParams(fields) });
}

/** What the token endpoint has answered. */
export interface Told {
  readonly status: number;
  readonly error: string | undefined;
  readonly session: Session;
}

export async function refresh(http: Http, { clientId, refreshToken }: Session): Promise<Told> {
  const form = { grant_type: "refresh_token", refresh_token: refreshToken, client_id: clientId };
  const response = await post(http, "token", form);
  const { error, access_token, refresh_token } = JSON.parse(await response.text());
  return {
    ...{ status: response.status, error },
    session: { clientId, accessToken: access_token, refreshToken: refresh_token },
  };
}

export async function revoke(http: Http, { clientId, refreshToken }: Session): Promise<number> {
  const { status } = await post(http, "revoke", { token: refreshToken, client_id: clientId });
  return status;
}

/** A page that a browser has ended up on. */
interface Page {
  readonly status: number;
  readonly text: string;
}

/** A person's browser, which follows redirects and keeps cookies. */
export class Browser {
  readonly #http: Http;
  readonly #cookies = new Map<string, string>();

  constructor(http: Http) {
    this.#http = http;
  }

  async open(address: string | URL, init: RequestInit = {}): Promise<Page> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await this.#http(new URL(address, issuer), {
      ...{ ...init, redirect: "manual" },
      ...(cookie !== "" && { headers: { cookie } }),
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (/max-age=0/i.test(set)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    const location = response.headers.get("location");
    const text = await response.text();
    return location === null ? { status: response.status, text } : this.open(location);
  }

  /** Signs in to the page of connections, and ends all there are by its forms, one after the other. */
  async endConnections(): Promise<Page> {
    let page = await this.open(`${issuer}/connections`);
    for (;;) {
      const [form] = page.text.match(/<form\b.*?<\/form>/s) ?? [];
      const inputs = form?.matchAll(/name="([^"]*)" value="([^"]*)"/g) ?? [];
      const fields = Object.fromEntries(
        [...inputs].map(([, name = "", value = ""]) => [name, value]),
      );
      if (page.status !== 200 || fields.deed !== "end") return page;
      const body = new URLSearchParams(fields);
      page = await this.open(`${issuer}/connections`, { method: "POST", body });
    }
  }
}
