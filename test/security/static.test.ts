import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { analyse } from "scslre";
import { describe, expect, it } from "vitest";
import { parseAst } from "vitest/node";
import { bundleServer } from "../../scripts/bundle.ts";
import { buildPage } from "../../scripts/page.ts";
import { verifies } from "../requirements.ts";
import { runNode } from "../support/run-program.ts";
import { temporaryFolder } from "../support/stack.ts";

const root = join(import.meta.dirname, "..", "..");

interface DeployedFile {
  readonly file: string;
  readonly text: string;
}

async function sourceFiles(folders: readonly string[]): Promise<DeployedFile[]> {
  const names = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((name) => join(folder, name)),
    ),
  );
  const files = names.flat().filter((name) => name.endsWith(".ts"));
  return Promise.all(
    files.map(async (file) => ({
      file: file.replaceAll("\\", "/"),
      text: await readFile(join(root, file), "utf8"),
    })),
  );
}

// Examples are there to be copied, so that what holds for the server holds for them.
const files = await sourceFiles(["src", "functions", "examples"]);

/** The lines of what is deployed, but for comments, each with where it stands. */
const lines = files.flatMap(({ file, text }) =>
  text
    .split("\n")
    .map((line, index) => ({ file, line: index + 1, text: line }))
    .filter((line) => !/^\s*(\/?\*|\/\/)/.test(line.text)),
);

interface Rule {
  readonly what: string;
  readonly pattern: RegExp;
  /** Where it is meant to stand. */
  readonly allowed: readonly string[];
  /** What it must find: a rule that finds nothing whatever stands there would be none. */
  readonly examples: readonly string[];
}

/** What must not stand in deployed code, but for the files where it is meant to. */
const forbidden: readonly Rule[] = [
  {
    what: "an exception's text, which may quote anything that passed by",
    pattern: /\b(?:error|cause|err|e|reason)\.(?:message|stack)\b|String\((?:error|cause)\)/,
    // The first reads name, code and place alone; the second prints its own message on settings.
    allowed: ["src/core/log.ts", "src/azure.ts"],
    examples: ["log(error.message)", "return String(error)"],
  },
  {
    what: "a host or address taken from request headers",
    pattern: /x-forwarded-|["']host["']|x-original-|["']forwarded["']/i,
    allowed: ["src/gates/host-and-origin.ts", "src/gates/client-address.ts"],
    examples: ['request.headers.get("Host")', '"X-Forwarded-Proto"'],
  },
  {
    what: "a request header read by anything but what it is for",
    pattern: /\bheaders\s*(?:\.get\(|\[["'])/,
    // The server's reads what the SDK answers, the exchange the invocation that the platform names, and
    // what fetches a document its answer.
    allowed: [
      "src/core/client-documents/fetch.ts",
      "src/downstream/api-client.ts",
      "functions/exchange.ts",
      "src/gates/access-token.ts",
      "src/gates/client-address.ts",
      "src/gates/cors.ts",
      "src/gates/host-and-origin.ts",
      "src/gates/request-body.ts",
      "src/gateway/http/body.ts",
      "src/gateway/http/gates.ts",
      "src/gateway/http/request.ts",
      "src/mcp/accept.ts",
      "src/mcp/answer-body.ts",
      "src/downstream/http.ts",
    ],
    examples: ['request.headers.get("origin")', 'headers["referer"]'],
  },
  {
    what: "a URL built from that of the request, which the platform makes of its headers",
    pattern: /\brequest\.url\b(?!\)\.searchParams)/,
    // The one replaces the origin; the other sends requests of its own.
    allowed: ["functions/http-handler.ts", "src/downstream/http.ts"],
    examples: ["new URL(request.url).origin", 'new URL("/mcp", request.url)'],
  },
  {
    what: "output past the structured log",
    pattern: /\bconsole\b|process\.std(?:out|err)/,
    allowed: ["src/core/log.ts", "src/azure.ts"],
    examples: ["console.log(token)"],
  },
  {
    what: "the environment past the settings",
    pattern: /process\.env/,
    allowed: ["functions/application.ts"],
    examples: ["process.env.ENTRA_CLIENT_SECRET"],
  },
  {
    what: "predictable randomness",
    pattern: /Math\.random/,
    // Spreads retries, which nobody gains by predicting.
    allowed: ["src/downstream/http.ts"],
    examples: ["Math.random()"],
  },
  {
    what: "code from text",
    pattern: /\beval\(|new Function\(|node:vm/,
    allowed: [],
    examples: ["eval(text)"],
  },
  {
    what: "an import that a reader of imports would miss",
    pattern: /\brequire\(|\bcreateRequire\b|\bimport\((?!")/,
    allowed: [],
    examples: ['require("../local/x.ts")', "await import(`../local/x.ts`)"],
  },
  {
    what: "a type or lint check switched off",
    pattern: /@ts-(?:ignore|expect-error|nocheck)|biome-ignore/,
    allowed: [],
    examples: ["// biome-ignore lint: later"],
  },
];

/** Calls of what writes log lines, their arguments without texts, and where each begins. */
function logCalls({ file, text }: DeployedFile): { file: string; line: number; text: string }[] {
  return [...text.matchAll(/(?<!function )\b(?:log|audit)\(/g)].map(({ index, 0: start }) => {
    let end = index + start.length;
    for (let depth = 1; depth > 0 && end < text.length; end += 1) {
      depth += { "(": 1, ")": -1 }[text[end] ?? ""] ?? 0;
    }
    const words = text.slice(index, end).replace(/"[^"\n]*"/g, '""');
    return { file, line: text.slice(0, index).split("\n").length, text: words };
  });
}

/** Names of what must not stand in a log line. */
const secretNames =
  /\b\w*(?:token|authorization|assertion|secret|password|credential|cookie|headers|body|email|username|displayname|arguments|claims)\w*\b/i;

/** Expressions whose characters are told from each other, or that go on from where they are asked to. */
const expressionsFromText = ["src/mcp/plain-lines.ts", "probe/shared/challenge.ts"];

/** Regular expressions that a text can make take more than linear time, exponential or quadratic. */
function slowExpressions({ file, text }: DeployedFile): string[] {
  const slow: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if ("regex" in node && node.regex) {
      const { pattern, flags } = node.regex as { pattern: string; flags: string };
      const { reports } = analyse({ source: pattern, flags });
      if (reports.length > 0) slow.push(`${file} /${pattern}/${flags}`);
    }
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseAst(text, { lang: "ts" }));
  const isMade = text.includes("new RegExp(") && !expressionsFromText.includes(file);
  return isMade ? [...slow, `${file} new RegExp`] : slow;
}

const sinsWithPromises = `interface Store {
  add(): Promise<number>;
}
export function sins(store: Store): void {
  store.add();
  [1].forEach(async () => {});
}
`;

/** What the project's linter finds in a folder that has its configuration, in order of name. */
async function lintRulesBroken(folder: string): Promise<string[]> {
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const args = ["lint", "--vcs-enabled=false", "--reporter=json", "."];
  const { stdout } = await runNode(biome, args, { cwd: folder });
  const { diagnostics }: { diagnostics: { category: string }[] } = JSON.parse(stdout);
  return diagnostics.map(({ category }) => category).sort();
}

/** Packages whose manifest names no licence, but whose readme does. */
const statedElsewhere = new Map([["semaphore", "MIT"]]);

describe("deployed code", () => {
  it.each(forbidden)(
    verifies("static.forbidden", "never contains $what"),
    ({ pattern, allowed, examples }) => {
      expect(examples.filter((example) => !pattern.test(example))).toEqual([]);
      const found = lines
        .filter(({ file, text }) => pattern.test(text) && !allowed.includes(file))
        .map(({ file, line, text }) => `${file}:${line} ${text.trim()}`);
      expect(found).toEqual([]);
      expect(lines.length).toBeGreaterThan(1000);
    },
  );

  it(verifies("static.forbidden", "puts no token and nothing personal into a log line"), () => {
    const sins = [
      'log("info", "signed-in", { token })',
      'invocation.log("warn", "refused", {\n  got: request.headers.get("authorization"),\n});',
      "audit(log, { ...event, name: profile.displayName })",
      'log("info", "exchanged", { of: accessTokenOf(caller) })',
    ];
    const found = (text: string) =>
      logCalls({ file: "", text }).filter((call) => secretNames.test(call.text));
    expect(sins.filter((sin) => found(sin).length === 0)).toEqual([]);
    const calls = files.flatMap(logCalls);
    expect(calls.length).toBeGreaterThan(25);
    expect(calls.filter(({ text }) => secretNames.test(text))).toEqual([]);
  });

  it(verifies("static.linear-expressions", "matches in linear time whatever is sent"), async () => {
    expect(slowExpressions({ file: "", text: 'x(/([a-z]+)="/); y(/^(?:a+)+$/)' })).toHaveLength(2);
    // What looks from outside reads what strangers answer.
    const read = [...files, ...(await sourceFiles(["probe", "infra/hooks", "bridge"]))];
    expect(read.flatMap(slowExpressions)).toEqual([]);
  });

  it(verifies("static.promises", "has a linter against promises nobody waits for"), async () => {
    await using folder = await temporaryFolder();
    await copyFile(join(root, "biome.json"), join(folder.path, "biome.json"));
    await writeFile(join(folder.path, "sins.ts"), sinsWithPromises);
    expect(await lintRulesBroken(folder.path)).toEqual([
      "lint/nursery/noFloatingPromises",
      "lint/nursery/noMisusedPromises",
    ]);
  });

  it(verifies("static.dependencies", "uses no package but those declared as shipped"), async () => {
    const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const used = files.flatMap(({ file, text }) =>
      [...text.matchAll(/\bfrom "((?:@[^/"]+\/)?[^./"][^/"]*)|\bimport\(?\s*"([^."][^"]*)"/g)].map(
        ([, from, bare]) => ({ file, name: String(from ?? bare) }),
      ),
    );
    const packages = used.filter(({ name }) => !name.startsWith("node:"));
    expect(packages.length).toBeGreaterThan(20);
    const undeclared = packages.filter(({ name }) => !Object.hasOwn(manifest.dependencies, name));
    expect(undeclared).toEqual([]);
  });

  it(verifies("static.licences", "ships only packages under permissive licences"), async () => {
    const permissive = /^(MIT|Apache-2\.0|BSD-[23]-Clause|ISC|0BSD)$/;
    const { metafile } = await bundleServer();
    const inputs = Object.keys(metafile.inputs).map((input) => join(root, input));
    const pages = inputs.filter((input) => input.endsWith(".html"));
    const ofPages = await Promise.all(pages.map(buildPage));
    const folders = new Set(
      [...inputs, ...ofPages.flatMap(({ sources }) => sources)].flatMap((input) => {
        const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.replaceAll("\\", "/"));
        return found?.[1] ?? [];
      }),
    );
    const licences = await Promise.all(
      [...folders].map(async (folder) => {
        const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
        const { name, license = statedElsewhere.get(manifest.name) } = manifest;
        return { package: String(name), licence: String(license) };
      }),
    );
    expect(licences.length).toBeGreaterThan(20);
    expect(licences.filter(({ licence }) => !permissive.test(licence))).toEqual([]);
  });
});
