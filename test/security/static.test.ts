import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bundleServer } from "../../scripts/bundle.ts";
import { verifies } from "../requirements.ts";

const root = join(import.meta.dirname, "..", "..");

/** The lines of what is deployed, each with where it stands. */
async function deployedLines(): Promise<{ file: string; line: number; text: string }[]> {
  const files = (
    await Promise.all(
      ["src", "functions"].map(async (folder) =>
        (await readdir(join(root, folder), { recursive: true })).map((name) => join(folder, name)),
      ),
    )
  )
    .flat()
    .filter((name) => name.endsWith(".ts"));
  const lines = files.map(async (file) =>
    (await readFile(join(root, file), "utf8"))
      .split("\n")
      .map((text, index) => ({ file: file.replaceAll("\\", "/"), line: index + 1, text }))
      .filter(({ text }) => !/^\s*(\/?\*|\/\/)/.test(text)),
  );
  return (await Promise.all(lines)).flat();
}

const lines = await deployedLines();

/** What must not stand in deployed code, but for the files where it is meant to. */
const forbidden: readonly {
  readonly what: string;
  readonly pattern: RegExp;
  readonly allowed: readonly string[];
}[] = [
  {
    what: "an exception's text, which may quote anything that passed by",
    pattern: /\b(?:error|cause|err|e)\.(?:message|stack)\b|String\((?:error|cause)\)/,
    // The one reads name, code and place alone; the other prints its own message on settings.
    allowed: ["src/telemetry/excerpt.ts", "src/app.ts"],
  },
  {
    what: "a host or address taken from request headers",
    pattern: /x-forwarded-|["']host["']|x-original-|["']forwarded["']/i,
    allowed: ["src/http/host-and-origin.ts", "src/http/client-address.ts"],
  },
  {
    what: "output past the structured log",
    pattern: /\bconsole\b|process\.std(?:out|err)/,
    allowed: ["src/telemetry/log.ts", "src/app.ts"],
  },
  {
    what: "the environment past the settings",
    pattern: /process\.env/,
    allowed: ["functions/application.ts"],
  },
  {
    what: "predictable randomness",
    pattern: /Math\.random/,
    // Spreads retries, which nobody gains by predicting.
    allowed: ["src/outbound/outbound-http.ts"],
  },
  { what: "code from text", pattern: /\beval\(|new Function\(/, allowed: [] },
  {
    what: "a type or lint check switched off",
    pattern: /@ts-(?:ignore|expect-error|nocheck)|biome-ignore/,
    allowed: [],
  },
];

/** Packages whose manifest names no licence, but whose readme does. */
const statedElsewhere = new Map([["semaphore", "MIT"]]);

describe("deployed code", () => {
  it.each(forbidden)(
    verifies("static.forbidden", "never contains $what"),
    ({ pattern, allowed }) => {
      const found = lines
        .filter(({ file, text }) => pattern.test(text) && !allowed.includes(file))
        .map(({ file, line, text }) => `${file}:${line} ${text.trim()}`);
      expect(found).toEqual([]);
      expect(lines.length).toBeGreaterThan(1000);
    },
  );

  it(verifies("static.licences", "ships only packages under permissive licences"), async () => {
    const permissive = new Set([
      "MIT",
      "Apache-2.0",
      "BSD-2-Clause",
      "BSD-3-Clause",
      "ISC",
      "0BSD",
    ]);
    const { metafile } = await bundleServer();
    const folders = new Set(
      Object.keys(metafile.inputs).flatMap((input) => {
        const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.replaceAll("\\", "/"));
        return found?.[1] ?? [];
      }),
    );
    const licences = await Promise.all(
      [...folders].map(async (folder) => {
        const manifest = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
        const { name, license = statedElsewhere.get(manifest.name) } = manifest;
        return { package: String(name), licence: String(license) };
      }),
    );
    expect(licences.length).toBeGreaterThan(20);
    expect(licences.filter(({ licence }) => !permissive.has(licence))).toEqual([]);
  });
});
