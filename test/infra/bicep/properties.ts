import { type Finding, findingIn } from "./finding.ts";
import { knownAtStart, listFunction } from "./namespaces.ts";
import type { Project } from "./project.ts";
import {
  declarationNamed,
  type Expression,
  literalText,
  type MemberExpression,
  symbolOf,
  type Template,
  type TypeExpression,
} from "./syntax.ts";
import { expandedType } from "./types.ts";
import { type Bindings, itemsOf, type Located, possibleValues } from "./values.ts";
import { type Locals, walkDeclaration } from "./walk.ts";

/** What a resource has beside its own properties, whatever its type. */
const resourceMembers: ReadonlySet<string> = new Set([
  ...knownAtStart,
  "etag",
  "extendedLocation",
  "identity",
  "kind",
  "location",
  "managedBy",
  "plan",
  "properties",
  "sku",
  "tags",
  "zones",
]);

const moduleMembers: ReadonlySet<string> = new Set(["name", "outputs"]);

/** What is read of a module, a resource, a declared type, an object literal or a document is there. */
export function checkProperties(project: Project): Finding[] {
  return [...project.templates.values()].flatMap((template) =>
    template.declarations.flatMap((declaration) => {
      const findings: Finding[] = [];
      const bindings = new Map<string, readonly Located[]>();
      const bind = (name: string | undefined, collection: Expression | undefined) => {
        if (name === undefined || collection === undefined) return;
        const items = itemsOf(project, { expression: collection, template, bindings });
        if (items.length > 0) bindings.set(name, items);
        else bindings.delete(name);
      };
      walkDeclaration(declaration, (expression, locals) => {
        if (expression.kind === "loop") bind(expression.variables[0], expression.over);
        if (expression.kind === "call") {
          const [collection] = expression.arguments;
          const lambda = expression.arguments.find(({ kind }) => kind === "lambda");
          // The item comes first, but for what reduce() has gathered so far.
          const gathers = expression.callee.kind === "name" && expression.callee.name === "reduce";
          if (lambda?.kind === "lambda") bind(lambda.parameters[gathers ? 1 : 0], collection);
        }
        if (expression.kind !== "member") return;
        const missing =
          isNoMember(template, expression, locals) ||
          isMissing(project, template, expression, new Map(bindings), locals);
        if (!missing) return;
        const { property, line } = expression;
        const message = `${property} is no member of what it is read from`;
        findings.push(findingIn(template, "unknown-property", line, property, message));
      });
      return findings;
    }),
  );
}

/** Whether something is read of a module or resource that none of its kind has. */
function isNoMember(template: Template, expression: MemberExpression, locals: Locals): boolean {
  const { object, property } = expression;
  if (["string", "number", "boolean"].includes(object.kind)) return true;
  if (object.kind === "nested-resource") return !resourceMembers.has(property);
  const owner = symbolOf(object);
  if (owner === undefined || locals.has(owner)) return false;
  const declaration = declarationNamed(template, owner);
  if (declaration?.kind === "module") return !moduleMembers.has(property);
  if (declaration?.kind !== "resource" || declaration.type.startsWith("Microsoft.Graph/")) {
    return false;
  }
  const isFunction = listFunction.test(property) || property === "getSecret";
  return !resourceMembers.has(property) && !isFunction;
}

function isMissing(
  project: Project,
  template: Template,
  expression: MemberExpression,
  bindings: Bindings,
  locals: Locals,
): boolean {
  const type = declaredType(template, expression.object, locals);
  if (type !== undefined) {
    return (
      type.kind === "object-of" &&
      type.properties.every(({ name }) => name !== undefined && name !== expression.property)
    );
  }
  if (expression.safe) return false;
  // A local that is not bound means something else than a declaration of the same name.
  if (rootOf(expression.object, (name) => locals.has(name) && !bindings.has(name))) return false;
  const owners = possibleValues(project, { expression: expression.object, template, bindings });
  return (
    owners.every((owner) => owner.expression.kind === "object") &&
    owners.some(
      (owner) =>
        owner.expression.kind === "object" &&
        !owner.expression.properties.some(({ key }) => {
          const name = literalText(key);
          return name === undefined || name === expression.property;
        }),
    )
  );
}

/** The type that a parameter, or a member of one, is declared with. */
function declaredType(
  template: Template,
  expression: Expression,
  locals: Locals,
): TypeExpression | undefined {
  if (expression.kind === "name") {
    if (locals.has(expression.name)) return undefined;
    const parameter = declarationNamed(template, expression.name);
    if (parameter?.kind !== "parameter") return undefined;
    const type = expandedType(template, parameter.type);
    return type.kind === "object-of" ? type : undefined;
  }
  if (expression.kind !== "member") return undefined;
  const owner = declaredType(template, expression.object, locals);
  if (owner?.kind !== "object-of") return undefined;
  const member = owner.properties.find(({ name }) => name === expression.property);
  const type = member === undefined ? undefined : expandedType(template, member.type);
  return type?.kind === "object-of" ? type : undefined;
}

function rootOf(expression: Expression, test: (name: string) => boolean): boolean {
  if (expression.kind === "name") return test(expression.name);
  if (expression.kind === "member" || expression.kind === "element") {
    return rootOf(expression.object, test);
  }
  return false;
}
