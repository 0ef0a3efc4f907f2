import type { Requirements } from "./requirement.ts";

export const functionsHostRequirements = {
  "docs/architecture.md, The laptop stack": {
    "functions-host.unmodified":
      "An app runs as it is deployed, without Core Tools: unbundled or as one bundle.",
    "functions-host.bodies":
      "Concurrent and large bodies arrive whole and at the right client, also when the app answers before it has read the request.",
    "functions-host.forged-headers":
      "No header or Host that a client sends can change the path or the host that the app sees.",
    "functions-host.logs":
      "What the app logs is printed exactly as it is, from the level information up.",
    "functions-host.skipped":
      "A function with a trigger other than HTTP or a timer is named at start as skipped.",
    "functions-host.start-failure":
      "An app that cannot run, or a port in use, ends the start with one clear message, and no process stays behind.",
    "functions-host.end":
      "The host ends with the process that started it, and lets running requests end for a bounded time.",
    "functions-host.loopback": "The library's stream proxy cannot be reached from other machines.",
  },
  "https://github.com/Azure/azure-functions-host, as version 4.1037 behaves": {
    "functions-host.environment":
      "The app's root is its working directory, and the environment is Development unless it says otherwise.",
    "functions-host.unrouted":
      "An unknown path, or a method that no function registers, HEAD included, gets 404 with an empty body.",
    "functions-host.reuse":
      "Connections to the app are used again, so that a body that the app leaves half read hangs the next request.",
    "functions-host.hang":
      "A request that the worker cannot take (a header that names an invocation, is not ASCII, or goes beyond Node's limit) hangs, until the client leaves or the timeout strikes.",
    "functions-host.timeout":
      "When functionTimeout strikes, the worker is replaced, with whatever else runs there.",
    "functions-host.stall": "A body that stops arriving is answered 500 after six seconds.",
    "functions-host.limits":
      "More than 100 headers, or 32 KiB of them, get 431 with an empty body, a body of over 100 MB 500.",
    "functions-host.disconnect":
      "A client that leaves is not reported to the app, but to the log as an error: the response's body is pulled to its end, and only an upload that is cut fails.",
  },
  "https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates": {
    "functions-host.routes":
      "Routes are matched as ASP.NET Core matches plain paths, whatever the letter case, below the prefix of host.json.",
  },
  "https://github.com/Azure/azure-functions-host, FunctionMetadataManager": {
    "functions-host.route-order":
      "Where two routes fit a path, the function that comes first by name answers, as in Azure.",
  },
  "https://github.com/Azure/azure-functions-host, HomepageMiddleware": {
    "functions-host.homepage":
      "At the root, where no function is, the platform's page answers, or 204 where AzureWebJobsDisableHomepage is set.",
  },
  "https://github.com/Azure/azure-webjobs-sdk-extensions, GetRequestBindingData": {
    "functions-host.binding-data":
      "Members of the query and of a JSON body are parameters of the invocation; one named `headers` takes the place of the request's headers.",
  },
  "https://learn.microsoft.com/azure/azure-functions/functions-reference-node": {
    "functions-host.streams":
      "Bodies are streamed both ways: a part of the response reaches the client before the request or the response has ended.",
  },
  "https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer": {
    "functions-host.timers":
      "A timer runs its function at the times of the day in UTC that an NCRONTAB schedule names, with the timer's data; one that fails is logged and runs again.",
  },
  "https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http": {
    "functions-host.admin":
      "`POST /admin/functions/NAME` with a JSON body, from this machine, runs a timer's function now and is answered 202.",
  },
  "https://github.com/Azure/azure-functions-host/issues/9840": {
    "functions-host.headers":
      "The app sees the headers as the client sent them, Host included and repeated ones joined by commas.",
  },
  "https://github.com/Azure/azure-functions-nodejs-library/issues/324": {
    "functions-host.failure":
      "A function that throws, returns nothing or breaks off its body never leaves the client waiting, and the log names it.",
  },
  "https://learn.microsoft.com/azure/azure-functions/functions-reference-node#hooks": {
    "functions-host.hooks": "The app's hook at its end runs.",
  },
} satisfies Requirements;
