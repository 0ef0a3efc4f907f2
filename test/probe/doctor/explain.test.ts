import { describe, expect, it } from "vitest";
import { signInErrors } from "../../../probe/doctor/entra-errors.ts";
import { codesIn, exitCodeOfExplanations, explainCode } from "../../../probe/doctor/explain.ts";
import { authorityErrors } from "../../../src/downstream/authority-errors.ts";
import { verifies } from "../../requirements.ts";

describe("the codes in a text", () => {
  it(verifies("doctor.explain", "are found with and without their prefix, once each"), () => {
    const texts: [texts: readonly string[], codes: readonly string[]][] = [
      [["AADSTS65001"], ["AADSTS65001"]],
      [["aadsts65001"], ["AADSTS65001"]],
      [["65001"], ["AADSTS65001"]],
      [
        ["65001, 50105", "AADSTS65001"],
        ["AADSTS65001", "AADSTS50105"],
      ],
      [
        [
          "Error getting token: AADSTS9010010: The resource parameter provided in the request doesn't match. Trace ID: 11111111-2222-4333-8444-555555555555 Timestamp: 2026-11-20 10:00:00Z",
        ],
        ["AADSTS9010010"],
      ],
      [['{"error":"invalid_grant","error_codes":[50076, 50079]}'], ["AADSTS50076", "AADSTS50079"]],
      [['"{\\"error_codes\\":[700213]}"'], ["AADSTS700213"]],
      [["https://login.microsoftonline.com is down since 2026"], []],
    ];
    for (const [given, codes] of texts) expect(codesIn(...given)).toEqual(codes);
  });
});

describe("an explanation", () => {
  it(
    verifies(
      "doctor.explain",
      "tells what a code means in the client from what it means in the server",
    ),
    () => {
      const { meanings, reference } = explainCode("AADSTS65001");
      expect(meanings.map(({ place }) => place)).toEqual(["sign-in", "on-behalf-of"]);
      expect(meanings[0]?.remedy).toContain("pre-authorises the client");
      expect(meanings[1]?.remedy).toContain("Grant admin consent");
      expect(reference).toBe("https://login.microsoftonline.com/error?code=65001");
    },
  );

  it(
    verifies("doctor.explain", "is there for every code that people meet with MCP clients"),
    () => {
      const met = [900144, 70011, 650053, 50011, 9010010, 500011, 700016, 65001, 90094, 50105]
        .concat([700213, 700211, 70021, 53003, 7000215, 7000222, 50020, 90002, 50076, 50194])
        .map((number) => explainCode(`AADSTS${number}`));
      expect(met.filter(({ meanings }) => meanings.length === 0)).toEqual([]);
      expect(exitCodeOfExplanations(met)).toBe(0);
      expect(exitCodeOfExplanations([explainCode("AADSTS1")])).toBe(1);
    },
  );

  it("is given once for each code and place, in sentences", () => {
    for (const errors of [signInErrors, authorityErrors]) {
      const codes = errors.map(({ code }) => code);
      expect(new Set(codes).size).toBe(codes.length);
      for (const { meaning, remedy } of errors) {
        expect(meaning).toMatch(/\.$/);
        expect(remedy).toMatch(/\.$/);
      }
    }
  });
});
