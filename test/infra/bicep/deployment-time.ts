import { type Finding, findingIn } from "./finding.ts";
import { knownAtStart, knownAtStartInGraph, listFunction } from "./namespaces.ts";
import type { Project } from "./project.ts";
import { referencesOf } from "./references.ts";
import {
  type Declaration,
  type Expression,
  propertyOf,
  symbolOf,
  type Template,
} from "./syntax.ts";
import { type Locals, resourcesIn, type Visit, walk, walkDeclaration } from "./walk.ts";

/** Nothing is read before it is known, or where it may not be there. */
export function checkDeploymentTime(project: Project): Finding[] {
  return [...project.templates.values()].flatMap((template) => [
    ...defaultsIn(template),
    ...lateValuesIn(template),
    ...uncertainAccessIn(template),
  ]);
}

/** A parameter's default may refer to other parameters, and to nothing else that is declared. */
function defaultsIn(template: Template): Finding[] {
  const others = new Set(
    template.declarations
      .filter(({ kind }) => kind !== "parameter" && kind !== "output")
      .map(({ name }) => name),
  );
  return template.declarations.flatMap((declaration) => {
    if (declaration.kind !== "parameter" || declaration.default === undefined) return [];
    const { name, line, default: value } = declaration;
    return [...referencesOf({ kind: "variable", name, line, decorators: [], value })]
      .filter((other) => others.has(other))
      .map((other) => {
        const message = `the default of ${name} refers to ${other}, which is no parameter`;
        return findingIn(template, "default-reference", line, name, message);
      });
  });
}

/**
 * What decides on a resource before anything is deployed (its name, its condition, the collection
 * of its loop) cannot be read from what is deployed only then (BCP120).
 */
function lateValuesIn(template: Template): Finding[] {
  const declared = new Map(
    template.declarations.filter(({ kind }) => kind !== "output").map((each) => [each.name, each]),
  );
  const lateIn = (
    expression: Expression,
    known: Locals,
    through: readonly string[],
  ): string | undefined => {
    let late: string | undefined;
    const visit: Visit = (inner, locals) => {
      if (inner.kind === "member") {
        const symbol = symbolOf(inner.object);
        const owned = symbol === undefined || locals.has(symbol) ? undefined : declared.get(symbol);
        if (owned?.kind !== "resource" && owned?.kind !== "module") return;
        const inGraph = owned.kind === "resource" && owned.type.startsWith("Microsoft.Graph/");
        const early = inGraph ? knownAtStartInGraph : knownAtStart;
        if (!early.has(inner.property)) late ??= `${symbol}.${inner.property}`;
      } else if (inner.kind === "name" && !locals.has(inner.name)) {
        const declaration = declared.get(inner.name);
        if (declaration?.kind !== "variable" || through.includes(inner.name)) return;
        late ??= lateIn(declaration.value, new Set(), [...through, inner.name]);
      } else if (inner.kind === "call") {
        const name = inner.callee.kind === "name" ? inner.callee.name : "";
        if (name === "reference" || listFunction.test(name)) late ??= name;
      }
    };
    walk(expression, visit, known);
    return late;
  };
  const decisive = (declaration: Declaration): { expression: Expression; locals: Locals }[] => {
    if (declaration.kind !== "resource" && declaration.kind !== "module") return [];
    const found: { expression: Expression; locals: Locals }[] = [];
    let locals: Locals = new Set();
    let { body } = declaration;
    while (body.kind === "loop" || body.kind === "condition") {
      found.push({ expression: body.kind === "loop" ? body.over : body.test, locals });
      if (body.kind === "loop") locals = new Set([...locals, ...body.variables]);
      body = body.body;
    }
    for (const name of ["name", "scope", "parent"]) {
      const value = propertyOf(body, name)?.value;
      if (value !== undefined) found.push({ expression: value, locals });
    }
    return found;
  };
  const all: Declaration[] = [
    ...template.declarations.filter(({ kind }) => kind === "module"),
    ...resourcesIn(template.declarations).map(({ resource }) => resource),
  ];
  return all.flatMap((declaration) =>
    decisive(declaration).flatMap(({ expression, locals }) => {
      const late = lateIn(expression, locals, []);
      if (late === undefined) return [];
      const message = `${declaration.name} is decided by ${late}, which is known only after deployment`;
      return [
        findingIn(template, "not-known-at-start", expression.line, declaration.name, message),
      ];
    }),
  );
}

/** What is deployed under a condition is read with `.?`, or with `!` where it is sure (BCP318). */
function uncertainAccessIn(template: Template): Finding[] {
  const uncertain = new Set(
    template.declarations.flatMap((declaration) => {
      if (declaration.kind !== "resource" && declaration.kind !== "module") return [];
      let { body } = declaration;
      while (body.kind === "loop") body = body.body;
      return body.kind === "condition" ? [declaration.name] : [];
    }),
  );
  const findings: Finding[] = [];
  for (const declaration of template.declarations) {
    walkDeclaration(declaration, (expression, locals) => {
      if (expression.kind !== "member" || expression.safe) return;
      const owner = symbolOf(expression.object);
      if (owner === undefined || locals.has(owner) || !uncertain.has(owner)) return;
      if (knownAtStart.has(expression.property)) return;
      const message = `${owner} is deployed under a condition: read it with .? or !.`;
      findings.push(findingIn(template, "conditional-access", expression.line, owner, message));
    });
  }
  return findings;
}
