import type { Requirement } from "./requirement.ts";

const host = "docs/architecture.md, The laptop stack";
const measured = "https://github.com/Azure/azure-functions-host, as version 4.1037 behaves";
const routing = "https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates";
const developerGuide = "https://learn.microsoft.com/azure/azure-functions/functions-reference-node";

export const functionsHostRequirements = [
  {
    id: "functions-host.unmodified",
    what: "An app runs as it is deployed, without Core Tools: unbundled or as one bundle, as ES modules or CommonJS, `main` a file or a pattern.",
    source: host,
  },
  {
    id: "functions-host.environment",
    what: "The app's root is its working directory, and the environment is Development unless it says otherwise.",
    source: measured,
  },
  {
    id: "functions-host.routes",
    what: "Routes follow the templates of ASP.NET Core, whatever the letter case, below the prefix of host.json.",
    source: routing,
  },
  {
    id: "functions-host.route-order",
    what: "Where two routes fit a path, the function that comes first by name answers, as in Azure.",
    source: "https://github.com/Azure/azure-functions-host, FunctionMetadataManager",
  },
  {
    id: "functions-host.unrouted",
    what: "An unknown path, or a method that no function registers, HEAD included, gets 404 with an empty body.",
    source: measured,
  },
  {
    id: "functions-host.homepage",
    what: "At the root, where no function is, the platform's page answers, or 204 where AzureWebJobsDisableHomepage is set.",
    source: "https://github.com/Azure/azure-functions-host, HomepageMiddleware",
  },
  {
    id: "functions-host.reuse",
    what: "Connections to the app are used again, so that a body that the app leaves half read hangs the next request.",
    source: measured,
  },
  {
    id: "functions-host.hang",
    what: "A request that the worker cannot take (a header that names an invocation, is not ASCII, or goes beyond Node's limit) hangs, until the client leaves or the timeout strikes.",
    source: measured,
  },
  {
    id: "functions-host.timeout",
    what: "When functionTimeout strikes, the worker is replaced, with whatever else runs there.",
    source: measured,
  },
  {
    id: "functions-host.stall",
    what: "A body that stops arriving is answered 500 after six seconds.",
    source: measured,
  },
  {
    id: "functions-host.limits",
    what: "More than 100 headers, or 32 KiB of them, get 431 with an empty body, a body of over 100 MB 500.",
    source: measured,
  },
  {
    id: "functions-host.binding-data",
    what: "Members of the query and of a JSON body are parameters of the invocation; one named `headers` takes the place of the request's headers.",
    source: "https://github.com/Azure/azure-webjobs-sdk-extensions, GetRequestBindingData",
  },
  {
    id: "functions-host.streams",
    what: "Bodies are streamed both ways: a part of the response reaches the client before the request or the response has ended.",
    source: developerGuide,
  },
  {
    id: "functions-host.bodies",
    what: "Concurrent and large bodies arrive whole and at the right client, also when the app answers before it has read the request.",
    source: host,
  },
  {
    id: "functions-host.headers",
    what: "The app sees the headers as the client sent them, Host included and repeated ones joined by commas.",
    source: "https://github.com/Azure/azure-functions-host/issues/9840",
  },
  {
    id: "functions-host.forged-headers",
    what: "No header or Host that a client sends can change the path or the host that the app sees.",
    source: host,
  },
  {
    id: "functions-host.failure",
    what: "A function that throws, returns nothing or breaks off its body never leaves the client waiting, and the log names it.",
    source: "https://github.com/Azure/azure-functions-nodejs-library/issues/324",
  },
  {
    id: "functions-host.disconnect",
    what: "A client that leaves is not reported to the app, but to the log as an error: the response's body is pulled to its end, and only an upload that is cut fails.",
    source: measured,
  },
  {
    id: "functions-host.hooks",
    what: "The app's hooks run at its start and end and around every invocation.",
    source: `${developerGuide}#hooks`,
  },
  {
    id: "functions-host.logs",
    what: "What the app logs is printed exactly as it is, from the level information up.",
    source: host,
  },
  {
    id: "functions-host.skipped",
    what: "A function with a trigger other than HTTP is named at start as skipped.",
    source: host,
  },
  {
    id: "functions-host.start-failure",
    what: "An app that cannot run, or a port in use, ends the start with one clear message, and no process stays behind.",
    source: host,
  },
  {
    id: "functions-host.end",
    what: "The host ends with the process that started it, and lets running requests end for a bounded time.",
    source: host,
  },
  {
    id: "functions-host.loopback",
    what: "The library's stream proxy cannot be reached from other machines.",
    source: host,
  },
] as const satisfies readonly Requirement[];
