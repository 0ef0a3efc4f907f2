import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectFolder } from "../../local/paths.ts";
import { verifies } from "../requirements.ts";
import { temporaryFolder } from "../support/stack.ts";
import { type ConformanceServers, type ServerName, servers, startServers } from "./servers.ts";
import { type Revision, revisions, runSuite, type SuiteRun } from "./suite.ts";

/** A run takes about three seconds where the machine has nothing else to do. */
const suiteMilliseconds = 120_000;

/** The extension `io.modelcontextprotocol/tasks`, which this server does not offer. */
const tasksExtension = [
  "tasks-lifecycle",
  "tasks-capability-negotiation",
  "tasks-wire-fields",
  "tasks-request-state-removal",
  "tasks-mrtr-input",
  "tasks-request-headers",
  "tasks-dispatch-and-envelope",
  "tasks-required-task-error",
  "tasks-mrtr-composition",
];

/** What the suite runs without requiring it, and each server does not pass. */
const unrequired: Readonly<Record<ServerName, Readonly<Record<Revision, readonly string[]>>>> = {
  fixtures: { "2025-11-25": [], "2026-07-28": tasksExtension },
  application: {
    // These two need fixture tools.
    "2025-11-25": ["json-schema-2020-12"],
    "2026-07-28": [
      ...tasksExtension,
      "json-schema-2020-12",
      "http-custom-header-server-validation",
    ],
  },
};

const withoutSessions = [
  "server-sse-multiple-streams",
  "server-session-lifecycle",
  "server-sse-polling",
];

const withoutNotifications = [
  "tasks-status-notifications",
  "server-stateless:sep-2575-server-sends-prompts-list-changed-on-subscription",
  "server-stateless:sep-2575-server-sends-tools-list-changed-on-subscription",
  "tasks-status-notifications:tasks-status-notifications",
];

/** What the suite calls passed without a look: docs/conformance.md has the reasons. */
const unjudged: Readonly<Record<ServerName, Readonly<Record<Revision, readonly string[]>>>> = {
  fixtures: { "2025-11-25": withoutSessions, "2026-07-28": withoutNotifications },
  application: {
    "2025-11-25": withoutSessions,
    "2026-07-28": withoutNotifications,
  },
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let running: ConformanceServers;

beforeAll(async () => {
  folder = await temporaryFolder();
  running = await startServers(folder.path);
});

afterAll(async () => {
  await running?.close();
  await folder?.[Symbol.asyncDispose]();
});

async function expectConformance(server: ServerName, revision: Revision): Promise<void> {
  const list = join(import.meta.dirname, "expected-failures", `${server}-${revision}.yml`);
  const output = join(folder.path, `${server}-${revision}`);
  const run = await runSuite(running[server].url, revision, list, output);
  expect(run.exitCode, run.summary).toBe(0);
  expect(run.announced).toBeGreaterThan(0);
  expect(run.ran.length).toBe(run.announced);
  // The suite overlooks an entry that names nothing it ran.
  expect([...run.expectedFailures].sort()).toEqual(entriesOf(await readFile(list, "utf8")).sort());
  expect(run.unrequiredFailures).toEqual(unrequired[server][revision]);
  expect([...run.unjudged].sort()).toEqual([...unjudged[server][revision]].sort());
  expect(await documentedResults(server, revision)).toEqual([resultLine(server, revision, run)]);
}

function entriesOf(list: string): string[] {
  return [...list.matchAll(/^ {2}- (\S+)/gm)].map(([, entry = ""]) => entry);
}

/** The lines of the documentation's table for one server and revision. */
async function documentedResults(server: ServerName, revision: Revision): Promise<string[]> {
  const text = await readFile(join(projectFolder, "docs/conformance.md"), "utf8");
  return text.split("\n").filter((line) => line.startsWith(`| ${server} | ${revision} |`));
}

function resultLine(server: ServerName, revision: Revision, run: SuiteRun): string {
  const checks = run.ran.reduce((sum, { passedChecks }) => sum + passedChecks, 0);
  const failures = [run.expectedFailures.length, run.unrequiredFailures.length];
  return `| ${[server, revision, run.ran.length, checks, ...failures].join(" | ")} |`;
}

/** The status of a request under the server's public name, past the proxy that adds the token. */
function statusWithoutToken(server: ServerName): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  request({
    host: "127.0.0.1",
    port: running[server].port,
    path: "/mcp",
    method: "POST",
    headers: { host: new URL(running[server].url).host, "content-type": "application/json" },
  })
    .once("response", (response) => resolve(response.resume().statusCode))
    .once("error", reject)
    .end("{}");
  return promise;
}

describe("the conformance suite", () => {
  for (const server of servers) {
    it(verifies("conformance.gates", `reaches the ${server} by a token alone`), async () => {
      expect(await statusWithoutToken(server)).toBe(401);
    });
  }
});

describe("the server, with the suite's fixtures", () => {
  for (const revision of revisions) {
    it(
      verifies(`conformance.${revision}`, `passes what ${revision} requires of a stateless server`),
      { timeout: suiteMilliseconds },
      () => expectConformance("fixtures", revision),
    );
  }
});

describe("the application", () => {
  for (const revision of revisions) {
    it(
      verifies(
        "conformance.application",
        `passes what ${revision} requires, but for what it does not offer`,
      ),
      { timeout: suiteMilliseconds },
      () => expectConformance("application", revision),
    );
  }
});
