import { createHmac, createPublicKey, type KeyObject, randomBytes } from "node:crypto";
import { CompactEncrypt } from "jose";
import { assemble, base64url, signJwt } from "../../shared/jwt.ts";
import type { Group } from "../check.ts";
import type { Context } from "../context.ts";
import { mcpAuthorization, owaspJwt, owaspResources, rfc } from "../sources.ts";
import { strangersKeyId } from "../stranger.ts";
import { malformedStatuses, type RefusedTokens, refusalOf } from "./refused-tokens.ts";

/** The authority's public keys that verify signatures, as far as they can be had. */
function issuerKeys({ discovery }: Context): readonly KeyObject[] {
  return discovery.issuers
    .flatMap(({ keys }) => keys)
    .filter(({ use }) => use !== "enc")
    .flatMap((key) => {
      try {
        return [createPublicKey({ key, format: "jwk" })];
      } catch {
        return [];
      }
    });
}

/** Keys that RFC 7518 sections 4.3 and 4.6 have encryption for. */
function canEncrypt({ asymmetricKeyDetails = {} }: KeyObject): boolean {
  const { modulusLength = 0, namedCurve = "" } = asymmetricKeyDetails;
  return modulusLength >= 2048 || /^(?:prime256v1|secp384r1|secp521r1)$/.test(namedCurve);
}

function hs256({ likeness }: Context, secret: string | Buffer, header = {}): string {
  const input = `${base64url({ ...likeness.header, alg: "HS256", ...header })}.${base64url(likeness.claims)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

/** Signed by the stranger's key; `undefined` leaves a header parameter out. */
function strangers({ likeness, stranger }: Context, header: object, claims: object = {}): string {
  return signJwt(
    stranger.privateKey,
    { ...likeness.header, alg: stranger.algorithm, ...header },
    { ...likeness.claims, ...claims },
  );
}

const forgeries: readonly RefusedTokens<Context>[] = [
  {
    id: "none",
    what: "a token of algorithm none",
    must: rfc(8725, "3.2"),
    make: ({ likeness }) => ({
      "a token of algorithm none": assemble({ ...likeness.header, alg: "none" }, likeness.claims),
    }),
  },
  {
    id: "none-spelling",
    what: "the algorithm none spelt None, NONE or nOnE",
    must: owaspJwt,
    make: ({ likeness }) =>
      Object.fromEntries(
        ["None", "NONE", "nOnE"].map((alg) => [
          `a token of algorithm ${alg}`,
          assemble({ ...likeness.header, alg }, likeness.claims),
        ]),
      ),
  },
  {
    id: "no-algorithm",
    what: "a token that names no algorithm",
    must: rfc(7515, "4.1.1"),
    make: ({ likeness }) => ({
      "a token without alg": assemble({ ...likeness.header, alg: undefined }, likeness.claims),
    }),
  },
  {
    id: "no-signature",
    what: "a token with an empty signature",
    must: rfc(8725, "3.3"),
    make: ({ likeness }) => ({
      "a token with an empty signature": assemble(likeness.header, likeness.claims),
    }),
  },
  {
    id: "random-signature",
    what: "a token with a random signature",
    must: rfc(8725, "3.3"),
    make: ({ likeness }) => ({
      "a token with a random signature": assemble(
        likeness.header,
        likeness.claims,
        randomBytes(256).toString("base64url"),
      ),
    }),
  },
  {
    id: "hs256-public-key",
    what: "HS256 with the authority's public key as the secret",
    must: rfc(8725, "2.1"),
    make(context) {
      const [key] = issuerKeys(context);
      if (!key) return undefined;
      const pem = key.export({ type: "spki", format: "pem" }).toString();
      const secrets = {
        "as PEM": pem,
        "as PEM without the last line break": pem.trimEnd(),
        "as DER": key.export({ type: "spki", format: "der" }),
        "as JWK": JSON.stringify(key.export({ format: "jwk" })),
      };
      return Object.fromEntries(
        Object.entries(secrets).map(([form, secret]) => [
          `a token of HS256 with the public key ${form}`,
          hs256(context, secret),
        ]),
      );
    },
  },
  {
    id: "hs256-weak-secret",
    what: "HS256 with an empty or common secret",
    must: rfc(8725, "3.5"),
    make: (context) =>
      Object.fromEntries(
        ["", "secret", "your-256-bit-secret"].map((secret) => [
          `a token of HS256 with the secret "${secret}"`,
          hs256(context, secret),
        ]),
      ),
  },
  {
    id: "kid-injection",
    what: "a key id that is a path or a query, over a secret that follows from it",
    must: rfc(8725, "3.10"),
    make: (context) => ({
      "a key id that is a path to an empty file": hs256(context, "", {
        kid: "../../../../../../../../dev/null",
      }),
      "a key id that is part of a query": hs256(context, "authsuite", {
        kid: "x' UNION SELECT 'authsuite' -- ",
      }),
    }),
  },
  {
    id: "zero-signature",
    what: "an ECDSA signature of zeros",
    must: rfc(8725, "3.4"),
    make: ({ likeness }) => ({
      "a token of ES256 with a signature of zeros": assemble(
        { ...likeness.header, alg: "ES256" },
        likeness.claims,
        Buffer.alloc(64).toString("base64url"),
      ),
    }),
  },
  {
    id: "own-key",
    what: "a stranger's signature under the authority's key id",
    must: rfc(7519, "7.2"),
    make: (context) => ({ "a token that a stranger has signed": strangers(context, {}) }),
  },
  {
    id: "unknown-key-id",
    what: "a stranger's signature under an unknown key id, or none",
    must: rfc(7519, "7.2"),
    make: (context) => ({
      "a token under an unknown key id": strangers(context, { kid: strangersKeyId }),
      "a stranger's token without a key id": strangers(context, { kid: undefined }),
    }),
  },
  {
    id: "jwk",
    what: "a key that the token's own header brings (`jwk`)",
    must: rfc(7515, "4.1.3"),
    make: (context) => ({
      "a token with its own key in jwk": strangers(context, {
        kid: undefined,
        jwk: context.stranger.publicJwk,
      }),
    }),
  },
  {
    id: "jku",
    what: "a key set that the token's own header points to (`jku`)",
    must: rfc(8725, "3.10"),
    make: (context) => ({
      "a token with its own key set in jku": strangers(context, {
        kid: strangersKeyId,
        jku: context.stranger.keysUrl,
      }),
    }),
  },
  {
    id: "x5u",
    what: "a certificate that the token's own header points to (`x5u`)",
    must: rfc(8725, "3.10"),
    make: (context) => ({
      "a token with its own certificate in x5u": strangers(context, {
        kid: undefined,
        x5u: context.stranger.certificateUrl,
      }),
    }),
  },
  {
    id: "x5c",
    what: "a certificate that the token's own header brings (`x5c`)",
    must: rfc(7515, "4.1.6"),
    make: (context) => ({
      "a token with its own certificate in x5c": strangers(context, {
        kid: undefined,
        x5c: [context.stranger.certificate],
      }),
    }),
  },
  {
    id: "own-issuer",
    what: "a token of another authority, whose keys its own `iss` leads to",
    must: rfc(8725, "3.8"),
    make: (context) => ({
      "a token of an authority of its own": strangers(
        context,
        { kid: strangersKeyId },
        { iss: context.stranger.issuer },
      ),
    }),
  },
  {
    id: "encrypted",
    what: "an encrypted token (JWE) around claims that nobody signed",
    must: rfc(8725, "2.3"),
    async make(context) {
      const key = issuerKeys(context).find(canEncrypt);
      if (!key) return undefined;
      const { likeness } = context;
      const encrypt = (content: string, cty?: string) =>
        new CompactEncrypt(Buffer.from(content))
          .setProtectedHeader({
            alg: key.asymmetricKeyType === "rsa" ? "RSA-OAEP" : "ECDH-ES",
            enc: "A256GCM",
            ...(typeof likeness.header.kid === "string" ? { kid: likeness.header.kid } : {}),
            ...(cty === undefined ? {} : { cty }),
          })
          .encrypt(key);
      const unsigned = assemble({ alg: "none" }, likeness.claims);
      try {
        return {
          "claims encrypted to the authority's key": await encrypt(JSON.stringify(likeness.claims)),
          "an unsigned token encrypted to the authority's key": await encrypt(unsigned, "JWT"),
        };
      } catch {
        // A stranger's key may be one that nothing can be encrypted to, of too many bits for example.
        return undefined;
      }
    },
  },
  {
    id: "malformed",
    what: "what is no token: words, dots, parts that are no JSON objects",
    must: mcpAuthorization("Token Handling"),
    statuses: malformedStatuses,
    make: ({ likeness: { header, claims } }) => ({
      "a word": "authsuite",
      "two dots": "..",
      "four dots": "....",
      "three words": "authsuite.is.here",
      "a header that is null": assemble(null, claims, "AAAA"),
      "a header that is a list": assemble([header], claims, "AAAA"),
      "claims that are null": assemble(header, null, "AAAA"),
      "claims that are no JSON": assemble(header, "{", "AAAA"),
      "a header of bytes that are no text": `${Buffer.from([0xff, 0xfe, 0]).toString("base64url")}.e30.AAAA`,
      "a key id that is an object": assemble({ ...header, kid: {} }, claims, "AAAA"),
    }),
  },
  {
    id: "empty",
    what: "a credential without a token",
    must: rfc(6750, "2.1"),
    statuses: malformedStatuses,
    make: () => ({ "no token behind Bearer": "", "blanks behind Bearer": " \t " }),
  },
  {
    id: "characters",
    what: "a token with characters that none has: blanks, quotes, non-ASCII",
    must: rfc(6750, "2.1"),
    statuses: malformedStatuses,
    make: () => ({
      "a token with blanks": "authsuite token",
      "a token in quotes": '"authsuite.token.quoted"',
      "a token with non-ASCII characters": "authsuite.t\u00f6ken.\u00ff",
      "a token with brackets": "<authsuite>{token}",
    }),
  },
  {
    id: "oversized",
    what: "a token of 12,000 characters",
    must: owaspResources,
    statuses: [401, 400, 413, 431],
    make: ({ likeness: { header, claims } }) => ({
      "a token of 12,000 characters": assemble(
        header,
        { ...claims, filler: "x".repeat(8_500) },
        "A".repeat(500),
      ),
    }),
  },
];

/** Tokens that anyone can make who has seen a token or the metadata. */
export const forgedTokens: Group = {
  name: "forged",
  title: "Forged tokens",
  checks: forgeries.map((forgery) =>
    refusalOf("forged", forgery, "no key of the authority can be had that it could be made with"),
  ),
};
