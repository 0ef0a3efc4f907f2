import type { Requirement } from "./requirement.ts";

export const systemRequirements = [
  {
    id: "layers.one-way",
    what: "Imports point one way: functions, then src/app, then the parts, and a part uses another only where it is meant to.",
    source: "docs/architecture.md, The folders",
  },
  {
    id: "layers.local-unknown",
    what: "Nothing that is deployed knows that the laptop stack or the tests exist.",
    source: "docs/architecture.md, The folders",
  },
  {
    id: "layers.token",
    what: "A caller's access token is read by the on-behalf-of exchange alone.",
    source:
      "https://modelcontextprotocol.io/docs/2026-07-28/tutorials/security/security_best_practices#token-passthrough",
  },
  {
    id: "start.ready",
    what: "`npm start -- --json` prints one line of JSON when everything is ready: where the parts are, and the accounts.",
    source: "docs/commands.md",
  },
  {
    id: "start.two-commands",
    what: "From a copy without a build, `npm start` builds and serves: user1 stores something and lists it, user2 does not see it, the administrators' tool gets the right totals.",
    source: "README.md",
  },
  {
    id: "start.emulators",
    what: "`npm run emulators` serves the built application by the sample's settings, unchanged.",
    source: "README.md",
  },
  {
    id: "start.restart",
    what: "What people have stored, the authority's keys and its ports survive a restart, and so does a sign-in.",
    source: "README.md",
  },
  {
    id: "start.fresh",
    what: "`--fresh` forgets what has been stored.",
    source: "docs/commands.md",
  },
  {
    id: "start.stop",
    what: "Ctrl-C ends all of the stack, and nothing is left running.",
    source: "README.md",
  },
  {
    id: "start.side-by-side",
    what: "Several stacks run side by side, each with its own data and authority.",
    source: "docs/commands.md",
  },
  {
    id: "start.problems",
    what: "A port in use, a malformed setting or argument is one clear message and a non-zero exit.",
    source: "docs/commands.md",
  },
  {
    id: "start.twice",
    what: "A second start of a stack that runs says so before it builds anything.",
    source: "local/start.ts",
  },
  {
    id: "start.progress",
    what: "Building and starting is told step by step as it happens; with `--json` on standard error.",
    source: "README.md",
  },
  {
    id: "start.log",
    what: "`npm start` prints one line per call: time, tool, person, outcome and milliseconds; refusals and failures likewise. `--log json` prints the server's own lines.",
    source: "docs/commands.md, The laptop stack",
  },
  {
    id: "start.environment",
    what: "A setting of the environment that the stack does not need for itself is the server's; of the others it says that they are not taken.",
    source: "docs/commands.md, The laptop stack",
  },
  {
    id: "proxy.loopback",
    what: "Loopback is never asked through a proxy that the environment names, by either spelling of its variables, in any process of the laptop stack.",
    source: "docs/commands.md, Behind a proxy",
  },
  {
    id: "proxy.outward",
    what: "With NODE_USE_ENV_PROXY=1 the server reaches Entra and Graph through the proxy that HTTPS_PROXY names.",
    source: "docs/commands.md, Behind a proxy",
  },
  {
    id: "watch.restarts",
    what: "`npm run watch` builds and restarts the server alone on a change of its source: sign-ins, stored data and ports stay.",
    source: "docs/commands.md",
  },
  {
    id: "watch.coalesces",
    what: "Several quick changes make one restart.",
    source: "local/watched-build.ts",
  },
  {
    id: "watch.broken",
    what: "A build that fails is told, and the server goes on as it was; one that does not start is tried again with the next change.",
    source: "local/restarting-server.ts",
  },
  {
    id: "watch.stop",
    what: "Ctrl-C ends all that `npm run watch` has started.",
    source: "docs/commands.md",
  },
  {
    id: "start.part-dies",
    what: "Where a part dies, the stack names it, ends everything else and exits with an error.",
    source: "local/start.ts",
  },
  {
    id: "start.token",
    what: "`npm run token -- ACCOUNT` prints an access token alone, by the sign-in that clients go through.",
    source: "docs/commands.md, MCP Inspector",
  },
  {
    id: "settings.sample",
    what: "The sample settings for Core Tools name exactly what `npm run emulators` serves.",
    source: "docs/commands.md, On the real Functions host",
  },
  {
    id: "client.sign-in",
    what: "A client that knows nothing but the MCP URL finds the authority, registers, has the person sign in, and calls tools.",
    source: "https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization",
  },
  {
    id: "client.refresh",
    what: "A client whose access token is refused gets a new one with its refresh token, without the person.",
    source: "RFC 6749 section 6",
  },
  {
    id: "client.inspector",
    what: "The Inspector's command line works in both eras, and is told when it must sign in.",
    source: "https://github.com/modelcontextprotocol/inspector",
  },
  {
    id: "client.inspector-page",
    what: "The README's command opens the Inspector's web page on the server: a person signs in, sees the tools that are theirs, calls one, and is asked before one deletes.",
    source: "README.md, Try it",
  },
  {
    id: "isolation.concurrent",
    what: "1,000 interleaved calls of two people, each at most as many at a time as one person may, through the whole system: no answer reaches the other person, none fails.",
    source: "docs/security.md, Threat model",
  },
  {
    id: "isolation.cursor",
    what: "A page's cursor is of no use to anyone else.",
    source: "docs/security.md, Threat model",
  },
  {
    id: "outage.fails-closed",
    what: "While Graph is out of reach, administrators keep the other tools; theirs is neither listed nor callable.",
    source: "docs/security.md, Threat model",
  },
  {
    id: "outage.graph-words",
    what: "A failed exchange is told in plain words, with what to do; the authority's code stands in the log.",
    source: "docs/architecture.md, Errors",
  },
  {
    id: "claims.circle",
    what: "A claims-aware client goes the whole circle in both eras: challenge, sign-in that fulfils it, call that works.",
    source: "https://learn.microsoft.com/entra/identity-platform/claims-challenge",
  },
  {
    id: "claims.graph",
    what: "A claims challenge of Graph is passed on only where the exchange, repeated with the claims, asks for interaction.",
    source:
      "https://learn.microsoft.com/entra/identity-platform/app-resilience-continuous-access-evaluation",
  },
  {
    id: "claims.incapable",
    what: "A caller whose client cannot handle the challenge gets a tool error that says what they or an administrator must do.",
    source: "docs/architecture.md, Errors",
  },
  {
    id: "deploy.contents",
    what: "What is deployed is one bundle, host.json and a package.json without dependencies, and nothing of the laptop stack.",
    source: "docs/commands.md",
  },
  {
    id: "deploy.starts-alone",
    what: "The bundle starts from a folder that holds only what is deployed, and serves a client.",
    source: "docs/commands.md",
  },
  {
    id: "deploy.misconfigured",
    what: "Where settings are missing, every route still loads: the log names the settings, the answers are 503 and name none.",
    source: "docs/configuration.md",
  },
  {
    id: "deploy.routes",
    what: "The HTTP triggers serve the routes and methods of the contract, without a prefix.",
    source: "docs/architecture.md, A request",
  },
  {
    id: "profiles.https",
    what: "With the server's own https URL as the identifier URI, a client that sends it as the resource parameter signs in, and its person is acted for, at an authority as strict as Entra.",
    source: "docs/entra-profiles.md; https://www.rfc-editor.org/rfc/rfc8707#section-2",
  },
  {
    id: "profiles.api",
    what: "With an api:// identifier URI, a client that sends no resource parameter signs in, and its person is acted for; one that sends the server's URL is refused with AADSTS9010010.",
    source: "docs/entra-profiles.md",
  },
  {
    id: "profiles.metadata",
    what: "With an `api://` identifier URI and with the server's own https URL, metadata and challenge name the scope that fits.",
    source:
      "https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration#application-id-uri",
  },
  {
    id: "requirements.sources",
    what: "Every requirement names its source so that a reader of the repository can open it.",
    source: "test/requirements/requirement.ts",
  },
  {
    id: "docs.commands",
    what: "The documentation names only commands that exist.",
    source: "CONTRIBUTING.md, What we ask of a change",
  },
  {
    id: "docs.paths",
    what: "The documentation names only files and folders that exist.",
    source: "CONTRIBUTING.md, What we ask of a change",
  },
  {
    id: "docs.sections",
    what: "The documentation links only to sections that exist.",
    source: "CONTRIBUTING.md, What we ask of a change",
  },
  {
    id: "docs.untried",
    what: "Every page that tells to deploy to Azure says that this has not been tried yet.",
    source: "docs/deploy.md",
  },
  {
    id: "docs.tool",
    what: "The tool in the README is the source's, word for word.",
    source: "README.md",
  },
  {
    id: "docs.architecture",
    what: "The architecture page, its picture and the picture's source tell of every folder of the source.",
    source: "docs/architecture.md",
  },
  {
    id: "docs.gates",
    what: "The architecture page lists the gates by their names, in their order.",
    source: "docs/architecture.md, A request",
  },
  {
    id: "docs.security",
    what: "Every threat of the threat model cites requirements that exist.",
    source: "docs/security.md",
  },
  {
    id: "docs.settings",
    what: "The documentation tells of every setting that the server reads.",
    source: "docs/configuration.md",
  },
] as const satisfies readonly Requirement[];
