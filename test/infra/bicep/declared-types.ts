import { type Finding, findingIn } from "./finding.ts";
import type { Project } from "./project.ts";
import { allowedValuesOf, misfits } from "./types.ts";

/** Defaults of parameters, and values of outputs, are of the type that is declared. */
export function checkDeclaredTypes(project: Project): Finding[] {
  return [...project.templates.values()].flatMap((template) =>
    template.declarations.flatMap((declaration): Finding[] => {
      if (declaration.kind !== "parameter" && declaration.kind !== "output") return [];
      const { kind, name, type } = declaration;
      const value = kind === "parameter" ? declaration.default : declaration.value;
      if (value === undefined) return [];
      const allowed = kind === "parameter" ? allowedValuesOf(declaration) : undefined;
      return misfits(project, template, value, template, type, name, allowed).map(
        ({ message, line }) => findingIn(template, "declared-type", line, name, message),
      );
    }),
  );
}
