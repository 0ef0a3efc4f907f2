import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ListedOffer } from "../../scripts/describe-domain.ts";
import { type DomainPlaces, placesOf, servedDomain } from "../../scripts/domain-places.ts";
import type { DefinedTool } from "../../src/mcp/tool.ts";
import type { Requirement } from "../requirements/requirement.ts";
import { requirements } from "../requirements.ts";

export const root = join(import.meta.dirname, "..", "..");

/** What the project says of its domain's tools, resources and prompts beside their code. */
export interface ToolEvidence {
  readonly places: DomainPlaces;
  readonly requirements: readonly Requirement[];
  /** Ids of requirements that a test cites. */
  readonly citedIds: ReadonlySet<string>;
  /** Names of the tools in the snapshot. */
  readonly inSnapshot: readonly string[];
  /** URIs, templates and names of prompts in the snapshot of those. */
  readonly offersInSnapshot: readonly string[];
  /** The text of docs/tools.md. */
  readonly page: string;
}

/**
 * The evidence in this repository.
 *
 * @param folder of the domain; without it, the one that is served
 */
export async function readEvidence(folder?: string): Promise<ToolEvidence> {
  const places = folder === undefined ? await servedDomain(root) : placesOf(folder);
  const read = (file: string) => readFile(join(root, file), "utf8");
  const snapshot = await read(places.snapshot).catch(() => "[]");
  const offers = await read(places.offersSnapshot).catch(() => "{}");
  const tests = await Promise.all(globSync("test/**/*.test.ts", { cwd: root }).map(read));
  return {
    places,
    requirements,
    citedIds: new Set(tests.flatMap(idsCitedIn)),
    inSnapshot: JSON.parse(snapshot).map(({ name }: { name: string }) => name),
    offersInSnapshot: offersIn(JSON.parse(offers)),
    page: await read("docs/tools.md"),
  };
}

type Listed = readonly { readonly [member: string]: unknown }[];

function offersIn(lists: Readonly<Record<string, Listed | undefined>>): string[] {
  const { resources = [], resourceTemplates = [], prompts = [] } = lists;
  return [
    ...resources.map(({ uri }) => String(uri)),
    ...resourceTemplates.map(({ uriTemplate }) => String(uriTemplate)),
    ...prompts.map(({ name }) => String(name)),
  ];
}

function idsCitedIn(test: string): string[] {
  return [...test.matchAll(/\bverifies\(\s*(\[[^\]]*\]|"[^"]*")/g)].flatMap(([, ids = ""]) =>
    [...ids.matchAll(/"([^"]+)"/g)].map(([, id]) => String(id)),
  );
}

/** What a tool still lacks, each with how to add it; nothing where it is complete. */
export function lacksOf({ name, listing }: DefinedTool, evidence: ToolEvidence): string[] {
  const { places, requirements, citedIds, inSnapshot, page } = evidence;
  const naming = requirements.filter(({ what }) => what.includes(`\`${name}\``));
  const ids = naming.map(({ id }) => id);
  const testFile = `${places.tests}/${name.replaceAll("_", "-")}.test.ts`;
  const undescribed = [
    ...undescribedFields(listing.inputSchema, "input"),
    ...undescribedFields(listing.outputSchema, "output"),
  ];
  const lacks: [boolean, string][] = [
    [
      ids.length === 0,
      `a requirement: add one to ${places.requirements} that names \`${name}\` in backticks`,
    ],
    [
      !ids.some((id) => citedIds.has(id)),
      `a test: title one verifies("${ids[0] ?? "its.requirement"}", …), for example in ${testFile}`,
    ],
    [!inSnapshot.includes(name), `an entry in ${places.snapshot}: npx vitest run test/domain -u`],
    ...missingAnnotations(listing.annotations ?? {}).map((hint): [boolean, string] => [
      true,
      `the annotation ${hint}: say true or false in \`annotations\``,
    ]),
    ...undescribed.map((field): [boolean, string] => [
      true,
      `a description of ${field}: add .describe("…") to its schema`,
    ]),
    [
      places.isServed && !page.includes(`\n| \`${name}\` |`),
      "a row in docs/tools.md: npm run build",
    ],
  ];
  return lacks.filter(([isMissing]) => isMissing).map(([, what]) => what);
}

/**
 * What a resource, a template or a prompt still lacks, each with how to add it; nothing where it is
 * complete.
 */
export function offerLacks(
  { kind, id, listing }: ListedOffer,
  { places, requirements, citedIds, offersInSnapshot, page }: ToolEvidence,
): string[] {
  const naming = requirements.filter(({ what }) => what.includes(`\`${id}\``));
  const ids = naming.map((requirement) => requirement.id);
  const promptArguments = "arguments" in listing ? listing.arguments : [];
  const undescribed = promptArguments.filter(({ description }) => description === "");
  const lacks: [boolean, string][] = [
    [
      ids.length === 0,
      `a requirement: add one to ${places.requirements} that names \`${id}\` in backticks`,
    ],
    [
      !ids.some((named) => citedIds.has(named)),
      `a test: title one verifies("${ids[0] ?? "its.requirement"}", …) in a test in ${places.tests}`,
    ],
    [
      !offersInSnapshot.includes(id),
      `an entry in ${places.offersSnapshot}: npx vitest run test/domain -u`,
    ],
    ...undescribed.map(({ name }): [boolean, string] => [
      true,
      `a description of the argument ${name}: add .describe("…") to its schema`,
    ]),
    [
      places.isServed && !page.includes(`\n| ${kind === "prompt" ? "prompt " : ""}\`${id}\` |`),
      "a row in docs/tools.md: npm run build",
    ],
  ];
  return lacks.filter(([isMissing]) => isMissing).map(([, what]) => what);
}

/** What a client goes by before it calls: a tool that reads neither destroys nor repeats. */
function missingAnnotations(annotations: NonNullable<DefinedTool["listing"]["annotations"]>) {
  const wanted = annotations.readOnlyHint
    ? (["readOnlyHint", "openWorldHint"] as const)
    : (["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const);
  return wanted.filter((hint) => annotations[hint] === undefined);
}

/** The fields of a JSON schema, at any depth, that say nothing to a model: `output.expense.id`. */
function undescribedFields(schema: unknown, path: string): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties = {}, items, anyOf = [], oneOf = [], allOf = [] } = schema as JsonSchema;
  const fields = Object.entries(properties).flatMap(([name, field]) => [
    ...(field.description ? [] : [`${path}.${name}`]),
    ...undescribedFields(field, `${path}.${name}`),
  ]);
  const parts = [...anyOf, ...oneOf, ...allOf].flatMap((part) => undescribedFields(part, path));
  return [...new Set([...fields, ...parts, ...undescribedFields(items, `${path}[]`)])];
}

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}
