import type { Requirements } from "./requirement.ts";

export const systemRequirements = {
  "docs/architecture.md, The folders": {
    "layers.one-way":
      "Imports point one way: functions, then src/app, then the parts, and a part uses another only where it is meant to.",
    "layers.local-unknown":
      "Nothing that is deployed knows that the laptop stack or the tests exist.",
  },
  "https://modelcontextprotocol.io/docs/2026-07-28/tutorials/security/security_best_practices#token-passthrough":
    {
      "layers.token": "A caller's access token is read by the on-behalf-of exchange alone.",
    },
  "docs/commands.md": {
    "start.ready":
      "`npm start -- --json` prints one line of JSON when everything is ready: where the parts are, and the accounts.",
    "start.fresh": "`--fresh` forgets what has been stored.",
    "start.side-by-side": "Several stacks run side by side, each with its own data and authority.",
    "start.problems":
      "A port in use, a malformed setting or argument is one clear message and a non-zero exit.",
    "watch.restarts":
      "`npm run watch` builds and restarts the server alone on a change of its source: sign-ins, stored data and ports stay.",
    "watch.stop": "Ctrl-C ends all that `npm run watch` has started.",
    "deploy.contents":
      "What is deployed is one bundle, host.json and a package.json without dependencies, and nothing of the laptop stack.",
    "deploy.starts-alone":
      "The bundle starts from a folder that holds only what is deployed, and serves a client.",
  },
  "README.md": {
    "start.two-commands":
      "From a copy without a build, `npm start` builds and serves: user1 stores something and lists it, user2 does not see it, the administrators' tool gets the right totals.",
    "start.emulators":
      "`npm run emulators` serves the built application by the sample's settings, unchanged.",
    "start.restart":
      "What people have stored, the authority's keys and its ports survive a restart, and so does a sign-in.",
    "start.stop": "Ctrl-C ends all of the stack, and nothing is left running.",
    "start.progress":
      "Building and starting is told step by step as it happens; with `--json` on standard error.",
    "docs.tool": "The tool in the README is the source's, word for word.",
  },
  "local/start.ts": {
    "start.twice": "A second start of a stack that runs says so before it builds anything.",
    "start.part-dies":
      "Where a part dies, the stack names it, ends everything else and exits with an error.",
  },
  "docs/commands.md, The laptop stack": {
    "start.log":
      "`npm start` prints one line per call: time, tool, person, outcome and milliseconds; refusals and failures likewise, those of the sign-in too. `--log json` prints the server's own lines.",
    "start.environment":
      "A setting of the environment that the stack does not need for itself is the server's; of the others it says that they are not taken.",
  },
  "docs/commands.md, Behind a proxy": {
    "proxy.loopback":
      "Loopback is never asked through a proxy that the environment names, by either spelling of its variables, in any process of the laptop stack.",
    "proxy.outward":
      "With NODE_USE_ENV_PROXY=1 the server reaches Entra and Graph through the proxy that HTTPS_PROXY names.",
  },
  "local/watched-build.ts": {
    "watch.coalesces": "Several quick changes make one restart.",
  },
  "local/restarting-server.ts": {
    "watch.broken":
      "A build that fails is told, and the server goes on as it was; one that does not start is tried again with the next change.",
  },
  "docs/commands.md, MCP Inspector": {
    "start.token":
      "`npm run token -- ACCOUNT` prints an access token alone, by the sign-in that clients go through.",
  },
  "docs/commands.md, On the real Functions host": {
    "settings.sample":
      "The sample settings for Core Tools name exactly what `npm run emulators` serves.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization": {
    "client.sign-in":
      "A client that knows nothing but the MCP URL finds the authority, registers, has the person sign in, and calls tools.",
  },
  "RFC 6749 section 6": {
    "client.refresh":
      "A client whose access token is refused gets a new one with its refresh token, without the person.",
  },
  "https://github.com/modelcontextprotocol/inspector": {
    "client.inspector":
      "The Inspector's command line works in both eras, and is told when it must sign in.",
  },
  "README.md, Try it": {
    "client.inspector-page":
      "The README's command opens the Inspector's web page on the server: a person signs in, sees the tools that are theirs, calls one, and is asked before one deletes.",
  },
  "docs/security.md, Threat model": {
    "isolation.concurrent":
      "1,000 interleaved calls of two people, each at most as many at a time as one person may, through the whole system: no answer reaches the other person, none fails.",
    "isolation.cursor": "A page's cursor is of no use to anyone else.",
    "outage.fails-closed":
      "While Graph is out of reach, administrators keep the other tools; theirs is neither listed nor callable.",
  },
  "docs/architecture.md, Errors": {
    "outage.graph-words":
      "A failed exchange is told in plain words, with what to do; the authority's code stands in the log.",
    "claims.incapable":
      "A caller whose client cannot handle the challenge gets a tool error that says what they or an administrator must do.",
  },
  "https://learn.microsoft.com/entra/identity-platform/claims-challenge": {
    "claims.circle":
      "A claims-aware client goes the whole circle in both eras: challenge, sign-in that fulfils it, call that works.",
  },
  "https://learn.microsoft.com/entra/identity-platform/app-resilience-continuous-access-evaluation":
    {
      "claims.graph":
        "A claims challenge of Graph is passed on only where the exchange, repeated with the claims, asks for interaction.",
    },
  "docs/configuration.md": {
    "deploy.misconfigured":
      "Where settings are missing, every route still loads: the log names the settings, the answers are 503 and name none.",
    "docs.settings": "The documentation tells of every setting that the server reads.",
  },
  "docs/architecture.md, A request": {
    "deploy.routes":
      "The HTTP triggers serve the routes and methods of the contract, without a prefix.",
    "docs.gates": "The architecture page lists the gates by their names, in their order.",
  },
  "https://learn.microsoft.com/entra/agent-id/secure-mcp-server-with-entra-id": {
    "sign-in-ways.pre-registered":
      "From the 401 on, VS Code's way works on the laptop: its own client id, registered beforehand, and each of its redirect URIs.",
    "sign-in-ways.resource":
      "From the 401 on, a client that registers itself and sends the server's URL as resource, to the letter and under whichever name it called, signs in, calls and renews its token.",
    "sign-in-ways.no-resource":
      "From the 401 on, a client that leaves resource out signs in, calls and renews its token.",
    "sign-in-ways.scope":
      "From the 401 on, a client signs in where the server's https URL stands before the scope.",
    "sign-in-ways.refused":
      "From the 401 on, a client is refused for each cause of AADSTS9010010 in Entra's words alone, and the stack's log names the cause.",
  },
  "https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration#application-id-uri":
    {
      "deploy.scope-prefix":
        "With an `api://` identifier URI and with the server's own https URL, metadata and challenge name the scope that fits.",
    },
  "test/requirements/requirement.ts": {
    "requirements.sources":
      "Every requirement names its source so that a reader of the repository can open it.",
  },
  "CONTRIBUTING.md, What we ask of a change": {
    "docs.commands": "The documentation names only commands that exist.",
    "docs.paths": "The documentation names only files and folders that exist.",
    "docs.sections": "The documentation links only to sections that exist.",
  },
  "docs/deploy.md": {
    "docs.untried":
      "Every page that tells to deploy to Azure says that this has not been tried yet.",
  },
  "docs/architecture.md": {
    "docs.architecture":
      "The architecture page, its picture and the picture's source tell of every folder of the source.",
  },
  "docs/security.md": {
    "docs.security": "Every threat of the threat model cites requirements that exist.",
  },
} satisfies Requirements;
