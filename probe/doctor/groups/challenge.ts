import { describe, excerpt, headerOf, statusOf } from "../../shared/exchange.ts";
import { metadataUrl, scopesOf } from "../../shared/metadata.ts";
import { check, finding, group, ok } from "../check.ts";

export const challenge = group("challenge", "Challenge", {
  status: check({ after: ["server.settings", "server.host"] }, async (patient) => {
    const exchange = await patient.unauthenticated();
    if (statusOf(exchange) === 401) return ok("401");
    const isOpen = statusOf(exchange) === 200;
    return finding({
      what: isOpen
        ? "The server serves people who have not signed in."
        : "A request without a token is not answered 401, so no client signs anybody in.",
      evidence: `POST ${patient.target} without a token: ${describe(exchange)}`,
      cause: isOpen
        ? "Not this server, or something before it that adds a token of its own."
        : "A gateway answers in the server's place, or the server fails.",
      remedy: isOpen
        ? "Take it off the network until it asks for a token."
        : "In a gateway, pass the server's 401 on as it is; otherwise read the log.",
    });
  }),
  bearer: check({ after: ["challenge.status"] }, async (patient) => {
    if (await patient.challenge()) return ok("WWW-Authenticate: Bearer");
    const header = headerOf(await patient.unauthenticated(), "www-authenticate");
    return finding({
      what: "The 401 does not say how to sign in.",
      evidence: `WWW-Authenticate: ${header === undefined ? "absent" : excerpt(header, 200)}`,
      cause: "A gateway takes the header away or puts its own in place.",
      remedy:
        "Let the gateway pass WWW-Authenticate on (API Management: no on-error policy, no set-header that replaces it).",
    });
  }),
  "resource-metadata": check(
    { after: ["challenge.bearer", "metadata.resource"] },
    async (patient) => {
      const named = (await patient.challenge())?.parameters.get("resource_metadata");
      const expected = metadataUrl(patient.target).href;
      if (named === expected) return ok(expected);
      return finding({
        what:
          named === undefined
            ? "The challenge does not say where the metadata is."
            : "The challenge leads elsewhere than to this server's metadata.",
        evidence: `resource_metadata: ${named === undefined ? "absent" : excerpt(named, 200)}`,
        cause:
          "A gateway that puts its own challenge in place, or another version of the server (RFC 9728 section 5.1).",
        remedy: `The challenge must have resource_metadata="${expected}".`,
      });
    },
  ),
  scope: check({ after: ["challenge.bearer", "metadata.scopes"] }, async (patient) => {
    const named = (await patient.challenge())?.parameters.get("scope");
    const expected = scopesOf(await patient.metadata()).join(" ");
    if (named === expected) return ok(expected);
    return finding({
      what: "The challenge names other scopes than the metadata.",
      evidence: `scope: ${named === undefined ? "absent" : excerpt(named, 200)}; scopes_supported: ${excerpt(expected, 200)}`,
      cause:
        "A gateway that puts its own challenge in place, or another version of the server. Clients ask Entra for what the challenge says.",
      remedy: `The challenge must have scope="${expected}".`,
    });
  }),
  "no-error": check({ after: ["challenge.bearer"] }, async (patient) => {
    const error = (await patient.challenge())?.parameters.get("error");
    if (error === undefined) return ok("none");
    return finding({
      what: "The challenge speaks of an error although no token was sent.",
      evidence: `error: ${excerpt(error, 100)}`,
      cause: "A gateway that adds a token, or another version of the server (RFC 6750 section 3).",
      remedy:
        "Leave error out where no token was sent: some clients throw their tokens away on it.",
    });
  }),
});
