import { type Infrastructure, parametersFile, resourcesIn } from "../bicep/infrastructure.ts";
import { type JsonObject, objectAt, textAt } from "../bicep/json.ts";
import { type Finding, findingAt } from "./finding.ts";

/** Files that a tool looks for by their name. */
const foundByName = [parametersFile, "infra/bicepconfig.json"];

/** What the compiler does not look at: outputs that no module reads, and files that none loads. */
export function checkUse({ template, files, loaded }: Infrastructure): Finding[] {
  return [
    ...unusedOutputs(template),
    ...Object.keys(files)
      .filter((file) => !loaded.includes(file) && !foundByName.includes(file))
      .map((place): Finding => ({ kind: "file-unused", place, message: "no template loads it" })),
  ];
}

function unusedOutputs(template: JsonObject): Finding[] {
  const modules = resourcesIn(template).flatMap(({ address, body, owner }) => {
    const inner = objectAt(body, "properties.template");
    const symbol = address.replace(/.*\//, "");
    return Object.keys(objectAt(inner, "outputs")).map((output) => ({
      address,
      output,
      // The same for all uses of one module; an output that one of them reads is used.
      key: `${textAt(inner, "metadata._generator.templateHash")} ${output}`,
      isRead: readsOf(symbol, output).some((read) => own(owner).search(read) >= 0),
    }));
  });
  const read = new Set(modules.filter(({ isRead }) => isRead).map(({ key }) => key));
  return modules
    .filter(({ key }, index) => {
      return !read.has(key) && modules.findIndex((other) => other.key === key) === index;
    })
    .map(({ output, ...module }) => {
      return findingAt(
        module,
        "output-unused",
        output,
        "no template that uses the module reads it",
      );
    });
}

/** How a template reads a module's output: of the one, or of each that a loop makes. */
function readsOf(symbol: string, output: string): readonly RegExp[] {
  const outputs = `\\.outputs\\.${output}\\.value`;
  return [
    new RegExp(`reference\\('${symbol}'\\)${outputs}`),
    new RegExp(`reference\\(format\\('${symbol}\\[\\{0\\}\\]', [^']*\\)\\)${outputs}`),
  ];
}

/** A template's text without those inside it, whose symbols are their own. */
function own(template: JsonObject): string {
  return JSON.stringify(template, (name, value) => (name === "template" ? undefined : value));
}
