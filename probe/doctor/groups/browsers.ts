import {
  describe,
  type Exchange,
  headerOf,
  isSuccess,
  listOf,
  statusOf,
} from "../../shared/exchange.ts";
import { initialize } from "../../shared/mcp-message.ts";
import { metadataUrl } from "../../shared/metadata.ts";
import { check, finding, group, note, ok } from "../check.ts";
import type { Patient } from "../patient.ts";

/** An origin that no server has allowed. */
const foreignOrigin = "https://doctor.invalid";
const requestHeaders = ["authorization", "content-type", "mcp-protocol-version", "mcp-method"];

const platformCors = {
  cause:
    "The platform's own CORS setting, or a gateway's, answers preflights before the server sees them. It cannot expose WWW-Authenticate, without which a page never learns where to sign in.",
  remedy:
    "Empty it: function app, CORS, remove every origin (siteConfig.cors must be absent). Browser origins belong in ALLOWED_ORIGINS.",
};

/** The request without a token that a browser sends before a page's own (Fetch, CORS protocol). */
function preflight({ send, target }: Patient, origin: string): Promise<Exchange> {
  return send({
    method: "OPTIONS",
    url: target,
    headers: [
      ["Origin", origin],
      ["Access-Control-Request-Method", "POST"],
      ["Access-Control-Request-Headers", requestHeaders.join(",")],
    ],
  });
}

function describePreflight(exchange: Exchange, origin: string): string {
  const shown = ["origin", "methods", "headers"].map((name) => {
    const value = headerOf(exchange, `access-control-allow-${name}`);
    return `Access-Control-Allow-${name[0]?.toUpperCase()}${name.slice(1)}: ${value ?? "absent"}`;
  });
  return `preflight from ${origin}: ${describe(exchange)}, ${shown.join(", ")}`;
}

export const browsers = group("browsers", "Browsers", {
  "own-answer": check({ after: ["server.settings", "server.host"] }, async (patient) => {
    const exchange = await preflight(patient, foreignOrigin);
    if (statusOf(exchange) === 403) return ok("a foreign page is answered 403");
    if (!isSuccess(exchange)) {
      return note(
        `a foreign page is answered ${statusOf(exchange) ?? "nothing"}, not 403: something else may answer preflights (look with --origin)`,
      );
    }
    const allowed = headerOf(exchange, "access-control-allow-origin");
    return finding({
      what:
        allowed === undefined
          ? "Something before the server answers preflights."
          : "Any page in a browser may call the server.",
      evidence: describePreflight(exchange, foreignOrigin),
      ...platformCors,
    });
  }),
  preflight: check({ after: ["browsers.own-answer"], needs: "origin" }, async (patient) => {
    const origin = String(patient.origin);
    const exchange = await preflight(patient, origin);
    const evidence = describePreflight(exchange, origin);
    if (statusOf(exchange) === 403) {
      return finding({
        what: "The server does not allow that origin.",
        evidence,
        cause: "The origin is not in ALLOWED_ORIGINS, or not written as browsers send it.",
        remedy: `Add ${origin} to ALLOWED_ORIGINS: scheme, host and port, no slash at the end.`,
      });
    }
    const listed = (name: string) => listOf(exchange, `access-control-allow-${name}`);
    const missing = requestHeaders.filter((name) => !listed("headers").includes(name));
    const isAllowed = isSuccess(exchange) && listed("origin")[0] === origin.toLowerCase();
    if (isAllowed && missing.length === 0 && listed("methods").includes("post")) {
      return ok(`${origin} may send ${requestHeaders.join(", ")}`);
    }
    return finding({
      what: "Browsers do not let the page call the server.",
      evidence: `${evidence}${missing.length > 0 ? `; not allowed: ${missing.join(", ")}` : ""}`,
      ...(statusOf(exchange) === 401
        ? {
            cause: "Something asks for a token, and a preflight carries none.",
            remedy: "Answer OPTIONS before authentication: Easy Auth off, no token policy on it.",
          }
        : platformCors),
    });
  }),
  exposed: check(
    { after: ["browsers.preflight", "challenge.bearer", "metadata.found"], needs: "origin" },
    async (patient) => {
      const origin = String(patient.origin);
      const refused = await patient.post(initialize, [["Origin", origin]]);
      const names = headerOf(refused, "access-control-expose-headers") ?? "";
      const isShared = headerOf(refused, "access-control-allow-origin") === origin;
      if (!isShared || !/(?:^|,)\s*www-authenticate\s*(?:,|$)/i.test(names)) {
        return finding({
          what: "A page cannot read the challenge, so it never learns where to sign in.",
          evidence: `Access-Control-Allow-Origin: ${headerOf(refused, "access-control-allow-origin") ?? "absent"}, Access-Control-Expose-Headers: ${names || "absent"}`,
          cause: "A gateway, or the platform's own CORS setting, rewrites the answer's headers.",
          remedy:
            "Let Access-Control-Expose-Headers: WWW-Authenticate through; leave CORS to the server.",
        });
      }
      const document = await patient.send({
        method: "GET",
        url: metadataUrl(patient.target),
        headers: [["Origin", origin]],
      });
      const readers = headerOf(document, "access-control-allow-origin");
      if (readers === "*" || readers === origin) return ok("WWW-Authenticate is exposed");
      return finding({
        what: "A page cannot read the metadata.",
        evidence: `GET ${document.url}: Access-Control-Allow-Origin: ${readers ?? "absent"}`,
        cause: "A gateway takes the header away.",
        remedy: "Let Access-Control-Allow-Origin: * through: the document is public.",
      });
    },
  ),
});
