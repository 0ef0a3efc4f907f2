import { type Finding, findingIn } from "./finding.ts";
import { outputsOf } from "./modules.ts";
import { mainTemplate, type Project } from "./project.ts";
import {
  allResources,
  findingAt,
  inBody,
  isType,
  type TypedResource,
  textsIn,
} from "./resources.ts";
import { mcpRoute } from "./routes.ts";
import {
  bodyOf,
  declarationNamed,
  type Expression,
  literalText,
  propertyOf,
  valueAt,
} from "./syntax.ts";
import { itemsOf, loadedPath, located, possibleTexts } from "./values.ts";

/** What the server calls things, from its own source. */
export interface CodeNames {
  /** The delegated scope, bare. */
  readonly requiredScope: string;
  /** The container of the key ring. */
  readonly keyRingContainer: string;
  /** Where used approvals are kept inside it, with a trailing slash. */
  readonly usedApprovalsPrefix: string;
  /** The one definition of the container of expenses, from the repository's root. */
  readonly containerFile: string;
}

/** Names that templates and source share are the same in both. */
export function checkCodeNames(project: Project, code: CodeNames): Finding[] {
  const resources = allResources(project).filter(({ resource }) => !resource.existing);
  const ofType = (type: string) => resources.filter((each) => isType(each, type));
  return [
    ...ofType("Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers").flatMap((each) =>
      containerDefinition(project, each, code),
    ),
    ...keyRing(project, resources, code),
    ...ofType("Microsoft.Graph/applications").flatMap((each) => [
      ...scopes(project, each, code),
      ...appRoles(project, each),
    ]),
    ...outputs(project, code),
  ];
}

/** Everything but the container's id is taken, member by member, from the one definition. */
function containerDefinition(project: Project, each: TypedResource, code: CodeNames): Finding[] {
  const of = (line: number, message: string) =>
    findingAt(each, "container-definition", line, message);
  const resource = valueAt(bodyOf(each.resource), "properties", "resource");
  const definition = project.files.get(code.containerFile);
  if (resource?.kind !== "object" || definition === undefined) {
    return [of(each.resource.line, `${each.resource.name} has no definition that can be read`)];
  }
  const findings: Finding[] = [];
  const missing = new Set(Object.keys(JSON.parse(definition)));
  for (const { key, value, line } of resource.properties) {
    const name = literalText(key) ?? "";
    missing.delete(name);
    if (name === "id") continue;
    const source = value.kind === "member" ? loadedFrom(each, value.object) : undefined;
    if (source !== code.containerFile || value.kind !== "member" || value.property !== name) {
      findings.push(of(line, `${name} does not come from ${code.containerFile}`));
    }
  }
  for (const name of missing) {
    findings.push(of(resource.line, `${name} of ${code.containerFile} is left out`));
  }
  return findings;
}

/** The file that an expression is loaded from, through variables. */
function loadedFrom(each: TypedResource, expression: Expression) {
  const { template } = each;
  const direct = loadedPath(located(template, expression));
  if (direct !== undefined || expression.kind !== "name") return direct;
  const variable = declarationNamed(template, expression.name);
  return variable?.kind === "variable" ? loadedPath(located(template, variable.value)) : undefined;
}

/** The key ring's container exists, and what ages out in it is what the server writes there. */
function keyRing(
  project: Project,
  resources: readonly TypedResource[],
  code: CodeNames,
): Finding[] {
  const findings: Finding[] = [];
  const accounts = resources.filter((each) => isType(each, "Microsoft.Storage/storageAccounts"));
  const containers = resources.filter((each) =>
    isType(each, "Microsoft.Storage/storageAccounts/blobServices/containers"),
  );
  const policies = resources.filter((each) =>
    isType(each, "Microsoft.Storage/storageAccounts/managementPolicies"),
  );
  const names = containers.flatMap((each) =>
    textsIn(project, each, propertyOf(bodyOf(each.resource), "name")?.value),
  );
  for (const account of accounts) {
    if (!names.includes(code.keyRingContainer)) {
      const message = `no container is named ${code.keyRingContainer}, which the server keeps keys in`;
      findings.push(findingAt(account, "code-name", account.resource.line, message));
    }
    if (policies.length === 0) {
      const message = "no lifecycle rule deletes used approvals";
      findings.push(findingAt(account, "code-name", account.resource.line, message));
    }
  }
  const prefix = `${code.keyRingContainer}/${code.usedApprovalsPrefix}`;
  for (const policy of policies) {
    const rules = valueAt(bodyOf(policy.resource), "properties", "policy", "rules");
    const filters = (
      rules === undefined ? [] : itemsOf(project, inBody(project, policy, rules))
    ).flatMap((rule) => {
      const list = valueAt(rule.expression, "definition", "filters", "prefixMatch");
      return list === undefined ? [] : itemsOf(project, { ...rule, expression: list });
    });
    const texts = filters.flatMap((filter) => possibleTexts(project, filter));
    if (texts.length === 1 && texts[0] === prefix) continue;
    const message = `what is deleted by age is ${texts.join(", ") || "everything"}, not ${prefix}`;
    findings.push(findingAt(policy, "code-name", policy.resource.line, message));
  }
  return findings;
}

/** The registration offers the scope that the server asks for, and no other. */
function scopes(project: Project, each: TypedResource, code: CodeNames): Finding[] {
  const list = valueAt(bodyOf(each.resource), "api", "oauth2PermissionScopes");
  const texts = (list === undefined ? [] : itemsOf(project, inBody(project, each, list))).flatMap(
    (scope) => {
      const value = valueAt(scope.expression, "value");
      return value === undefined ? [] : possibleTexts(project, { ...scope, expression: value });
    },
  );
  if (texts.length === 1 && texts[0] === code.requiredScope) return [];
  const message = `offers ${texts.join(", ") || "no scope"}, the server wants ${code.requiredScope}`;
  return [findingAt(each, "code-name", list?.line ?? each.resource.line, message)];
}

/** The registration has the app roles that tools' policies ask for, and no other. */
function appRoles(project: Project, each: TypedResource): Finding[] {
  const list = valueAt(bodyOf(each.resource), "appRoles");
  const offered = new Set(
    (list === undefined ? [] : itemsOf(project, inBody(project, each, list))).flatMap((role) => {
      const value = valueAt(role.expression, "value");
      return value === undefined ? [] : possibleTexts(project, { ...role, expression: value });
    }),
  );
  const asked = rolesIn(project);
  const wrong = [
    ...[...offered].filter((role) => !asked.has(role)).map((role) => `no tool asks for ${role}`),
    ...[...asked].filter((role) => !offered.has(role)).map((role) => `${role} is missing`),
  ];
  if (wrong.length === 0) return [];
  const message = `the app roles: ${wrong.join("; ")}`;
  return [findingAt(each, "code-name", list?.line ?? each.resource.line, message)];
}

/** The app roles that tools' policies ask for, read from their source. */
function rolesIn(project: Project): ReadonlySet<string> {
  return new Set(
    [...project.files]
      .filter(([file]) => /^src\/.*\.ts$/.test(file))
      .flatMap(([, text]) => [...text.matchAll(/\bpolicy: \{[^}]*\broles: \[([^\]]*)\]/g)])
      .flatMap(([, roles = ""]) => [...roles.matchAll(/"([^"]+)"/g)].map(([, role = ""]) => role)),
  );
}

/** What is told to people and tools ends as the server has it. */
function outputs(project: Project, code: CodeNames): Finding[] {
  const template = project.templates.get(mainTemplate);
  if (template === undefined) return [];
  const wanted: readonly { name: string; form: RegExp; words: string }[] = [
    {
      name: "MCP_SCOPE",
      form: new RegExp(`/${code.requiredScope}$`),
      words: `the identifier URI and /${code.requiredScope}`,
    },
    {
      name: "MCP_URL",
      form: new RegExp(`^(?:https://[^/]+|\\{\\w+\\})/${mcpRoute(project)}$`),
      words: `an origin and /${mcpRoute(project)}`,
    },
  ];
  return wanted.flatMap(({ name, form, words }): Finding[] => {
    const output = outputsOf(template).find((each) => each.name === name);
    const line = output?.line ?? 1;
    const texts =
      output === undefined ? [] : possibleTexts(project, located(template, output.value));
    // What is given from outside as a whole, such as a custom URL, or not at all, is not ours.
    const wrong = texts.filter((text) => !form.test(text) && !/^\{\w+\}$|^$/.test(text));
    if (texts.some((text) => form.test(text)) && wrong.length === 0) return [];
    const message = `the output ${name} is ${wrong.join(", ") || "not there"}, not ${words}`;
    return [findingIn({ file: mainTemplate }, "code-name", line, name, message)];
  });
}
