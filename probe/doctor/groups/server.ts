import { asObject, describe, excerpt, headerOf, jsonOf, statusOf } from "../../shared/exchange.ts";
import { check, finding, group, notApplicable, note, ok, seen } from "../check.ts";
import { clockTolerance, difference, wrongClock } from "../clock.ts";
import type { Patient } from "../patient.ts";
import { dependencyAdvice, easyAuth, substitutes } from "../platform.ts";

/** Finds the endpoint at the usual path, or at either path behind the platform's usual prefix. */
async function endpointElsewhere(patient: Patient): Promise<URL | undefined> {
  const { target } = patient;
  const paths = ["/mcp", `/api${target.pathname}`, "/api/mcp"];
  for (const path of new Set(paths.filter((path) => path !== target.pathname))) {
    const url = new URL(path, target);
    const status = statusOf(await patient.get(url));
    if (status === 405 || status === 401 || status === 400) return url;
  }
  return undefined;
}

export const server = group("server", "Server", {
  redirect: check({ after: ["connection.certificate"] }, async (patient) => {
    const exchange = await patient.unauthenticated();
    const status = statusOf(exchange) ?? 0;
    if (status < 300 || status > 399) return ok("none");
    const location = headerOf(exchange, "location") ?? "";
    const to = URL.parse(location, patient.target.href);
    const isLogin =
      to !== null && /\/\.auth\/|^login\.|\/oauth2\/|\/saml2|\/adfs\//i.test(to.host + to.pathname);
    return finding({
      what: isLogin ? "The URL leads to a login page." : "The URL redirects.",
      evidence: `POST ${patient.target}: ${status}, Location: ${excerpt(location.split("?")[0] ?? "", 200)}`,
      ...(isLogin
        ? easyAuth
        : {
            cause:
              "The URL is not the one that the server goes by: another host name, another path, or http in place of https. Clients drop the token on the way.",
            remedy: `Give clients the URL at the end of the redirect${to ? ` (${to.origin}${to.pathname})` : ""}, set MCP_PUBLIC_URL to the same, and run the doctor on that.`,
          }),
    });
  }),
  itself: check({ after: ["server.redirect"] }, async (patient) => {
    const exchange = await patient.unauthenticated();
    const { answer } = exchange;
    const evidence = seen(exchange);
    if (!answer) {
      return finding({
        what: "The server does not answer.",
        evidence,
        cause:
          exchange.problem?.kind === "timeout"
            ? "It hangs, or needs longer to start than the doctor waited."
            : "It, or something before it, closes the connection.",
        remedy:
          "Ask once more with --timeout 60. If it stays so, read the log: it may end while it starts.",
      });
    }
    const substitute = substitutes.find(({ answers }) => answers(exchange, answer.body));
    if (substitute) {
      const { what, cause, remedy } = substitute;
      return finding({ what, evidence, cause, remedy });
    }
    if (answer.status >= 500 && jsonOf(exchange)?.error === undefined) {
      return finding({
        what: "A gateway or the platform answers in the server's place.",
        evidence,
        cause:
          "The app is starting or restarting, its worker process ended, or the gateway before it does not reach it.",
        remedy:
          "Wait a minute and look again. If it stays so, read the log of the app, and of the gateway.",
      });
    }
    return ok(String(answer.status));
  }),
  route: check({ after: ["server.itself"] }, async (patient) => {
    const { target } = patient;
    const exchange = await patient.unauthenticated();
    if (statusOf(exchange) !== 404) return ok(target.pathname);
    const evidence = seen(exchange);
    const what = "There is nothing at the URL's path.";
    const elsewhere = await endpointElsewhere(patient);
    if (elsewhere?.pathname.startsWith("/api/")) {
      return finding({
        what,
        evidence: `${evidence}; ${elsewhere} answers`,
        cause: "The Functions host puts its usual route prefix api/ before every path.",
        remedy:
          'Set "extensions": {"http": {"routePrefix": ""}} in host.json, and see that the deployed package has that file.',
      });
    }
    if (elsewhere) {
      return finding({
        what,
        evidence: `${evidence}; ${elsewhere} answers`,
        cause: "A slip in the URL's path.",
        remedy: `Use ${elsewhere}.`,
      });
    }
    const health = await patient.health();
    return finding({
      what,
      evidence: `${evidence}; GET /health: ${describe(health)}`,
      cause:
        "Another server's URL, or a function app without functions: nothing is deployed, or its entry file fails while it loads.",
      remedy:
        "Look whether the portal lists the functions. If not, deploy (azd deploy) and read the log for what fails at start.",
    });
  }),
  alive: check({ after: ["server.route"] }, async (patient) => {
    const exchange = await patient.health();
    if (statusOf(exchange) === 200) return ok("200");
    if (statusOf(exchange) === 404) {
      return note(
        "404: a server of another make, or a gateway that does not pass /health on. Readiness cannot be seen from here.",
      );
    }
    return finding({
      what: "GET /health does not answer 200.",
      evidence: describe(exchange),
      cause: "The process is starting, failing or overloaded.",
      remedy: "Look again in a minute; then read the log.",
    });
  }),
  settings: check({ after: ["server.alive"] }, async (patient) => {
    // Before it looks for a token, nothing else keeps the server from answering.
    const exchange = await patient.unauthenticated();
    const isUnavailable = jsonOf(exchange)?.error === "temporarily_unavailable";
    if (statusOf(exchange) !== 503 || !isUnavailable) return ok("it has started");
    return finding({
      what: "Settings are missing or malformed, so the server answers nothing.",
      evidence: seen(exchange),
      cause: "An environment variable that the server needs is absent, or no valid value.",
      remedy:
        'The log names every one of them in one message ("The server\'s settings need attention"). Set them: function app, Environment variables; docs/configuration.md has the list.',
    });
  }),
  dependencies: check({ after: ["server.settings"] }, async (patient) => {
    const exchange = await patient.readiness();
    const states = Object.entries(asObject(jsonOf(exchange)?.dependencies) ?? {});
    if (statusOf(exchange) === 404) return notApplicable("there is no /health/ready");
    if (!exchange.answer?.complete) {
      return finding({
        what: "The server does not say in time whether it is ready.",
        evidence: seen(exchange),
        cause: "It waits some seconds for a dependency that does not answer at all.",
        remedy: "Ask once more with --timeout 30; its answer names the dependency.",
      });
    }
    const down = states.filter(([, state]) => state !== "ok").map(([name]) => name);
    if (statusOf(exchange) === 200 && down.length === 0) {
      return ok(excerpt(states.map(([name]) => name).join(", ")) || "200");
    }
    const known = Object.entries(dependencyAdvice)
      .filter(([name]) => down.includes(name))
      .map(([, advice]) => advice);
    return finding({
      what:
        down.length === 0
          ? "The server says that it is not ready."
          : `The server does not reach ${down
              .slice(0, 5)
              .map((name) => excerpt(name, 40))
              .join(" and ")}.`,
      evidence: seen(exchange),
      cause: known.map(({ cause }) => cause).join(" ") || "The log has it.",
      remedy: [
        ...known.map(({ remedy }) => remedy),
        "The log's event dependency.unreachable has the cause.",
      ].join(" "),
    });
  }),
  host: check({ after: ["server.settings"] }, async (patient) => {
    const exchange = await patient.unauthenticated();
    const isRefused = statusOf(exchange) === 403 && jsonOf(exchange)?.error === "forbidden";
    if (!isRefused) return ok(patient.target.host);
    return finding({
      what: "The server refuses requests under that host name.",
      evidence: seen(exchange),
      cause:
        "The host is neither that of MCP_PUBLIC_URL nor in ALLOWED_HOSTS: a custom domain or a gateway that passes its own name on.",
      remedy: `If clients are to use this URL, set MCP_PUBLIC_URL to ${patient.target}; if it is one more name, add ${patient.target.host} to ALLOWED_HOSTS.`,
    });
  }),
  clock: check({ after: ["server.itself"] }, async (patient) => {
    const ahead = await patient.secondsAhead();
    if (ahead === undefined) return notApplicable("the answers carry no Date header");
    const authority = await patient.authoritySecondsAhead();
    const differences = [ahead, ahead - (authority ?? ahead)].map(Math.abs);
    if (Math.max(...differences) <= clockTolerance) return ok(difference(ahead));
    const third =
      authority === undefined ? "" : `, the authority's clock is ${difference(authority)}`;
    return finding({
      what: "The server's clock differs from this machine's, or from the authority's.",
      evidence: `Date: the server's clock is ${difference(ahead)}${third}`,
      cause: wrongClock(ahead, authority),
      remedy:
        "Synchronise the wrong one. With a wrong clock the server takes fresh tokens for expired ones (401), or for not yet valid (503).",
    });
  }),
});
