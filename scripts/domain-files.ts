import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Domain } from "../src/define-domain.ts";
import { domain as servedDomain } from "../src/domain.ts";
import { gatewayContainer } from "../src/gateway/store/container.ts";
import type { ToolPolicy } from "../src/mcp/policy.ts";
import { compactJson } from "./compact-json.ts";
import {
  type DomainDescription,
  describeDomain,
  describeTools,
  type ListedOffer,
  listedOffers,
  type ToolDescription,
} from "./describe-domain.ts";

const root = join(import.meta.dirname, "..");

interface DescribedDomain extends DomainDescription {
  readonly tools: readonly ToolDescription[];
  readonly offers: readonly ListedOffer[];
}

/** A file that follows from the domain, in whole or in part. */
interface DomainFile {
  readonly path: string;
  /** Whether all of it follows. It is made then; another is left out where a team has removed it. */
  readonly isWhole?: boolean;
  /** What it should hold, given what it holds. */
  update(text: string, domain: DescribedDomain): string;
}

const domainFiles: readonly DomainFile[] = [
  {
    path: "infra/domain.json",
    isWhole: true,
    update: (_text, { tools: _tools, offers: _offers, ...description }) =>
      `${compactJson(description)}\n`,
  },
  {
    // What the gateway asks for beside the domain, whatever that is.
    path: "infra/gateway.json",
    isWhole: true,
    update: () => `${compactJson({ container: gatewayContainer })}\n`,
  },
  {
    path: "infra/main.parameters.json",
    update(text, { settings }) {
      const values = settings.map(({ name }) => `"${name}": "\${${name}}"`);
      const lines =
        values.length === 0 ? "{}" : `{\n        ${values.join(",\n        ")}\n      }`;
      return text.replace(
        /"domainSettings": \{\s*"value": \{(?:\$\{\w+\}|[^{}])*\}\s*\}/,
        () => `"domainSettings": {\n      "value": ${lines}\n    }`,
      );
    },
  },
  {
    path: "docs/configuration.md",
    update: (text, { settings }) =>
      between(text, "domain settings", [
        "| name | needed | meaning |",
        "|---|---|---|",
        ...settings.map(({ name, description, default: value }) =>
          row(`\`${name}\``, value === undefined ? "" : `defaults to \`${value}\``, description),
        ),
      ]),
  },
  {
    path: "docs/deploy.md",
    update: (text, { settings }) =>
      between(text, "domain parameters", [
        "| name | default | what |",
        "|---|---|---|",
        ...settings.map(({ name, description, default: value }) =>
          row(`\`${name}\``, value === undefined ? "none" : `\`${value}\``, description),
        ),
      ]),
  },
  {
    path: ".github/workflows/azure-dev.yml",
    update: (text, { settings }) =>
      between(
        text,
        "domain settings",
        settings.map(({ name }) => `      ${name}: \${{ vars.${name} }}`),
        (comment) => `      # ${comment}`,
      ),
  },
  {
    path: "docs/tools.md",
    update(text, { tools, offers }) {
      const withTools = between(text, "tools", [
        "| tool | for | does |",
        "|---|---|---|",
        ...tools.map((tool) => row(`\`${tool.name}\``, audienceOf(tool), tool.description)),
      ]);
      return between(withTools, "resources and prompts", [
        "| resource or prompt | for | is |",
        "|---|---|---|",
        ...offers.map(({ kind, id, policy, listing }) =>
          row(
            kind === "prompt" ? `prompt \`${id}\`` : `\`${id}\``,
            peopleOf(policy),
            listing.description,
          ),
        ),
      ]);
    },
  },
];

/** Brings the files up to date that follow from the domain, and tells which were not. */
export async function writeDomainFiles(): Promise<readonly string[]> {
  const stale = await staleDomainFiles();
  for (const { path, text } of stale) await writeFile(join(root, path), text);
  return stale.map(({ path }) => path);
}

/** The files that do not hold what follows from the domain, each with what it should hold. */
export async function staleDomainFiles(
  domain: Domain = servedDomain,
): Promise<{ path: string; text: string }[]> {
  const described = {
    ...describeDomain(domain),
    tools: describeTools(domain),
    offers: listedOffers(domain),
  };
  const files = await Promise.all(
    domainFiles.map(async ({ path, isWhole, update }) => {
      const present = await readFile(join(root, path), "utf8").catch(() => undefined);
      if (present === undefined && !isWhole) return [];
      const text = update(present ?? "", described);
      return text === present ? [] : [{ path, text }];
    }),
  );
  return files.flat();
}

/** Replaces what stands between the two comments of this name. */
function between(
  text: string,
  name: string,
  lines: readonly string[],
  commentOf = (comment: string) => `<!-- ${comment} -->`,
): string {
  const begin = commentOf(`${name}: made by npm run build`);
  const end = commentOf(`end of ${name}`);
  const [before, rest = ""] = text.split(begin);
  const [, after] = rest.split(end);
  if (after === undefined) throw new Error(`The comments around "${name}" are missing.`);
  return `${before}${[begin, ...lines, end].join("\n")}${after}`;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function audienceOf({ policy, needsApproval }: ToolDescription): string {
  return needsApproval ? `${peopleOf(policy)}, after approval` : peopleOf(policy);
}

function peopleOf({ administratorsOnly, roles, scopes }: ToolPolicy): string {
  if (administratorsOnly) return "administrators";
  if (roles) return `people with the role ${roles.join(" or ")}`;
  return scopes ? `sign-ins with the scope ${scopes.join(" and ")}` : "everyone";
}
