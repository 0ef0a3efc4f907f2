import { assemble, base64url } from "../../shared/jwt.ts";
import { group, notApplicable, withToken } from "../check.ts";
import type { TokenContext } from "../context.ts";
import { expectRefusals, malformedStatuses, refusals } from "./refused-tokens.ts";

const aYear = 365 * 24 * 60 * 60;
const somebody = "00000000-0000-4000-8000-000000000001";

const refusing = refusals<TokenContext>("the good token is no JWT");
const refused = (...tokens: Parameters<typeof refusing>) => withToken(refusing(...tokens));

/** Tokens that anyone can make from one that they got hold of. */
export const alteredTokens = group("altered", "Altered and expired tokens", {
  claims: refused(({ jwt }) => {
    if (!jwt) return undefined;
    const { header, claims, signature } = jwt;
    const lasting = { ...claims, exp: Number(claims.exp ?? 0) + aYear };
    const object = claims.oid === undefined ? {} : { oid: somebody };
    return {
      "the good token, made to last a year longer": assemble(header, lasting, signature),
      "the good token, made out to somebody else": assemble(
        header,
        { ...claims, sub: "authsuite", ...object },
        signature,
      ),
    };
  }),
  header: refused(
    ({ token, jwt }) =>
      jwt && {
        "the good token with a further header parameter": assemble(
          { ...jwt.header, altered: true },
          jwt.claims,
          jwt.signature,
        ),
        "the good token made one of algorithm none": `${base64url({ ...jwt.header, alg: "none" })}.${token.split(".")[1]}.`,
      },
  ),
  signature: refused(({ token, jwt }) => {
    if (!jwt) return undefined;
    const { signature } = jwt;
    const signed = token.slice(0, -signature.length);
    const first = signature.startsWith("A") ? "B" : "A";
    return {
      "the good token with one character of its signature altered": `${signed}${first}${signature.slice(1)}`,
      "the good token with half of its signature": `${signed}${signature.slice(0, signature.length / 2)}`,
      "the good token without its signature": signed,
    };
  }),
  parts: refused(
    ({ token, jwt }) =>
      jwt && {
        "the first two parts of the good token": token.split(".").slice(0, 2).join("."),
        "the good token and a fourth part": `${token}.AAAA`,
        "the good token cut in half": token.slice(0, token.length / 2),
      },
    malformedStatuses,
  ),
  expired: async (context) =>
    context.expiredToken === undefined
      ? notApplicable("needs an expired token (--expired-token)")
      : expectRefusals(context, { "the expired token": context.expiredToken }),
});
