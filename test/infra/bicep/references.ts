import { type Finding, findingIn } from "./finding.ts";
import type { Project } from "./project.ts";
import type { Declaration, Template, TypeExpression } from "./syntax.ts";
import { resourcesIn, walkDeclaration } from "./walk.ts";

/** Nothing is declared for nothing, and nothing needs itself. */
export function checkReferences(project: Project): Finding[] {
  return [...project.templates.values()].flatMap((template) => [
    ...unusedIn(template),
    ...cyclesIn(template),
  ]);
}

/** The types that a declaration writes down. */
export function typesOf(declaration: Declaration): TypeExpression[] {
  switch (declaration.kind) {
    case "parameter":
    case "output":
    case "type":
      return [declaration.type];
    default:
      return [];
  }
}

/** The names outside itself that a declaration refers to, types and functions included. */
export function referencesOf(declaration: Declaration): Set<string> {
  const names = new Set<string>();
  walkDeclaration(declaration, (expression, locals) => {
    if (expression.kind === "name" && !locals.has(expression.name)) names.add(expression.name);
    if (expression.kind === "nested-resource") names.add(expression.resource);
    if (expression.kind !== "call") return;
    if (expression.callee.kind === "name") names.add(expression.callee.name);
  });
  const addTypes = (type: TypeExpression): void => {
    if (type.kind === "named") names.add(type.name);
    if (type.kind === "array-of") addTypes(type.item);
    if (type.kind === "nullable") addTypes(type.inner);
    if (type.kind === "one-of") for (const member of type.members) addTypes(member);
    if (type.kind === "object-of") for (const property of type.properties) addTypes(property.type);
  };
  for (const type of typesOf(declaration)) addTypes(type);
  return names;
}

function unusedIn(template: Template): Finding[] {
  const used = new Set<string>();
  for (const declaration of template.declarations) {
    for (const name of referencesOf(declaration)) {
      if (name !== declaration.name || declaration.kind === "output") used.add(name);
    }
  }
  const mustBeUsed = (declaration: Declaration) =>
    ["parameter", "variable", "type"].includes(declaration.kind) ||
    (declaration.kind === "resource" && declaration.existing);
  const nested = resourcesIn(template.declarations).flatMap(({ resource, around }) =>
    around === undefined ? [] : [resource],
  );
  return [...template.declarations, ...nested]
    .filter((declaration) => mustBeUsed(declaration) && !used.has(declaration.name))
    .map(({ kind, name, line }) =>
      findingIn(template, "unused-symbol", line, name, `the ${kind} ${name} is used nowhere`),
    );
}

function cyclesIn(template: Template): Finding[] {
  const declared = new Map(
    template.declarations
      .filter((declaration) => declaration.kind !== "output")
      .map((declaration) => [declaration.name, declaration]),
  );
  const state = new Map<string, "open" | "done">();
  const findings: Finding[] = [];
  const visit = (declaration: Declaration): void => {
    state.set(declaration.name, "open");
    for (const name of referencesOf(declaration)) {
      const next = declared.get(name);
      if (next === undefined) continue;
      if (next === declaration && mayNameItself(declaration)) continue;
      if (state.get(name) === "open") {
        const message = `${declaration.name} needs ${name}, which needs ${declaration.name}`;
        findings.push(
          findingIn(template, "cyclic-reference", declaration.line, declaration.name, message),
        );
      } else if (!state.has(name)) visit(next);
    }
    state.set(declaration.name, "done");
  };
  for (const declaration of declared.values()) if (!state.has(declaration.name)) visit(declaration);
  return findings;
}

/** A type may in its members, a resource in the resources that it contains. */
function mayNameItself(declaration: Declaration): boolean {
  if (declaration.kind !== "resource") return declaration.kind === "type";
  return resourcesIn([declaration]).length > 1;
}
