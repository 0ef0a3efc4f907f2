import { graph } from "../../src/directory/graph.ts";
import { type ApiFailure, apiToolFailure } from "../../src/downstream/api-failure.ts";
import { explainCode } from "./explain.ts";

export interface Advice {
  readonly cause: string;
  readonly remedy: string;
}

/** The server's log has details that its answers leave out. */
const inTheLog =
  "The server's log has Entra's code, in the event audit.exchange: npm run doctor -- --explain CODE says what it means.";

/** What a tool says of it in a batch, and a challenge with `invalid_token` to a call by itself. */
export const signInEnded: Advice = {
  cause:
    "Entra does not exchange this token: it has expired meanwhile, the person's sessions were revoked, or ENTRA_CLIENT_ID is another registration than the token's audience.",
  remedy: `Sign in again. ${inTheLog}`,
};

/**
 * What a tool that acts on somebody's behalf says when it cannot, and what lies behind it. The
 * server tells its callers deliberately little: which failures share a text is all that shows.
 */
const advices: readonly { readonly failures: readonly ApiFailure[]; readonly advice: Advice }[] = [
  {
    failures: [exchange({ kind: "consent-missing" })],
    advice: {
      cause: `The exchange of the caller's token is refused: ${onBehalf("AADSTS65001")}`,
      remedy:
        "An administrator grants consent to the delegated Graph permissions: the API's registration, API permissions, Grant admin consent. (Deployed with GRANT_ADMIN_CONSENT=true it is granted then.)",
    },
  },
  {
    failures: [
      exchange({ kind: "credential-rejected" }),
      exchange({ kind: "misconfigured" }),
      exchange({ kind: "unexpected", got: "refusal" }),
    ],
    advice: {
      cause:
        "The exchange of the caller's token is refused, because Entra does not accept the server's credential (AADSTS700211, AADSTS700212, AADSTS700213: the federated identity credential does not match the managed identity; AADSTS7000215, AADSTS7000222: a wrong or expired secret) or does not know what it asks for (AADSTS500011, AADSTS700016, AADSTS650057).",
      remedy: `Compare the federated identity credential of the API's registration with the managed identity: issuer {authority}/{tenant}/v2.0, subject the identity's object (principal) id, audience api://AzureADTokenExchange; and ENTRA_CLIENT_ID, ENTRA_TENANT_ID, AZURE_CLIENT_ID. ${inTheLog}`,
    },
  },
  {
    failures: [exchange({ kind: "conditional-access-blocked" })],
    advice: {
      cause: "Conditional Access does not let this person reach Microsoft Graph from here.",
      remedy: `An administrator finds the policy in Entra's sign-in logs. ${inTheLog}`,
    },
  },
  {
    failures: [exchange({ kind: "interaction-required" })],
    advice: {
      cause:
        "Conditional Access asks for more than the person's sign-in has shown, such as multifactor authentication.",
      remedy:
        "The person signs in again. A client whose token says cp1 is told what to ask for; others sign in afresh.",
    },
  },
  {
    failures: [exchange({ kind: "assertion-rejected" }), exchange({ kind: "sign-in-ended" })],
    advice: signInEnded,
  },
  {
    failures: [
      exchange({ kind: "throttled" }),
      exchange({ kind: "authority-unavailable" }),
      exchange({ kind: "managed-identity-unavailable" }),
      exchange({ kind: "cancelled" }),
    ],
    advice: {
      cause:
        "The server does not get through to Entra's token endpoint, or to its managed identity: AZURE_CLIENT_ID is no identity of the function app.",
      remedy: `Check function app, Identity, User assigned, and AZURE_CLIENT_ID; and that the network lets the server out to the authority. ${inTheLog}`,
    },
  },
  {
    failures: [{ kind: "denied" }],
    advice: {
      cause: "Microsoft Graph refuses the exchanged token: a delegated permission is missing.",
      remedy:
        "Add User.Read and GroupMember.Read.All to the API's registration, API permissions, Microsoft Graph, Delegated; then Grant admin consent.",
    },
  },
  {
    failures: [{ kind: "unauthorized" }, { kind: "claims-challenge" }],
    advice: {
      cause: "Microsoft Graph does not accept the exchanged token.",
      remedy: "Check GRAPH_ENDPOINT and ENTRA_AUTHORITY_HOST: both must be of one cloud.",
    },
  },
  {
    failures: [{ kind: "throttled" }, { kind: "unavailable" }, { kind: "cancelled" }],
    advice: {
      cause: "Microsoft Graph does not answer, or limits requests.",
      remedy:
        "Try again later. Check GRAPH_ENDPOINT, and that the network lets the server out to it.",
    },
  },
  {
    failures: [{ kind: "not-found" }, { kind: "unexpected-response", got: "status" }],
    advice: {
      cause: "Microsoft Graph answers something that the server cannot use.",
      remedy: "Check GRAPH_ENDPOINT. The server's log has what it got.",
    },
  },
];

const unknown: Advice = {
  cause: "Something that this doctor does not know, or another server's tool.",
  remedy: "The server's log has the reason, in the events audit.tool-call and audit.exchange.",
};

/** The likely cause of a tool's failure, by the words in which it reports it. */
export function adviceFor(text: string): Advice {
  const found = advices.find(({ failures }) =>
    failures.some(
      (failure) => withoutTime(apiToolFailure(graph, failure).message) === withoutTime(text),
    ),
  );
  return found?.advice ?? unknown;
}

/** How long to wait differs from time to time. */
function withoutTime(text: string): string {
  return text.trim().replace(/ in (?:a minute|\d+ s)\.$/, ".");
}

function exchange(
  failure: Extract<ApiFailure, { kind: "exchange-failed" }>["failure"],
): ApiFailure {
  return { kind: "exchange-failed", failure };
}

/** What a code means in an exchange. */
function onBehalf(code: string): string {
  const found = explainCode(code).meanings.find(({ place }) => place === "on-behalf-of");
  return `${found?.meaning} (${code})`;
}
