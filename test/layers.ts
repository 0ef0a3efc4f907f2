import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ICruiseOptions, IForbiddenRuleType } from "dependency-cruiser";

const line = readFileSync(join(import.meta.dirname, "../src/domain.ts"), "utf8");

/** The folder of the domain that is served: the one line that names it says which. */
const servedDomain = `src/${/from "\.\/(.+)\/domain\.ts"/.exec(line)?.[1]}`;

const server = ["src/core", "src/gates", "src/keys", "src/mcp", "src/downstream", "src/storage"];

/** What a domain is made of. */
const forDomains = [
  "src/core",
  "src/define-domain",
  "src/directory",
  "src/downstream",
  "src/mcp",
  "src/storage",
  "src/upkeep",
];

/**
 * Which part of the project may import which other parts; itself is always allowed. Imports point one
 * way: from what is put together to what it is made of. `test/layers.test.ts` holds it.
 *
 * A part is a folder or a file without its ending.
 */
export const parts: Readonly<Record<string, readonly string[]>> = {
  functions: ["src/azure", "src/core", "src/domain", "src/gates", "src/gateway"],

  // Put together, for production and for everybody.
  "src/azure": [
    "src/app",
    "src/azure-cosmos",
    "src/azure-credential",
    "src/azure-storage",
    "src/config",
    "src/core",
    "src/define-domain",
    "src/gates",
    "src/health",
    "src/keys",
  ],
  "src/azure-cosmos": [],
  "src/azure-credential": ["src/config"],
  "src/azure-storage": ["src/app", "src/gateway", "src/keys", "src/mcp", "src/storage"],
  "src/app": [
    ...server,
    "src/config",
    "src/define-domain",
    "src/directory",
    "src/gateway",
    "src/health",
    "src/upkeep",
  ],

  // The domains, and what one is. Nothing below knows any of them.
  "src/domain": [servedDomain],
  [servedDomain]: forDomains,
  // Runs in browsers: only what needs nothing of the server.
  [`${servedDomain}/view`]: [servedDomain],
  examples: forDomains,
  "src/define-domain": [
    "src/core",
    "src/downstream",
    "src/gateway/store",
    "src/keys",
    "src/mcp",
    "src/storage",
    "src/upkeep",
  ],

  // What they stand on.
  "src/directory": ["src/core", "src/downstream", "src/mcp"],
  "src/downstream": ["src/core", "src/mcp"],
  "src/storage": ["src/core", "src/keys", "src/mcp"],
  "src/mcp": ["src/core", "src/keys"],
  "src/keys": ["src/core"],
  "src/gates": ["src/core"],
  "src/gateway": ["src/core", "src/downstream", "src/gates", "src/keys", "src/storage"],
  "src/health": ["src/core"],
  "src/upkeep": ["src/core"],
  "src/config": [
    "src/clouds",
    "src/config-checks",
    "src/config-environment",
    "src/gates",
    "src/gateway",
  ],
  "src/config-checks": ["src/clouds", "src/config-environment"],
  "src/config-environment": ["src/clouds", "src/core", "src/gates", "src/gateway"],
  "src/clouds": [],
  "src/core": [],

  // Programs beside the server, which nothing that is deployed knows.
  local: [
    "bridge",
    "scripts",
    "src/config",
    "src/core",
    "src/define-domain",
    "src/domain",
    "src/gateway/store",
  ],
  "probe/shared": ["src/core"],
  "probe/authsuite": ["local", "probe/shared", "src/core"],
  "probe/doctor": ["probe/shared", "src/core", "src/directory", "src/downstream"],
  "infra/client-registrations": [],
  "infra/hooks": ["infra/client-registrations", "src/core", "src/gates"],
  // Is packed and installed by itself.
  bridge: ["src/clouds", "src/core", "src/downstream/claims-challenge"],
  scripts: [
    "infra/client-registrations",
    "infra/hooks",
    "local",
    servedDomain,
    "src/azure-credential",
    "src/clouds",
    "src/core",
    "src/define-domain",
    "src/domain",
    "src/gateway",
    "src/mcp",
    "src/storage",
    "test/eval",
    "test/requirements",
    "test/security",
  ],
  bench: ["probe/shared", "local", "scripts", "src"],
};

const pathOf = (part: string) => `^${part}(?:/|\\.ts$)`;

/** The rules that a table of parts makes. */
export function rulesOf(table: typeof parts): IForbiddenRuleType[] {
  return [
    { name: "no circle", severity: "error", from: {}, to: { circular: true } },
    ...Object.entries(table).map(([part, others]) => ({
      name: part,
      severity: "error" as const,
      from: { path: pathOf(part) },
      to: { dependencyTypes: ["local" as const], pathNot: [part, ...others].map(pathOf) },
    })),
  ];
}

/** How the source is read. Imports of types alone point one way too. */
export const reading: ICruiseOptions = {
  doNotFollow: { path: ["node_modules", "^test/"] },
  exclude: { path: "^node_modules|\\.json$" },
  tsPreCompilationDeps: true,
  parser: "swc",
  enhancedResolveOptions: { extensions: [".ts", ".mjs", ".json"] },
};
