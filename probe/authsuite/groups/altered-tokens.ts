import { assemble, base64url } from "../../shared/jwt.ts";
import { type Check, type Group, notApplicable } from "../check.ts";
import type { TokenContext } from "../context.ts";
import { mcpAuthorization, rfc } from "../sources.ts";
import {
  expectRefusals,
  malformedStatuses,
  type RefusedTokens,
  refusalOf,
} from "./refused-tokens.ts";

const aYear = 365 * 24 * 60 * 60;
const somebody = "00000000-0000-4000-8000-000000000001";

const alterations: readonly RefusedTokens<TokenContext>[] = [
  {
    id: "claims",
    what: "a good token whose claims were altered",
    must: rfc(8725, "3.3"),
    make({ jwt }) {
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
    },
  },
  {
    id: "header",
    what: "a good token whose header was altered",
    must: rfc(7515, "5.2"),
    make: ({ token, jwt }) =>
      jwt && {
        "the good token with a further header parameter": assemble(
          { ...jwt.header, altered: true },
          jwt.claims,
          jwt.signature,
        ),
        "the good token made one of algorithm none": `${base64url({ ...jwt.header, alg: "none" })}.${token.split(".")[1]}.`,
      },
  },
  {
    id: "signature",
    what: "a good token whose signature was altered, cut short or cut off",
    must: rfc(8725, "3.3"),
    make({ token, jwt }) {
      if (!jwt) return undefined;
      const { signature } = jwt;
      const signed = token.slice(0, -signature.length);
      const first = signature.startsWith("A") ? "B" : "A";
      return {
        "the good token with one character of its signature altered": `${signed}${first}${signature.slice(1)}`,
        "the good token with half of its signature": `${signed}${signature.slice(0, signature.length / 2)}`,
        "the good token without its signature": signed,
      };
    },
  },
  {
    id: "parts",
    what: "a good token with a part too many or too few",
    must: rfc(7519, "7.2"),
    statuses: malformedStatuses,
    make: ({ token, jwt }) =>
      jwt && {
        "the first two parts of the good token": token.split(".").slice(0, 2).join("."),
        "the good token and a fourth part": `${token}.AAAA`,
        "the good token cut in half": token.slice(0, token.length / 2),
      },
  },
];

const expired: Check = {
  id: "altered.expired",
  title: "Refuses a token of the authority that has expired.",
  must: mcpAuthorization("Token Handling"),
  run: async (context) =>
    context.expiredToken === undefined
      ? notApplicable("needs an expired token (--expired-token)")
      : expectRefusals(context, { "the expired token": context.expiredToken }),
};

/** Tokens that anyone can make from one that they got hold of. */
export const alteredTokens: Group = {
  name: "altered",
  title: "Altered and expired tokens",
  checks: [
    ...alterations.map((alteration) => ({
      ...refusalOf("altered", alteration, "the good token is no JWT"),
      needs: "token" as const,
    })),
    expired,
  ],
};
