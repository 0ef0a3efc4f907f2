import { type Finding, findingIn } from "./finding.ts";
import { type Project, parametersFile, pathFrom } from "./project.ts";
import { type Expression, literalText } from "./syntax.ts";
import { walkDeclaration } from "./walk.ts";

/** Files that a tool looks for by their name. */
const foundByName = [parametersFile, "infra/bicepconfig.json"];

/** What a template loads is there, and what lies beside the templates is loaded. */
export function checkLoadedFiles(project: Project): Finding[] {
  const findings: Finding[] = [];
  const loaded = new Set(foundByName);
  for (const template of project.templates.values()) {
    const visit = (expression: Expression) => {
      if (expression.kind !== "call" || expression.callee.kind !== "name") return;
      const { name } = expression.callee;
      if (!/^load[A-Z]\w+$/.test(name)) return;
      const path = literalText(expression.arguments[0]);
      const file = path === undefined ? undefined : pathFrom(template, path);
      if (file !== undefined) loaded.add(file);
      if (file !== undefined && project.files.has(file)) return;
      const message = `${name} loads ${file ?? "a path that is no literal"}, which is not there`;
      findings.push(
        findingIn(template, "loaded-file-missing", expression.line, path ?? "?", message),
      );
    };
    for (const declaration of template.declarations) walkDeclaration(declaration, visit);
  }
  const lying = [...project.files.keys()].filter(
    (file) => file.startsWith("infra/") && !file.endsWith(".bicep") && !loaded.has(file),
  );
  return [
    ...findings,
    ...lying.map((file) =>
      findingIn({ file }, "unused-file", 1, file, "no template loads this file"),
    ),
  ];
}
