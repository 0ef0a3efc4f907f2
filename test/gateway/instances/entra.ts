import { randomUUID } from "node:crypto";
import type { HttpClient } from "@azure/core-rest-pipeline";
import { decodeJwt } from "jose";
import { type Answer, refusal, type SentRequest, tokenAnswer } from "../../downstream/fakes.ts";
import { claimsWith, issuer, type SigningKey, sign } from "../../gates/tokens.ts";
import { companyNetwork } from "../../support/composed.ts";
import { gatewayClientId, objectId } from "../composed-gateway.ts";

/** Entra, which signs everybody in at once, for all instances. Its refresh tokens stay good when used. */
export class Entra {
  /** Its token endpoint answers 503. */
  isDown = false;
  /** The person's sessions are revoked: it refuses every refresh. */
  isRevoked = false;
  /** The authentication context that calls on the person's behalf need; nothing where none is needed. */
  demanded: string | undefined;
  /** What it signs tokens with, as instances are told. */
  key: SigningKey | undefined;
  readonly #codes = new Map<string, string | null>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether a URL is one of its pages. */
  hasPage({ href }: URL): boolean {
    return href.startsWith(issuer.replace("/v2.0", ""));
  }

  /** The sign-in page, which goes back with a code. */
  signIn({ searchParams }: URL): Response {
    const code = randomUUID();
    this.#codes.set(code, searchParams.get("claims"));
    const back = new URL(String(searchParams.get("redirect_uri")));
    back.search = String(new URLSearchParams({ code, state: searchParams.get("state") ?? "" }));
    return new Response(null, { status: 302, headers: { location: back.href } });
  }

  /** The network of one instance, to which each request is a step that it may not survive. */
  network(step: <Value>(work: () => Promise<Value>) => Promise<Value>): HttpClient {
    return companyNetwork({
      authority: ({ form }) => step(() => this.#answer(form)),
      graph: () => ({ body: { id: objectId, displayName: "Uma First" } }),
    });
  }

  async #answer(form: SentRequest["form"]): Promise<Answer> {
    // So long that nobody waits for it.
    if (this.isDown) return { status: 503, headers: { "retry-after": "3600" } };
    if (form.grant_type === "refresh_token") {
      return this.isRevoked ? refusal(50173) : this.#tokens(form.claims);
    }
    if (form.grant_type === "authorization_code") {
      const claims = this.#codes.get(form.code ?? "");
      this.#codes.delete(form.code ?? "");
      return claims === undefined ? refusal(54005) : this.#tokens(claims);
    }
    const { acrs } = decodeJwt<{ acrs?: readonly string[] }>(form.assertion ?? "");
    if (this.demanded !== undefined && !acrs?.includes(this.demanded)) {
      const claims = { access_token: { acrs: { essential: true, value: this.demanded } } };
      return refusal(50076, { claims: JSON.stringify(claims) });
    }
    return tokenAnswer("graph-token");
  }

  async #tokens(claims: string | null | undefined): Promise<Answer> {
    const { acrs } = JSON.parse(claims ?? "{}").access_token ?? {};
    if (!this.key) throw new Error("There is no instance.");
    const now = Math.floor(this.#now() / 1000);
    const token = await sign(
      this.key,
      claimsWith({
        ...{ azp: gatewayClientId, oid: objectId, uti: randomUUID() },
        ...{ iat: now, nbf: now, exp: now + 3600, xms_cc: ["cp1"] },
        ...(acrs && { acrs: [acrs.value] }),
      }),
    );
    const { body } = tokenAnswer(token);
    return { body: { ...(body as object), refresh_token: `refresh-${randomUUID()}` } };
  }
}
