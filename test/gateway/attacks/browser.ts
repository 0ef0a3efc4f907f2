import { readSignInForm } from "../../../local/sign-in-form.ts";
import { type ComposedGateway, issuer } from "../composed-gateway.ts";

/** What an address shows. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where it goes on to by itself. */
  readonly next: URL | undefined;
}

export type Fields = Readonly<Record<string, string>>;

const own = new URL(issuer).origin;
/** More than any way through the gateway has. */
const mostPages = 12;

/** The browser of a person, or of an attacker, as far as it matters here. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #gateway: ComposedGateway;

  constructor(gateway: ComposedGateway) {
    this.#gateway = gateway;
  }

  open(url: string | URL, headers: Fields = {}): Promise<Page> {
    return this.#visit(new URL(url), { headers });
  }

  /** Presses a button of the form that the page shows, with other values in some of its fields. */
  send(page: Page, changes: Fields): Promise<Page> {
    return this.post(new URL(formOf(page).action, page.url), { ...fieldsOf(page), ...changes });
  }

  /** Posts from a page of the gateway's or of a neighbouring host, with which cookies go. */
  post(url: string | URL, fields: Fields): Promise<Page> {
    return this.#visit(new URL(url), { method: "POST", body: new URLSearchParams(fields) });
  }

  /** Posts from a page of another site: no `SameSite=Lax` cookie goes with it. */
  async postFromElsewhere(url: string | URL, fields: Fields): Promise<Page> {
    const kept = [...this.cookies];
    this.cookies.clear();
    const page = await this.post(url, fields);
    for (const [name, value] of kept) this.cookies.set(name, value);
    return page;
  }

  /** Posts from a page of a neighbouring host: cookies go with it, and browsers say that it is another. */
  postFromNeighbour(url: string | URL, fields: Fields): Promise<Page> {
    const headers = { "sec-fetch-site": "same-site" };
    return this.#visit(new URL(url), {
      method: "POST",
      body: new URLSearchParams(fields),
      headers,
    });
  }

  /** A neighbouring host sets a cookie for the whole domain, as it may unless the name forbids it. */
  toss(name: string, value: string): void {
    if (!name.startsWith("__Host-")) this.cookies.set(name, value);
  }

  /** Allows what the authorization request asks for, and ends up before Entra's sign-in page. */
  async allow(authorizeUrl: URL): Promise<URL> {
    const page = await this.open(authorizeUrl);
    const { next } = await this.send(page, { decision: "allow" });
    if (!next) throw new Error("Nobody can consent to this.");
    return next;
  }

  /** Signs in at Entra: where it sends the browser back to, with a code. */
  async signInAtEntra(entraUrl: URL): Promise<URL> {
    const { next } = await this.open(entraUrl);
    if (!next) throw new Error("Entra shows nothing.");
    return next;
  }

  /** Goes on, signing in at Entra, until there is a page that stays. */
  async follow(url: string | URL): Promise<Page> {
    let page = await this.open(url);
    for (let pages = 0; page.next && pages < mostPages; pages += 1) {
      page = await this.open(page.next);
    }
    return page;
  }

  /** Goes on, allowing and signing in, until something outside is reached, or undefined. */
  async goThrough(url: string | URL): Promise<URL | undefined> {
    let page = await this.open(url);
    for (let pages = 0; pages < mostPages; pages += 1) {
      const { next } = page;
      if (next) {
        if (next.origin !== own && next.origin !== "https://login.example") return next;
        page = await this.open(next);
      } else if (page.text.includes('value="allow"')) {
        page = await this.send(page, { decision: "allow" });
      } else return undefined;
    }
    return undefined;
  }

  async #visit(url: URL, init: RequestInit): Promise<Page> {
    const isOwn = url.origin === own;
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...init.headers, ...(isOwn && cookie !== "" && { cookie }) } as Fields;
    const answer = await this.#gateway.fetch(url, { ...init, headers, redirect: "manual" });
    for (const set of isOwn ? answer.headers.getSetCookie() : []) this.#keep(set);
    const [, refresh] = /^\d+;\s*url=(.+)$/i.exec(answer.headers.get("refresh") ?? "") ?? [];
    const next = URL.parse(answer.headers.get("location") ?? refresh ?? "") ?? undefined;
    return { url, status: answer.status, headers: answer.headers, text: await answer.text(), next };
  }

  #keep(set: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
    if (/;\s*max-age=0\b/i.test(set)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

function formOf({ text }: Page) {
  const form = readSignInForm(text);
  if (!form) throw new Error("The page has no form.");
  return form;
}

export function fieldsOf(page: Page): Fields {
  return Object.fromEntries(formOf(page).fields.map(({ name, value }) => [name, value]));
}
