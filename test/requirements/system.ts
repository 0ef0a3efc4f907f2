import type { Requirement } from "./requirement.ts";

export const systemRequirements = [
  {
    id: "layers.one-way",
    what: "Imports point one way: functions, then src/app, then the parts, and a part uses another only where it is meant to.",
    source: "design: Layout",
  },
  {
    id: "layers.local-unknown",
    what: "Nothing that is deployed knows that the laptop stack or the tests exist.",
    source: "design: Layout",
  },
  {
    id: "layers.token",
    what: "A caller's access token is read by the on-behalf-of exchange alone.",
    source: "MCP specification, Authorization, Token Passthrough",
  },
  {
    id: "start.ready",
    what: "`npm start -- --json` prints one line of JSON when everything is ready: where the parts are, and the accounts.",
    source: "design: Commands",
  },
  {
    id: "start.two-commands",
    what: "From a copy without a build, `npm start` builds and serves: user1 adds and lists an expense, user2 does not see it, the administrator gets the right totals.",
    source: "README",
  },
  {
    id: "start.emulators",
    what: "`npm run emulators` serves the built application by the sample's settings, unchanged.",
    source: "README",
  },
  {
    id: "start.restart",
    what: "Expenses, the authority's keys and its ports survive a restart, and so does a sign-in.",
    source: "design: Commands",
  },
  {
    id: "start.fresh",
    what: "`--fresh` forgets what has been stored.",
    source: "design: Commands",
  },
  {
    id: "start.stop",
    what: "Ctrl-C ends all of the stack, and nothing is left running.",
    source: "design: Commands",
  },
  {
    id: "start.side-by-side",
    what: "Several stacks run side by side, each with its own data and authority.",
    source: "design: Commands",
  },
  {
    id: "start.problems",
    what: "A port in use, a malformed setting or argument is one clear message and a non-zero exit.",
    source: "design: Commands",
  },
  {
    id: "start.part-dies",
    what: "Where a part dies, the stack names it, ends everything else and exits with an error.",
    source: "design: Commands",
  },
  {
    id: "start.token",
    what: "`npm run token -- ACCOUNT` prints an access token alone, by the sign-in that clients go through.",
    source: "design: Commands",
  },
  {
    id: "settings.sample",
    what: "The sample settings for Core Tools name exactly what `npm run emulators` serves.",
    source: "design: Commands",
  },
  {
    id: "client.sign-in",
    what: "A client that knows nothing but the MCP URL finds the authority, registers, has the person sign in, and calls tools.",
    source: "MCP specification, Authorization",
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
    id: "isolation.concurrent",
    what: "1,000 interleaved calls of two people, through the whole system: no answer reaches the other person, none fails.",
    source: "design: known defects of comparable servers",
  },
  {
    id: "isolation.cursor",
    what: "A page's cursor is of no use to anyone else.",
    source: "design: Tools",
  },
  {
    id: "outage.fails-closed",
    what: "While Graph is out of reach, administrators keep the other tools; theirs is neither listed nor callable.",
    source: "design: Tools",
  },
  {
    id: "outage.graph-words",
    what: "A failed exchange is told in plain words, with what to do; the authority's code stands in the log.",
    source: "design: error model",
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
    source: "design: error model",
  },
  {
    id: "deploy.contents",
    what: "What is deployed is one bundle, host.json and a package.json without dependencies, and nothing of the laptop stack.",
    source: "design: Chosen parts",
  },
  {
    id: "deploy.starts-alone",
    what: "The bundle starts from a folder that holds only what is deployed, and serves a client.",
    source: "design: Chosen parts",
  },
  {
    id: "deploy.misconfigured",
    what: "Where settings are missing, every route still loads: the log names the settings, the answers are 503 and name none.",
    source: "design: Azure Functions",
  },
  {
    id: "deploy.routes",
    what: "The HTTP triggers serve the routes and methods of the contract, without a prefix.",
    source: "design: HTTP",
  },
  {
    id: "profiles.metadata",
    what: "With an `api://` identifier URI and with the server's own https URL, metadata and challenge name the scope that fits.",
    source:
      "https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration#application-id-uri",
  },
  {
    id: "docs.commands",
    what: "The documentation names only commands that exist.",
    source: "design: README",
  },
  {
    id: "docs.paths",
    what: "The documentation names only files and folders that exist.",
    source: "design: README",
  },
  {
    id: "docs.architecture",
    what: "The architecture page tells of every folder of the source.",
    source: "design: README",
  },
  {
    id: "docs.security",
    what: "Every threat of the threat model cites requirements that exist.",
    source: "design: security",
  },
  {
    id: "docs.settings",
    what: "The documentation tells of every setting that the server reads.",
    source: "design: Settings",
  },
] as const satisfies readonly Requirement[];
