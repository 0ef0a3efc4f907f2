import { describe, expect, it } from "vitest";
import { type Check, type Outcome, pass } from "../../../probe/authsuite/check.ts";
import { jsonReport, textReport } from "../../../probe/authsuite/report.ts";
import type { Report } from "../../../probe/authsuite/suite.ts";
import { verifies } from "../../requirements.ts";

const source = {
  name: "RFC 6750 section 3.1",
  url: "https://www.rfc-editor.org/rfc/rfc6750#section-3.1",
};

function reportOf(outcomes: Readonly<Record<string, Outcome>>): Report {
  const results = Object.entries(outcomes).map(([id, outcome]) => {
    const check: Check = {
      id,
      title: `Does ${id}.`,
      severity: "must",
      source,
      entraOnly: false,
      run: async () => outcome,
    };
    return { check, outcome };
  });
  return {
    target: "https://mcp.contoso.example/mcp",
    profile: "generic",
    issuers: ["https://login.contoso.example"],
    given: { token: true, key: false, origin: false },
    groups: [{ group: { name: "some", title: "Some checks" }, results }],
    requests: 12,
    milliseconds: 1_234,
  };
}

const failure: Outcome = {
  kind: "fail",
  sent: "POST initialize",
  expected: "401",
  got: "200 \u001b[2J\u009b31m and\nmore",
};
const mixed = reportOf({
  "some.passing": pass,
  "some.failing": failure,
  "some.strange": { kind: "not-applicable", why: "there is none" },
  "some.limited": { kind: "undecided", why: "the server limited the requests (429)" },
});

describe("the text report", () => {
  it(verifies("authsuite.report", "says what was sent, expected and got, and its source"), () => {
    expect(textReport(mixed, { colour: false })).toBe(`\
Authorization checks of https://mcp.contoso.example/mcp
  authorization server  https://login.contoso.example
  profile               generic
  good token given, authority's key none, allowed origin none

Some checks
  pass some.passing Does some.passing.
  FAIL some.failing Does some.failing.
         sent      POST initialize
         expected  401
         got       200 ?[2J?31m and more
         source    RFC 6750 section 3.1 (must): https://www.rfc-editor.org/rfc/rfc6750#section-3.1
  n/a  some.strange Does some.strange.
         there is none
  ???  some.limited Does some.limited.
         the server limited the requests (429)

1 passed, 1 finding (1 must, 0 should), 1 could not be judged, 1 not applicable (12 requests in 1.2 s)`);
  });
});

describe("the JSON report", () => {
  it(verifies("authsuite.json", "says the same to programs"), () => {
    const document = JSON.parse(jsonReport(mixed));
    expect(document).toMatchObject({
      target: "https://mcp.contoso.example/mcp",
      profile: "generic",
      given: { token: true, key: false, origin: false },
      requests: 12,
      summary: { passed: 1, failed: 1, notApplicable: 1, undecided: 1 },
      exitCode: 1,
    });
    expect(document.checks).toHaveLength(4);
    expect(document.checks[1]).toEqual({
      id: "some.failing",
      group: "some",
      title: "Does some.failing.",
      severity: "must",
      needs: "nothing",
      source,
      outcome: "fail",
      sent: "POST initialize",
      expected: "401",
      got: failure.got,
    });
  });
});
