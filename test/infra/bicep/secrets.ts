import { type Finding, type FindingKind, findingIn } from "./finding.ts";
import { listFunction } from "./namespaces.ts";
import { modulesIn, type Project, pathFrom } from "./project.ts";
import { isType, resourcesOf } from "./resources.ts";
import {
  bodyOf,
  decoratorOf,
  type Expression,
  literalText,
  propertyOf,
  type Template,
} from "./syntax.ts";
import { walk, walkDeclaration } from "./walk.ts";

/** Properties of resources that hold a key, a password or a connection string with one. */
const secretProperties = new Set([
  "adminPassword",
  "connectionStrings",
  "instrumentationKey",
  "keys",
  "password",
  "primaryConnectionString",
  "primaryKey",
  "primaryMasterKey",
  "primarySharedKey",
  "secondaryConnectionString",
  "secondaryKey",
  "secondaryMasterKey",
  "secondarySharedKey",
  "secretText",
]);

/** The linter's own pattern (secure-secrets-in-params), less names of what is no secret. */
const secretName = /password|pwd|secret|accountkey|acctkey|apikey|connectionstring/i;

/** Texts that look like what must not be written down. */
const secretTexts: readonly (readonly [string, RegExp])[] = [
  ["an account key", /AccountKey=(?!\{|$)/i],
  ["a shared access key", /SharedAccessKey=/i],
  ["a shared access signature", /[?&]sig=[A-Za-z0-9%]/],
  ["an Entra client secret", /(?:^|[^\w~.-])[\w~.-]{3}[78]Q~[\w~.-]{30,}/],
  ["a token", /eyJ[\w-]{10,}\.[\w-]{10,}\./],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a 64-byte key", /[A-Za-z0-9+/]{86}==/],
];

/**
 * Nothing secret is read, passed on in plain, put where it can be read again, or written down. A
 * text counts as secret where a parameter is marked `@secure()`.
 */
export function checkSecrets(project: Project): Finding[] {
  return [...project.templates.values()].flatMap((template) => {
    const finding = (kind: FindingKind, line: number, subject: string, message: string) =>
      findingIn(template, kind, line, subject, message);
    const findings: Finding[] = [];
    const secret = secureNames(template);

    for (const declaration of template.declarations) {
      walkDeclaration({ ...declaration, decorators: [] }, (expression) => {
        const read = secretRead(expression);
        if (read !== undefined) {
          const message = `${read} reads a secret: use an identity`;
          findings.push(finding("secret-read", expression.line, read, message));
        }
        const written = secretWritten(expression);
        if (written !== undefined) {
          const message = `${written} is written down`;
          findings.push(finding("secret-literal", expression.line, declaration.name, message));
        }
      });
      if (declaration.kind === "parameter") {
        const isSecure = decoratorOf(declaration, "secure") !== undefined;
        if (secretName.test(declaration.name) && !isSecure) {
          const message = `${declaration.name} is not @secure()`;
          findings.push(
            finding("secret-parameter-plain", declaration.line, declaration.name, message),
          );
        }
        const fallback = declaration.default;
        if (isSecure && fallback !== undefined && literalText(fallback) !== "") {
          const message = `the default of ${declaration.name} stands in the template`;
          findings.push(finding("secret-literal", declaration.line, declaration.name, message));
        }
      }
      if (declaration.kind === "output" && !decoratorOf(declaration, "secure")) {
        if (mentions(declaration.value, secret)) {
          const message = `the output ${declaration.name} can be read by whoever reads deployments`;
          findings.push(finding("secret-exposed", declaration.line, declaration.name, message));
        }
      }
    }

    for (const each of resourcesOf(template)) {
      const { resource } = each;
      if (!isType(each, "Microsoft.Web/sites", "Microsoft.Web/sites/config")) continue;
      if (!mentions(bodyOf(resource), secret)) continue;
      const message = `${resource.name} holds a secret in its settings`;
      findings.push(finding("secret-exposed", resource.line, resource.name, message));
    }

    for (const module of modulesIn(template)) {
      const target = project.templates.get(pathFrom(template, module.path));
      const params = propertyOf(bodyOf(module), "params")?.value;
      if (target === undefined || params?.kind !== "object") continue;
      for (const { key, value, line } of params.properties) {
        const name = literalText(key) ?? "";
        const parameter = target.declarations.find(
          (each) => each.kind === "parameter" && each.name === name,
        );
        if (parameter === undefined || decoratorOf(parameter, "secure")) continue;
        if (!mentions(value, secret)) continue;
        const message = `a secret goes to ${name} of ${module.name}, which is not @secure()`;
        findings.push(finding("secret-exposed", line, name, message));
      }
    }
    return findings;
  });
}

/** Parameters marked secret, and variables made of them. */
function secureNames(template: Template): ReadonlySet<string> {
  const names = new Set(
    template.declarations
      .filter((each) => each.kind === "parameter" && decoratorOf(each, "secure"))
      .map(({ name }) => name),
  );
  for (let before = -1; before !== names.size; ) {
    before = names.size;
    for (const each of template.declarations) {
      if (each.kind === "variable" && mentions(each.value, names)) names.add(each.name);
    }
  }
  return names;
}

function mentions(expression: Expression, names: ReadonlySet<string>): boolean {
  let found = false;
  walk(expression, (inner, locals) => {
    if (inner.kind === "name" && names.has(inner.name) && !locals.has(inner.name)) found = true;
  });
  return found;
}

function secretRead(expression: Expression): string | undefined {
  if (expression.kind === "call") {
    const { callee } = expression;
    const name =
      callee.kind === "name" ? callee.name : callee.kind === "member" ? callee.property : "";
    return listFunction.test(name) || name === "getSecret" ? name : undefined;
  }
  return expression.kind === "member" && secretProperties.has(expression.property)
    ? expression.property
    : undefined;
}

function secretWritten(expression: Expression): string | undefined {
  if (expression.kind === "object") {
    const named = expression.properties.find(
      ({ key, value }) => secretName.test(literalText(key) ?? "") && literalText(value),
    );
    return named === undefined ? undefined : `a value for ${literalText(named.key)}`;
  }
  if (expression.kind !== "string") return undefined;
  const texts = expression.parts.filter((part) => typeof part === "string");
  return secretTexts.find(([, pattern]) => texts.some((text) => pattern.test(text)))?.[0];
}
