import { createHmac, createPublicKey, type KeyObject, randomBytes } from "node:crypto";
import { CompactEncrypt } from "jose";
import { assemble, base64url, signJwt } from "../../shared/jwt.ts";
import { group, judgeStatus, pass } from "../check.ts";
import type { Context } from "../context.ts";
import { strangersKeyId } from "../stranger.ts";
import { malformedStatuses, refusals } from "./refused-tokens.ts";

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

const refused = refusals<Context>("no key of the authority can be had that it could be made with");

/** Tokens that anyone can make who has seen a token or the metadata. */
export const forgedTokens = group("forged", "Forged tokens", {
  none: refused(({ likeness }) => ({
    "a token of algorithm none": assemble({ ...likeness.header, alg: "none" }, likeness.claims),
  })),
  "none-spelling": refused(({ likeness }) =>
    Object.fromEntries(
      ["None", "NONE", "nOnE"].map((alg) => [
        `a token of algorithm ${alg}`,
        assemble({ ...likeness.header, alg }, likeness.claims),
      ]),
    ),
  ),
  "no-algorithm": refused(({ likeness }) => ({
    "a token without alg": assemble({ ...likeness.header, alg: undefined }, likeness.claims),
  })),
  "no-signature": refused(({ likeness }) => ({
    "a token with an empty signature": assemble(likeness.header, likeness.claims),
  })),
  "random-signature": refused(({ likeness }) => ({
    "a token with a random signature": assemble(
      likeness.header,
      likeness.claims,
      randomBytes(256).toString("base64url"),
    ),
  })),
  "hs256-public-key": refused((context) => {
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
  }),
  "hs256-weak-secret": refused((context) =>
    Object.fromEntries(
      ["", "secret", "your-256-bit-secret"].map((secret) => [
        `a token of HS256 with the secret "${secret}"`,
        hs256(context, secret),
      ]),
    ),
  ),
  "kid-injection": refused((context) => ({
    "a key id that is a path to an empty file": hs256(context, "", {
      kid: "../../../../../../../../dev/null",
    }),
    "a key id that is part of a query": hs256(context, "authsuite", {
      kid: "x' UNION SELECT 'authsuite' -- ",
    }),
  })),
  "zero-signature": refused(({ likeness }) => ({
    "a token of ES256 with a signature of zeros": assemble(
      { ...likeness.header, alg: "ES256" },
      likeness.claims,
      Buffer.alloc(64).toString("base64url"),
    ),
  })),
  "own-key": refused((context) => ({
    "a token that a stranger has signed": strangers(context, {}),
  })),
  "unknown-key-id": refused((context) => ({
    "a token under an unknown key id": strangers(context, { kid: strangersKeyId }),
    "a stranger's token without a key id": strangers(context, { kid: undefined }),
  })),
  jwk: refused((context) => ({
    "a token with its own key in jwk": strangers(context, {
      kid: undefined,
      jwk: context.stranger.publicJwk,
    }),
  })),
  jku: refused((context) => ({
    "a token with its own key set in jku": strangers(context, {
      kid: strangersKeyId,
      jku: context.stranger.keysUrl,
    }),
  })),
  x5u: refused((context) => ({
    "a token with its own certificate in x5u": strangers(context, {
      kid: undefined,
      x5u: context.stranger.certificateUrl,
    }),
  })),
  x5c: refused((context) => ({
    "a token with its own certificate in x5c": strangers(context, {
      kid: undefined,
      x5c: [context.stranger.certificate],
    }),
  })),
  "own-issuer": refused((context) => ({
    "a token of an authority of its own": strangers(
      context,
      { kid: strangersKeyId },
      { iss: context.stranger.issuer },
    ),
  })),
  encrypted: refused(async (context) => {
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
  }),
  malformed: refused(
    ({ likeness: { header, claims } }) => ({
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
    malformedStatuses,
  ),
  empty: refused(
    () => ({ "no token behind Bearer": "", "blanks behind Bearer": " \t " }),
    malformedStatuses,
  ),
  characters: refused(
    () => ({
      "a token with blanks": "authsuite token",
      "a token in quotes": '"authsuite.token.quoted"',
      "a token with brackets": "<authsuite>{token}",
    }),
    malformedStatuses,
  ),
  "non-ascii": async (context) => {
    const exchange = await context.present("authsuite.t\u00f6ken.\u00ff", "a non-ASCII token");
    // What stands in front of a server may leave such a header without an answer, as Azure Functions does.
    return exchange.answer ? judgeStatus(exchange, ...malformedStatuses) : pass;
  },
  oversized: refused(
    ({ likeness: { header, claims } }) => ({
      "a token of 12,000 characters": assemble(
        header,
        { ...claims, filler: "x".repeat(8_500) },
        "A".repeat(500),
      ),
    }),
    [401, 400, 413, 431],
  ),
});
