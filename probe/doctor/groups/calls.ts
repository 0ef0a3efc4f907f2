import type { JsonObject } from "../../../src/core/encoding.ts";
import { bearerChallenge } from "../../shared/challenge.ts";
import {
  asObject,
  describe,
  type Exchange,
  excerpt,
  jsonOf,
  statusOf,
} from "../../shared/exchange.ts";
import { discover, initialize, messageOf, resultOf, toolsOf } from "../../shared/mcp-message.ts";
import { check, type Finding, finding, group, notApplicable, ok } from "../check.ts";
import { adviceFor, signInEnded } from "../on-behalf-advice.ts";
import type { Patient } from "../patient.ts";
import { token as tokenChecks } from "./token.ts";

/** The tool that acts on its caller's behalf. */
const onBehalfTool = "get_user_details";

function versionOf(result: JsonObject): string {
  const { name, version } = asObject(result.serverInfo) ?? {};
  return `${excerpt(String(result.protocolVersion ?? "an answer"), 20)}, ${excerpt(`${name} ${version}`, 60)}`;
}

/** Why a token that looks right is not accepted, as far as the answer tells. */
function refusalOf(
  exchange: Exchange,
  { jwt }: Patient,
  isGateway: boolean,
): Omit<Finding, "kind"> {
  const evidence = `POST initialize with the token: ${describe(exchange)}`;
  const header = exchange.answer?.headers.get("www-authenticate") ?? undefined;
  const error = bearerChallenge(header)?.parameters.get("error") ?? jsonOf(exchange)?.error;
  const what = "The server does not accept the token, although it looks right from outside.";
  const log =
    "The server's log says which, in the event audit.authentication: reason, got, expected.";
  switch (error) {
    case "insufficient_claims":
      return { what: "Entra asks for more than this sign-in.", evidence, ...moreAuthentication };
    case "insufficient_scope":
      return {
        what,
        evidence,
        cause: "The token lacks a scope, or is an application's.",
        remedy: `Ask for the scope that the challenge names. ${log}`,
      };
    case "access_denied":
      if (String(jwt?.claims.xms_sub_fct).split(" ").includes("13")) {
        return {
          what: "The server lets no AI agent in through a user account of its own.",
          evidence,
          cause: "The token's xms_sub_fct has 13, and ALLOW_AGENT_USERS is not true.",
          remedy: "Set it, if agents with accounts are to use the server.",
        };
      }
      return {
        what: "The server does not let this client application in.",
        evidence,
        cause: `ALLOWED_CLIENT_IDS does not list ${excerpt(String(jwt?.claims.azp ?? jwt?.claims.client_id), 40)}.`,
        remedy: "Add it there, if it is to be let in.",
      };
    case "temporarily_unavailable":
      return {
        what: "The server cannot check tokens now.",
        evidence,
        cause:
          "It does not reach the authority's keys, although they can be had from here; or its clock is behind (server.clock), and tokens are from its future.",
        remedy: `Let the server's network out to the authority's host. See ENTRA_AUTHORITY_HOST. ${log}`,
      };
    case "invalid_token":
      if (isGateway) {
        return {
          what,
          evidence,
          cause: "Its connection has ended: the person, an administrator or Entra ended it.",
          remedy: `Sign in again. ${log}`,
        };
      }
      return {
        what,
        evidence,
        cause: `Most likely aud (${excerpt(String(jwt?.claims.aud), 40)}) is not the server's ENTRA_CLIENT_ID; or the server's keys, ENTRA_TENANT_ID or ENTRA_ISSUER are of another authority.`,
        remedy: `Set ENTRA_CLIENT_ID to the application (client) id of the registration whose scope is asked for. ${log}`,
      };
    default:
      return {
        what: "The server does not serve a request with the token.",
        evidence,
        cause: "It fails, or something between takes the Authorization header away.",
        remedy: log,
      };
  }
}

const moreAuthentication = {
  cause: "Conditional Access, or continuous access evaluation, demands more of this person.",
  remedy: "Sign in again in a client that can answer claims challenges.",
};

function listTools(patient: Patient): Promise<Exchange> {
  return patient.post(messageOf("legacy", "tools/list"));
}

async function toolNames(patient: Patient): Promise<readonly string[] | undefined> {
  return toolsOf(await listTools(patient))?.map((tool) => String(tool?.name));
}

function textOf({ content }: JsonObject): string {
  const parts: unknown[] = Array.isArray(content) ? content : [];
  return parts.map((part) => String(asObject(part)?.text ?? "")).join(" ");
}

export const calls = group("calls", "Calls", {
  accepted: check(
    {
      after: [
        "server.host",
        "challenge.status",
        "authority.keys",
        ...tokenChecks.checks.map(({ id }) => id),
      ],
      needs: "token",
    },
    async (patient) => {
      const exchange = await patient.post(initialize);
      const result = resultOf(exchange);
      if (result) return ok(versionOf(result));
      const isOutage = jsonOf(exchange)?.error === "temporarily_unavailable";
      if (isOutage && statusOf(await patient.readiness()) === 503) {
        return { kind: "not-looked-at", because: "server.dependencies" };
      }
      return finding(refusalOf(exchange, patient, await patient.isGateway()));
    },
  ),
  discover: check({ after: ["calls.accepted"], needs: "token" }, async (patient) => {
    const exchange = await patient.post(discover);
    if (resultOf(exchange)) return ok("server/discover is answered");
    return finding({
      what: "Clients of the newest revision are not served.",
      evidence: `POST server/discover: ${describe(exchange)}`,
      cause: "An older version of the server, or a gateway that drops the Mcp-Method header.",
      remedy:
        "Deploy again; let the gateway pass MCP-Protocol-Version, Mcp-Method and Mcp-Name on.",
    });
  }),
  tools: check({ after: ["calls.accepted"], needs: "token" }, async (patient) => {
    const names = await toolNames(patient);
    if (names && names.length > 0) return ok(names.map((name) => excerpt(name, 40)).join(", "));
    return finding({
      what: names ? "The server lists no tool for this person." : "The tools cannot be listed.",
      evidence: `POST tools/list: ${describe(await listTools(patient))}`,
      cause: "The tools' policies let this person call none, or listing fails.",
      remedy: "The server's log says why, in the event audit.authorization.",
    });
  }),
  "on-behalf": check({ after: ["calls.tools"], needs: "call" }, async (patient) => {
    if (patient.token === undefined) return notApplicable("needs an access token (--token)");
    if (!(await toolNames(patient))?.includes(onBehalfTool)) {
      return notApplicable(`there is no tool ${onBehalfTool}`);
    }
    const exchange = await patient.post(
      messageOf("legacy", "tools/call", { name: onBehalfTool, arguments: {} }),
    );
    const what = "The server cannot act on the person's behalf.";
    const challenge = exchange.answer?.headers.get("www-authenticate") ?? undefined;
    if (statusOf(exchange) === 401 && challenge?.includes("insufficient_claims")) {
      return finding({ what, evidence: "401, insufficient_claims", ...moreAuthentication });
    }
    // The token was good a moment ago, for the list.
    if (statusOf(exchange) === 401 && challenge?.includes("invalid_token")) {
      return finding({ what, evidence: "401, invalid_token", ...signInEnded });
    }
    const result = resultOf(exchange);
    if (!result) {
      return finding({
        what,
        evidence: `POST tools/call: ${describe(exchange)}`,
        cause: "The call fails before it reaches Microsoft Graph.",
        remedy: "The server's log says why, in the event audit.tool-call.",
      });
    }
    if (result.isError === true) {
      const text = textOf(result);
      return finding({
        what,
        evidence: `${onBehalfTool}: "${excerpt(text, 200)}"`,
        ...adviceFor(text),
      });
    }
    const { object_id: id } = asObject(result.structuredContent) ?? {};
    const { oid, sub } = patient.jwt?.claims ?? {};
    if (id === ((await patient.isGateway()) ? sub : oid)) {
      return ok("Microsoft Graph knows the person whom the token names");
    }
    return finding({
      what: "Microsoft Graph answered for somebody else.",
      evidence: "the answer's object_id is not the token's person",
      cause: "Tokens of different people are mixed up.",
      remedy: "Take the server off the network, and find out how: this must never happen.",
    });
  }),
});
