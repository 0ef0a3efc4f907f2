import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectFolder } from "../../local/paths.ts";
import { requirements, verifies } from "../requirements.ts";
import { runNode } from "../support/run-program.ts";
import { commandLine } from "./suite.ts";

it(
  verifies("conformance.client-expectations", "are in the documentation, each with what shows it"),
  async () => {
    const { stdout } = await runNode(commandLine, ["list", "--client"]);
    const scenarios = [...stdout.matchAll(/^ {2}- (auth\/\S+)/gm)].map(([, name = ""]) => name);
    expect(scenarios.length).toBeGreaterThan(0);

    const text = await readFile(join(projectFolder, "docs/conformance.md"), "utf8");
    const rows = text.split("\n").filter((line) => line.startsWith("| `auth/"));
    const documented = rows.flatMap((row) => [...row.matchAll(/`(auth\/[^`]+)`/g)]);
    expect(documented.map(([, name = ""]) => name).sort()).toEqual(scenarios.sort());

    const known = new Set(requirements.map(({ id }) => id));
    for (const row of rows) {
      const shownBy = [...(row.split(" | ").at(-1) ?? "").matchAll(/`([^`]+)`/g)];
      for (const [, id = ""] of shownBy) expect(known).toContain(id);
    }
  },
);
