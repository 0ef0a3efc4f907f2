import { describe, expect, it } from "vitest";
import { catalogue as suiteCatalogue } from "../../../probe/authsuite/check.ts";
import { groups as suiteGroups } from "../../../probe/authsuite/checks.ts";
import { catalogue as doctorCatalogue } from "../../../probe/doctor/check.ts";
import { groups as doctorGroups } from "../../../probe/doctor/checks.ts";
import { conceal, exitCodeOf } from "../../../probe/shared/report.ts";
import { verifies } from "../../requirements.ts";

describe("the exit code", () => {
  it.each([
    [0, ["pass", "not-applicable"]],
    // No run that tests nothing passes.
    [2, ["not-applicable", "not-applicable"]],
    [0, ["ok", "note", "not-looked-at"]],
    [1, ["pass", "fail", "undecided"]],
    [1, ["ok", "finding", "undecided"]],
    [2, ["pass", "undecided"]],
  ])(verifies(["authsuite.exit-code", "doctor.exit-code"], "is %i after %j"), (code, kinds) => {
    const results = kinds.map((kind) => ({
      check: { id: `some.${kind}`, title: "Holds." },
      outcome: { kind },
    }));
    const groups = [{ group: { name: "some", title: "Some checks" }, results }];
    const target = "https://mcp.contoso.example/mcp";
    expect(exitCodeOf({ target, groups, requests: 1, milliseconds: 1 })).toBe(code);
  });
});

describe("concealing", () => {
  it(verifies(["authsuite.no-secrets", "doctor.no-secrets"], "takes out token and pieces"), () => {
    const token = `${"header".repeat(4)}.${"payload".repeat(4)}.${"signature".repeat(4)}`;
    const report = `got ${token}, then "${"payload".repeat(3)}…" of api://some-api/user_impersonation`;
    expect(conceal(report, [token])).toBe(
      'got <token>, then "<token>…" of api://some-api/user_impersonation',
    );
    expect(conceal(report, [])).toBe(report);
  });
});

describe.each([
  ["authsuite", suiteCatalogue, suiteGroups, 100],
  ["doctor", doctorCatalogue, doctorGroups, 40],
] as const)("the list of checks of the %s", (_, catalogue, groups, least) => {
  it("gives every check an id of its own, below its group's name", () => {
    const named = groups.flatMap(({ name, checks }) => checks.map(({ id }) => [name, id] as const));
    const ids = named.map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(least);
    expect(named.filter(([name, id]) => !id.startsWith(`${name}.`))).toEqual([]);
    expect(ids.filter((id) => !/^[a-z-]+\.[a-z0-9-]+$/.test(id))).toEqual([]);
    const listed = [...catalogue.matchAll(/^\| `([^`]+)`/gm)].map(([, id]) => id);
    expect(listed).toEqual(ids);
  });
});
