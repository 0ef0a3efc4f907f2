import { assemble, base64url, type DecodedJwt } from "../../shared/jwt.ts";
import { type Check, type Group, notApplicable } from "../check.ts";
import { mcpAuthorization, rfc, type Source } from "../sources.ts";
import { expectRefusals, malformedStatuses, type Tokens } from "./refused-tokens.ts";

interface Alteration {
  readonly id: string;
  /** What is refused. */
  readonly what: string;
  readonly source: Source;
  readonly statuses?: readonly number[];
  /** @param token the good one as it stands, and taken apart */
  make(token: string, parts: DecodedJwt): Tokens;
}

const aYear = 365 * 24 * 60 * 60;

const alterations: readonly Alteration[] = [
  {
    id: "claims",
    what: "a good token whose claims were altered",
    source: rfc(8725, "3.3"),
    make: (_token, { header, claims, signature }) => ({
      "the good token, made to last a year longer": assemble(
        header,
        { ...claims, exp: Number(claims.exp ?? 0) + aYear },
        signature,
      ),
      "the good token, made out to somebody else": assemble(
        header,
        {
          ...claims,
          sub: "authsuite",
          ...(claims.oid === undefined ? {} : { oid: "00000000-0000-4000-8000-000000000001" }),
        },
        signature,
      ),
    }),
  },
  {
    id: "header",
    what: "a good token whose header was altered",
    source: rfc(7515, "5.2"),
    make: (token, { header, claims, signature }) => ({
      "the good token with a further header parameter": assemble(
        { ...header, altered: true },
        claims,
        signature,
      ),
      "the good token made one of algorithm none": `${base64url({ ...header, alg: "none" })}.${token.split(".")[1]}.`,
    }),
  },
  {
    id: "signature",
    what: "a good token whose signature was altered, cut short or cut off",
    source: rfc(8725, "3.3"),
    make(token, { signature }) {
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
    source: rfc(7519, "7.2"),
    statuses: malformedStatuses,
    make: (token) => ({
      "the first two parts of the good token": token.split(".").slice(0, 2).join("."),
      "the good token and a fourth part": `${token}.AAAA`,
      "the good token cut in half": token.slice(0, token.length / 2),
    }),
  },
];

function checkOf({ id, what, source, statuses, make }: Alteration): Check {
  return {
    id: `altered.${id}`,
    title: `Refuses ${what}.`,
    source,
    severity: "must",
    needs: "token",
    run: async (context) =>
      context.jwt
        ? expectRefusals(context, make(context.token, context.jwt), statuses)
        : notApplicable("the good token is no JWT"),
  };
}

const expired: Check = {
  id: "altered.expired",
  title: "Refuses a token of the authority that has expired.",
  source: mcpAuthorization("Token Handling"),
  severity: "must",
  needs: "nothing",
  run: async (context) =>
    context.expiredToken === undefined
      ? notApplicable("needs an expired token (--expired-token)")
      : expectRefusals(context, { "the expired token": context.expiredToken }),
};

/** What anyone can make of a token that they got hold of. */
export const alteredTokens: Group = {
  name: "altered",
  title: "Altered and expired tokens",
  checks: [...alterations.map(checkOf), expired],
};
