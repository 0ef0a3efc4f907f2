import { type Finding, findingIn } from "./finding.ts";
import {
  builtInArity,
  decoratorNames,
  listFunction,
  namespaceFunctions,
  primitiveTypes,
} from "./namespaces.ts";
import type { Project } from "./project.ts";
import { typesOf } from "./references.ts";
import {
  type CallExpression,
  type Declaration,
  decoratorOf,
  type Expression,
  type Template,
  type TypeExpression,
} from "./syntax.ts";
import { type Locals, resourcesIn, walkDeclaration } from "./walk.ts";

/** Every name means something, once, and is described where others see it. */
export function checkSymbols(project: Project): Finding[] {
  return [...project.templates.values()].flatMap((template) => [
    ...namesIn(template),
    ...duplicatesIn(template),
    ...descriptionsIn(template),
  ]);
}

function namesIn(template: Template): Finding[] {
  const findings: Finding[] = [];
  const valueKinds = new Set(["parameter", "variable", "resource", "module"]);
  const values = new Set([
    ...template.declarations.filter(({ kind }) => valueKinds.has(kind)).map(({ name }) => name),
    ...template.extensions.map(({ name }) => name),
    ...Object.keys(namespaceFunctions),
  ]);
  const types = new Set([
    ...primitiveTypes,
    ...template.declarations.filter(({ kind }) => kind === "type").map(({ name }) => name),
  ]);
  const nested = new Map<string, Set<string>>();
  for (const { resource, around } of resourcesIn(template.declarations)) {
    if (around === undefined) continue;
    nested.set(around.name, (nested.get(around.name) ?? new Set()).add(resource.name));
  }
  // A resource inside another is known by its bare name there alone.
  const insideNames = (declaration: Declaration): Set<string> =>
    new Set(
      declaration.kind === "resource"
        ? resourcesIn([declaration]).flatMap(({ resource, around }) =>
            around === undefined ? [] : [resource.name],
          )
        : [],
    );

  for (const declaration of template.declarations) {
    const inside = insideNames(declaration);
    const visit = (expression: Expression, locals: Locals) => {
      if (expression.kind === "name") {
        const { name, line } = expression;
        if (locals.has(name) || values.has(name) || inside.has(name)) return;
        findings.push(
          findingIn(template, "unresolved-symbol", line, name, `${name} is declared nowhere`),
        );
      } else if (expression.kind === "nested-resource") {
        const { object, resource, line } = expression;
        const owner =
          object.kind === "name"
            ? object.name
            : object.kind === "nested-resource"
              ? object.resource
              : "?";
        if (!nested.get(owner)?.has(resource)) {
          const message = `${owner} has no resource ${resource} inside`;
          findings.push(findingIn(template, "unresolved-symbol", line, resource, message));
        }
      } else if (expression.kind === "call") {
        findings.push(...callFindings(expression));
      }
    };
    walkDeclaration(declaration, visit);
    for (const { resource } of declaration.kind === "resource" ? resourcesIn([declaration]) : []) {
      decorators(resource);
    }
    if (declaration.kind !== "resource") decorators(declaration);
    for (const type of typesOf(declaration)) typeNames(type);
  }
  return findings;

  function callFindings(call: CallExpression): Finding[] {
    const { callee, line } = call;
    if (callee.kind === "member") {
      const namespace = callee.object.kind === "name" ? callee.object.name : undefined;
      const isNamespace = namespace !== undefined && Object.hasOwn(namespaceFunctions, namespace);
      if (isNamespace)
        return arityFindings(callee.property, builtInArity(callee.property, namespace), call);
      if (listFunction.test(callee.property) || callee.property === "getSecret") return [];
      const message = `${callee.property} is no function of a resource`;
      return [findingIn(template, "unknown-function", line, callee.property, message)];
    }
    if (callee.kind !== "name") {
      return [findingIn(template, "unknown-function", line, "?", "only a function can be called")];
    }
    const { name } = callee;
    return arityFindings(name, builtInArity(name), call);
  }

  function arityFindings(
    name: string,
    arity: readonly [number, number] | undefined,
    call: CallExpression,
  ): Finding[] {
    if (arity === undefined) {
      const message = `${name} is no function of Bicep's namespaces`;
      return [findingIn(template, "unknown-function", call.line, name, message)];
    }
    const given = call.arguments.length;
    if (given >= arity[0] && given <= arity[1]) return [];
    const message = `${name} takes ${arity[0]} to ${arity[1]} arguments, not ${given}`;
    return [findingIn(template, "argument-count", call.line, name, message)];
  }

  function decorators(declaration: Declaration): void {
    for (const { name, line } of declaration.decorators) {
      if (decoratorNames.has(name.replace(/^sys\./, ""))) continue;
      const message = `@${name} is no decorator of Bicep`;
      findings.push(findingIn(template, "unknown-decorator", line, name, message));
    }
  }

  function typeNames(type: TypeExpression): void {
    switch (type.kind) {
      case "named":
        if (!types.has(type.name)) {
          const message = `${type.name} is no type`;
          findings.push(findingIn(template, "unresolved-symbol", type.line, type.name, message));
        }
        return;
      case "array-of":
        typeNames(type.item);
        return;
      case "nullable":
        typeNames(type.inner);
        return;
      case "one-of":
        for (const member of type.members) typeNames(member);
        return;
      case "object-of":
        for (const property of type.properties) typeNames(property.type);
        return;
      default:
        return;
    }
  }
}

function duplicatesIn(template: Template): Finding[] {
  const nested = resourcesIn(template.declarations).flatMap(({ resource, around }) =>
    around === undefined ? [] : [{ scope: around.name, ...resource }],
  );
  const scoped = [
    ...template.extensions.map(({ name, line }) => ({ key: ` ${name}`, name, line })),
    ...template.declarations.map((declaration) => ({
      // Outputs have names of their own.
      key: `${declaration.kind === "output" ? "output" : ""} ${declaration.name}`,
      name: declaration.name,
      line: declaration.line,
    })),
    ...nested.map(({ scope, name, line }) => ({ key: `${scope}:: ${name}`, name, line })),
  ];
  const seen = new Set<string>();
  return scoped.flatMap(({ key, name, line }) => {
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [findingIn(template, "duplicate-symbol", line, name, `${name} is declared twice`)];
  });
}

function descriptionsIn(template: Template): Finding[] {
  return template.declarations
    .filter(({ kind }) => kind === "parameter" || kind === "output")
    .filter((declaration) => {
      const [text] = decoratorOf(declaration, "description")?.arguments ?? [];
      return text?.kind !== "string" || text.parts.length === 0;
    })
    .map(({ kind, name, line }) =>
      findingIn(
        template,
        "description-missing",
        line,
        name,
        `the ${kind} ${name} has no description`,
      ),
    );
}
