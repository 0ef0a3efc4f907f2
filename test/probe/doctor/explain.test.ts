import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  codesIn,
  exitCodeOfExplanations,
  explainCode,
  meaningsByCode,
} from "../../../probe/doctor/explain.ts";
import { kindByCode } from "../../../src/downstream/authority-errors.ts";
import { verifies } from "../../requirements.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const table = await readFile(join(root, "probe", "doctor", "entra-errors.md"), "utf8");

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
  it(verifies("doctor.explain", "tells a code's meaning in the client and in the server"), () => {
    const { meanings, reference } = explainCode("AADSTS65001");
    expect(meanings.map(({ place }) => place)).toEqual(["sign-in", "on-behalf-of"]);
    expect(meanings[0]?.remedy).toContain("pre-authorises the client");
    expect(meanings[1]?.remedy).toContain("Grant admin consent");
    expect(reference).toBe("https://login.microsoftonline.com/error?code=65001");
  });

  it(verifies("doctor.explain", "is there for every code that people meet in MCP clients"), () => {
    const met = [900144, 70011, 650053, 50011, 9010010, 500011, 700016, 65001, 90094, 50105]
      .concat([700213, 700211, 70021, 53003, 7000215, 7000222, 50020, 90002, 50076, 50194])
      .map((number) => explainCode(`AADSTS${number}`));
    expect(met.filter(({ meanings }) => meanings.length === 0)).toEqual([]);
    expect(exitCodeOfExplanations(met)).toBe(0);
    expect(exitCodeOfExplanations([explainCode("AADSTS1")])).toBe(1);
  });

  it("is given once for each code and place, in sentences, whatever the row", () => {
    const rows = table.split("\n").filter((line) => line.includes("AADSTS"));
    const places = [...meaningsByCode].flatMap(([code, meanings]) =>
      meanings.map(({ place }) => `${code} ${place}`),
    );
    expect(new Set(places).size).toBe(places.length);
    expect(rows.filter((line) => !line.startsWith("| AADSTS"))).toEqual([]);
    expect(places.length).toBe(rows.length + rows.filter((line) => / both /.test(line)).length);
    for (const { meaning, remedy } of [...meaningsByCode.values()].flat()) {
      expect(meaning).toMatch(/^[A-Z].*\.$/);
      expect(remedy).toMatch(/^[A-Z].*\.$/);
    }
  });

  it(verifies("doctor.explain", "is there for every code that the server tells apart"), () => {
    const lacking = [...kindByCode.keys()].filter(
      (code) => !meaningsByCode.get(code)?.some(({ place }) => place === "on-behalf-of"),
    );
    expect(lacking).toEqual([]);
  });
});
