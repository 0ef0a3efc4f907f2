import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectFolder } from "../../../local/paths.ts";
import { verifies } from "../../requirements.ts";
import { type DocumentHost, startDocumentHost } from "../../support/document-host.ts";
import { startGateway } from "../gateway-under-test.ts";
import type { ServerUnderTest } from "../public-client.ts";
import { authorizeCases, type Cases } from "./authorization-cases.ts";
import { differences } from "./differences.ts";
import { documentCases } from "./document-cases.ts";
import { observed } from "./observation.ts";
import { type Oracle, startOracle } from "./oracle.ts";
import { registrationCases } from "./registration-cases.ts";
import { revocationCases } from "./revocation-cases.ts";
import { codeCases, refreshCases, tokenCases } from "./token-cases.ts";

const groups: Readonly<Record<string, Cases>> = {
  "authorization requests": authorizeCases,
  codes: codeCases,
  "token requests": tokenCases,
  "refresh tokens": refreshCases,
  revocation: revocationCases,
  registration: registrationCases,
  "clients' documents": documentCases(() => documents),
};

const all = Object.values(groups).flatMap((cases) => Object.entries(cases));
const explained = differences.flatMap(({ cases }) =>
  cases.flatMap(({ gateway, oracle, names }) =>
    names.map((name) => [name, { gateway, oracle }] as const),
  ),
);
const explanations = new Map(explained);

let documents: DocumentHost;
let gateway: ServerUnderTest;
let oracle: Oracle;
beforeAll(async () => {
  documents = await startDocumentHost();
  gateway = await startGateway({ adapters: { documentNetwork: documents.network } });
  oracle = await startOracle(documents);
});
afterAll(async () => {
  await oracle?.close();
  await documents?.close();
});

for (const [group, cases] of Object.entries(groups)) {
  describe(group, () => {
    for (const [name, act] of Object.entries(cases)) {
      it(verifies("gateway.oracle", name), async () => {
        const found = {
          gateway: await observed(await act(gateway), gateway),
          oracle: await observed(await act(oracle), oracle),
        };
        expect(found).toEqual(explanations.get(name) ?? { ...found, oracle: found.gateway });
      });
    }
  });
}

describe("the explanations", () => {
  it(verifies("gateway.oracle", "are of differences between cases that there are"), () => {
    const names = all.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(explanations.size).toBe(explained.length);
    for (const [name, { gateway: ours, oracle: theirs }] of explained) {
      expect(names).toContain(name);
      expect(ours, name).not.toBe(theirs);
    }
  });

  it(verifies("gateway.oracle", "stand in the documentation"), async () => {
    const text = await readFile(join(projectFolder, "docs/gateway-oracle.md"), "utf8");
    const rows = text.split("\n").filter((line) => line.startsWith("| "));
    const ofGroups = Object.entries(groups).map(([group, cases]) => {
      const names = Object.keys(cases);
      const differing = names.filter((name) => explanations.has(name));
      return `| ${[group, names.length, names.length - differing.length, differing.length].join(" | ")} |`;
    });
    const ofReasons = differences.map(
      ({ why, cases }) => `| ${why} | ${cases.flatMap(({ names }) => names).join("; ")} |`,
    );
    const isHeader = (row: string) => /^\| (?:at|why) \|/.test(row);
    expect(rows.filter((row) => !isHeader(row))).toEqual([...ofGroups, ...ofReasons]);
  });
});
