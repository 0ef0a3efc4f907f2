import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { Check, Outcome } from "../../../probe/doctor/check.ts";
import type { Report } from "../../../probe/doctor/examination.ts";
import { explainCode } from "../../../probe/doctor/explain.ts";
import {
  jsonExplanations,
  jsonReport,
  textExplanations,
  textReport,
} from "../../../probe/doctor/report.ts";
import { verifies } from "../../requirements.ts";

function reportOf(outcomes: Readonly<Record<string, Outcome>>): Report {
  const results = Object.entries(outcomes).map(([id, outcome]) => {
    const check: Check = { id, title: `Does ${id}.`, after: [], run: async () => outcome };
    return { check, outcome };
  });
  return {
    target: "https://mcp.contoso.example/mcp",
    given: { token: false, origin: false, call: false },
    groups: [{ group: { name: "some", title: "Some checks" }, results }],
    requests: 12,
    milliseconds: 1_234,
  };
}

const remedy =
  "A remedy that is longer than a line has room for, so that it goes on in the next one, below its own beginning.";
const broken: Outcome = {
  kind: "finding",
  what: "It broke.",
  evidence: "500",
  cause: "A.",
  remedy,
};
const mixed = reportOf({
  "some.well": { kind: "ok", evidence: "200" },
  "some.known": { kind: "note", evidence: "ends soon" },
  "some.broken": broken,
  "some.also": { ...broken, remedy: "Fix it." },
  "some.behind": { kind: "not-looked-at", because: "some.broken" },
  "some.further": { kind: "not-looked-at", because: "some.broken" },
  "some.strange": { kind: "not-applicable", why: "there is none" },
  "some.limited": { kind: "undecided", why: "429 \u001b[2J\u009b31m" },
});

describe("the text report", () => {
  it(verifies("doctor.report", "begins with what to fix first"), () => {
    expect(textReport(mixed, { colour: false })).toBe(`\
The doctor's report on https://mcp.contoso.example/mcp

Fix this first
  some.broken
    what      It broke.
    evidence  500
    cause     A.
    remedy    A remedy that is longer than a line has room for, so that it goes on in the next one,
              below its own beginning.

Then, if it is still there
  some.also
    what      It broke.
    evidence  500
    cause     A.
    remedy    Fix it.

Some checks
  ok   some.well                       200
  note some.known                      ends soon
  FAIL some.broken and 1 more          It broke.
  skip some.behind and 1 more          not looked at: some.broken comes first
  n/a  some.strange                    there is none
  ???  some.limited                    429 ?[2J?31m

2 findings, 2 well, 2 not looked at, 1 not applicable, 1 could not be judged (12 requests in 1.2 s)`);
  });

  it(verifies("doctor.report", "differs in colour alone where there is colour"), () => {
    const well = reportOf({ "some.well": { kind: "ok", evidence: "200" } });
    for (const report of [mixed, well]) {
      const coloured = textReport(report, { colour: true });
      expect(coloured).toContain("\u001b[");
      expect(stripVTControlCharacters(coloured)).toBe(textReport(report, { colour: false }));
    }
  });
});

describe("the JSON report", () => {
  it(verifies("doctor.report", "says the same to programs"), () => {
    const document = JSON.parse(jsonReport(mixed));
    expect(document).toMatchObject({
      target: "https://mcp.contoso.example/mcp",
      given: { token: false, origin: false, call: false },
      first: "some.broken",
      summary: { ok: 1, findings: 2, notes: 1, notLookedAt: 2, notApplicable: 1, undecided: 1 },
      exitCode: 1,
    });
    expect(document.checks[2]).toEqual({
      id: "some.broken",
      group: "some",
      title: "Does some.broken.",
      outcome: "finding",
      what: "It broke.",
      evidence: "500",
      cause: "A.",
      remedy,
    });
    const well = reportOf({ "some.well": { kind: "ok", evidence: "200" } });
    expect(JSON.parse(jsonReport(well))).toMatchObject({ first: null, exitCode: 0 });
  });
});

describe("explanations", () => {
  it(verifies("doctor.explain", "are told to people and to programs"), () => {
    const explanations = ["AADSTS500011", "AADSTS12345"].map(explainCode);
    const told = textExplanations(explanations, { colour: false });
    expect(told).toContain("At sign-in, in the client\n    meaning   The tenant has no service");
    expect(told).toContain("AADSTS12345\n  Not known here.");
    expect(JSON.parse(jsonExplanations(explanations))).toMatchObject({
      exitCode: 1,
      explanations: [
        { code: "AADSTS500011", meanings: [{ place: "sign-in" }, { place: "on-behalf-of" }] },
        { code: "AADSTS12345", meanings: [] },
      ],
    });
  });
});
