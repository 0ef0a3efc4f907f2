import { parse } from "yaml";
import { z } from "zod";

const permissionsSchema = z.union([z.string(), z.record(z.string(), z.string())]);

const stepSchema = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  env: z.record(z.string(), z.unknown()).optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});

const jobSchema = z.object({
  if: z.string().optional(),
  environment: z.unknown().optional(),
  uses: z.string().optional(),
  permissions: permissionsSchema.optional(),
  "timeout-minutes": z.number().optional(),
  concurrency: z.unknown().optional(),
  env: z.record(z.string(), z.unknown()).optional(),
  steps: z.array(stepSchema).default([]),
});

const workflowSchema = z.object({
  on: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]),
  permissions: permissionsSchema.optional(),
  concurrency: z.unknown().optional(),
  jobs: z.record(z.string(), jobSchema),
});

export type Workflow = z.infer<typeof workflowSchema>;

export function readWorkflow(text: string): Workflow {
  return workflowSchema.parse(parse(text));
}

/** What this project asks of a workflow beyond what actionlint knows; a line for every breach. */
export function breachesIn(text: string): string[] {
  const workflow = readWorkflow(text);
  return [
    ...triggers(workflow),
    ...pins(text),
    ...permissions(workflow),
    ...limits(workflow),
    ...conditions(workflow),
    ...commands(workflow),
    ...packageScripts(workflow),
    ...downloads(workflow),
    ...secrets(text),
  ];
}

function triggers({ on }: Workflow): string[] {
  const names = typeof on === "string" ? [on] : Array.isArray(on) ? on : Object.keys(on);
  return names.includes("pull_request_target")
    ? ["pull_request_target runs code of strangers with the repository's rights"]
    : [];
}

/** A tag can be moved to other code; a commit cannot. The comment is for people, and for updates. */
function pins(text: string): string[] {
  const uses = [...text.matchAll(/^\s*(?:- )?uses: *(.+)$/gm)].map(
    ([, reference = ""]) => reference,
  );
  return uses
    .filter((reference) => !reference.startsWith("./"))
    .filter((reference) => !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(reference))
    .map((reference) => `${reference} is not pinned to a commit, with its version as a comment`);
}

function permissions({ permissions: all, jobs }: Workflow): string[] {
  const isReadOnly =
    typeof all === "object" && Object.values(all).every((level) => level === "read");
  const tooMuch = Object.entries(jobs).flatMap(([name, { permissions: own = {} }]) => {
    if (typeof own === "string") return [`job ${name} has the permissions ${own}`];
    return Object.entries(own)
      .filter(([scope, level]) => level === "write" && scope !== "id-token")
      .map(([scope]) => `job ${name} may write ${scope}`);
  });
  return [
    ...(isReadOnly ? [] : ["the workflow's permissions are not limited to reading"]),
    ...tooMuch,
  ];
}

function limits({ jobs, concurrency }: Workflow): string[] {
  return Object.entries(jobs)
    .filter(([, { uses }]) => uses === undefined)
    .flatMap(([name, job]) => [
      ...(job["timeout-minutes"] === undefined ? [`job ${name} has no timeout`] : []),
      ...((concurrency ?? job.concurrency) === undefined
        ? [`job ${name} has no limit to its concurrency`]
        : []),
    ]);
}

/**
 * Such a job would be skipped, and the run be green.
 * Source: https://docs.github.com/actions/reference/workflows-and-actions/contexts#vars-context
 */
function conditions({ jobs }: Workflow): string[] {
  return Object.entries(jobs)
    .filter(([, job]) => job.environment !== undefined && /\bvars\./.test(job.if ?? ""))
    .map(([name]) => `the condition of job ${name} cannot see its environment's variables`);
}

function commands({ jobs }: Workflow): string[] {
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const runs = steps.flatMap(({ run }) => run ?? []);
  return [
    // A shell would run what an expression's value holds.
    ...runs.filter((run) => run.includes("${{")).map((run) => `an expression in: ${run.trim()}`),
    ...runs
      .filter((run) => /\bnpm (?:install|i)\b/.test(run))
      .map(() => "npm install takes what the lock file does not say: use npm ci"),
    ...steps
      .filter(({ uses = "" }) => uses.startsWith("actions/checkout@"))
      .filter((step) => step.with?.["persist-credentials"] !== false)
      .map(() => "checkout leaves its credentials to all later steps"),
  ];
}

/** Whatever runs in a job that may prove its identity may have a token of that identity. */
function packageScripts({ jobs }: Workflow): string[] {
  return Object.entries(jobs)
    .filter(([, job]) => typeof job.permissions === "object" && "id-token" in job.permissions)
    .flatMap(([name, { steps }]) =>
      steps
        .filter(({ run = "" }) => /\bnpm ci\b|\bazd up\b/.test(run))
        .filter(({ run = "", env = {} }) => {
          return !run.includes("--ignore-scripts") && env.npm_config_ignore_scripts !== true;
        })
        .map(({ run }) => `job ${name} runs packages' scripts with its identity: ${run?.trim()}`),
    );
}

function downloads({ jobs }: Workflow): string[] {
  return Object.values(jobs)
    .flatMap(({ steps }) => steps)
    .filter(({ run = "" }) => /\b(?:curl|wget)\b/.test(run) && !/\bsha256sum --check\b/.test(run))
    .map(({ run }) => `a download is run as it comes: ${run?.trim()}`);
}

function secrets(text: string): string[] {
  return /\bsecrets\b|client-secret|password/i.test(text) ? ["it needs a secret"] : [];
}
