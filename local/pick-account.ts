import { type Field, type Form, readSignInForm } from "./sign-in-form.ts";

/** Why nobody could be signed in, with what to do about it. */
export class SignInError extends Error {
  override readonly name = "SignInError";
}

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** More pages than any way through a gateway and the authority has. */
const mostPages = 12;

/**
 * Does what a person does in a browser until it returns to the client: picks the account on the sign-in
 * page and, where a gateway stands before it, allows the client in.
 *
 * @returns where the browser returns to
 */
export async function pickAccount(
  http: Fetch,
  authorizationUrl: URL,
  username: string,
): Promise<URL> {
  const client = authorizationUrl.searchParams.get("redirect_uri");
  const cookies = new Map<string, string>();
  let url = authorizationUrl;
  let posted: RequestInit = {};
  for (let pages = 0; pages < mostPages; pages += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await http(url, {
      ...posted,
      redirect: "manual",
      ...(url.origin === authorizationUrl.origin && cookie !== "" ? { headers: { cookie } } : {}),
    });
    keepCookies(answer, cookies);
    const next = redirectOf(answer) ?? refreshOf(answer);
    if (next && (client === null || isAt(client, next))) return next;
    if (next) {
      url = next;
      posted = {};
      continue;
    }
    const form = readSignInForm(await answer.text());
    if (!answer.ok || !form) {
      throw new SignInError(`The authority did not show its sign-in page (${answer.status}).`);
    }
    const fields = [...form.fields, buttonFor(form, username)];
    url = new URL(form.action, url);
    posted = {
      method: form.method,
      body: new URLSearchParams(fields.map(({ name, value }): [string, string] => [name, value])),
    };
  }
  throw new SignInError("The authority did not finish the sign-in.");
}

function buttonFor({ buttons }: Form, username: string): Field {
  const allow = buttons.find(({ name, value }) => name === "decision" && value === "allow");
  const button =
    allow ?? buttons.find(({ value }) => value.toLowerCase() === username.toLowerCase());
  if (button) return button;
  const known = buttons.map(({ value }) => value).filter((value) => value.includes("@"));
  throw new SignInError(`There is no account ${username}. The accounts are ${known.join(", ")}.`);
}

function keepCookies({ headers }: Response, cookies: Map<string, string>): void {
  for (const cookie of headers.getSetCookie()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    if (/;\s*max-age=0\b/i.test(cookie)) cookies.delete(name);
    else cookies.set(name, value);
  }
}

/** Whether a URL is a client's redirect URI with an answer in its query. */
function isAt(redirectUri: string, { origin, pathname, protocol, host }: URL): boolean {
  const client = new URL(redirectUri);
  const isSameOrigin =
    origin === "null"
      ? protocol === client.protocol && host === client.host
      : origin === client.origin;
  return isSameOrigin && pathname === client.pathname;
}

/** Where a page goes on to by itself. */
function refreshOf({ headers }: Response): URL | null {
  const [, url] = /^\d+;\s*url=(.+)$/i.exec(headers.get("refresh") ?? "") ?? [];
  return url === undefined ? null : URL.parse(url);
}

function redirectOf(response: Response): URL | null {
  const location = response.headers.get("location");
  return response.status >= 300 && response.status < 400 && location ? URL.parse(location) : null;
}
