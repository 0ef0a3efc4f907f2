import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { DeploymentName } from "../bicep/deployments.ts";
import { type Infrastructure, predicted, resourcesOf } from "../bicep/infrastructure.ts";
import type { Edit } from "../bicep/workspace.ts";
import { type FindingKind, requirementOf } from "../policies/finding.ts";

function read<T>(name: string, schema: z.ZodType<T>): T {
  return schema.parse(parse(readFileSync(join(import.meta.dirname, name), "utf8")));
}

/** What a build without a warning proves, beside `infrastructure.compiles`. */
export const languageRequirements = [
  "infrastructure.syntax",
  "infrastructure.symbols",
  "infrastructure.deployment-time",
  "infrastructure.used",
  "infrastructure.modules",
  "infrastructure.resources",
  "infrastructure.secrets",
] as const;

/** A mistake in a template, and all that the compiler and its linter say about it. */
export interface CompilerMistake extends Edit {
  readonly mistake: string;
  /** Codes and rules, each with a text on its line of that file. */
  readonly found: readonly (readonly [code: string, text: string])[];
}

const templateEdit = z.strictObject({
  in: z.string(),
  find: z.string(),
  replace: z.string(),
  says: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});

/** By the requirement that the compiler proves with them, in part or as a whole. */
export const compilerMistakes = Object.entries(
  read(
    "templates.yaml",
    z.record(z.enum(languageRequirements), z.record(z.string(), templateEdit)),
  ),
).map(([requirement, mistakes]) => ({
  requirement: requirement as (typeof languageRequirements)[number],
  mistakes: Object.entries(mistakes).map(([mistake, { in: file, find, replace, says }]) => {
    const found = Object.entries(says).flatMap(([code, texts]) =>
      [texts].flat().map((text) => [code, text] as const),
    );
    return { mistake, file, find, replace, found } satisfies CompilerMistake;
  }),
}));

const kinds = Object.keys(requirementOf) as FindingKind[];
const compiledEdit = z.strictObject({
  at: z.string(),
  to: z.json().optional(),
  removed: z.literal(true).optional(),
  find: z.string().optional(),
  replace: z.string().optional(),
  found: z.union([z.string(), z.array(z.string())]).optional(),
  also: z.record(z.string(), z.enum(kinds)).optional(),
});

/** A mistake in what the compiler made of the templates. */
export interface PolicyMistake extends z.infer<typeof compiledEdit> {
  readonly mistake: string;
  readonly kind: FindingKind;
}

/** At least one for every kind of finding. */
export const policyMistakes: readonly PolicyMistake[] = Object.entries(
  read("compiled.yaml", z.record(z.enum(kinds), z.record(z.string(), compiledEdit))),
).flatMap(([kind, mistakes]) =>
  Object.entries(mistakes).map(([mistake, edit]) => {
    return { mistake, kind: kind as FindingKind, ...edit };
  }),
);

/** What the policies have to say, as place and kind. */
export function expectedOf({ at, kind, found = at, also = {} }: PolicyMistake): string[] {
  return [
    ...[found].flat().map((place) => `${place}: ${kind}`),
    ...Object.entries(also).map(([place, other]) => `${place}: ${other}`),
  ].sort();
}

/** A copy with the mistake in it. */
export function withMistake(sound: Infrastructure, planted: PolicyMistake): Infrastructure {
  const copy = structuredClone(sound);
  const space = planted.at.lastIndexOf(" ");
  const address = planted.at.slice(0, space);
  const path = planted.at.slice(space + 1);
  const names = address === "files" ? [path] : path.split(".");
  const last = names.pop() ?? "";
  const owner = names.reduce<object>(
    (inner, name) => {
      const next: unknown = Reflect.get(inner, name);
      if (typeof next !== "object" || next === null) throw new Error(`no ${name}: ${planted.at}`);
      return next;
    },
    partOf(copy, address),
  );
  const { to, removed, find, replace = "" } = planted;
  if (find !== undefined) {
    const parts = String(Reflect.get(owner, last)).split(find);
    if (parts.length !== 2) throw new Error(`${parts.length - 1} times: ${find}`);
    Reflect.set(owner, last, parts.join(replace));
  } else if (removed) {
    if (!Reflect.has(owner, last)) throw new Error(`not there: ${planted.at}`);
    Reflect.deleteProperty(owner, last);
  } else {
    Reflect.set(owner, last, to);
  }
  return copy;
}

/** A resource, or one of the parts beside resources. */
function partOf(copy: Infrastructure, address: string): object {
  if (address === "main") return copy.template;
  const member: unknown = Reflect.get(copy, address);
  if (typeof member === "object" && member !== null) return member;
  const deployment = address.replace(/:.*/, "") as DeploymentName;
  const isPredicted = Object.hasOwn(copy.snapshots, deployment);
  const outputs = isPredicted ? copy.snapshots[deployment].outputs : undefined;
  if (address.endsWith(":outputs") && typeof outputs === "object" && outputs) return outputs;
  const resources = isPredicted ? predicted(copy, deployment) : resourcesOf(copy);
  const [resource, another] = resources.filter((each) => each.address === address);
  if (!resource || another) throw new Error(`none, or more than one resource: ${address}`);
  return resource.body;
}
