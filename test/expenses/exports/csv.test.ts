import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  csvText,
  neutralisedText,
  parseCsv,
  restoredText,
} from "../../../src/expenses/exports/csv.ts";
import { verifies } from "../../requirements.ts";

const cellsOf = (text: string, delimiter = ",") =>
  parseCsv(text, delimiter)?.map(({ cells }) => cells);

describe("parseCsv", () => {
  it(verifies("csv.read", "reads quotes, delimiters and line breaks in cells"), () => {
    expect(cellsOf('a,"b, ""c""",d\r\n\r\n1,"two\nlines",3')).toEqual([
      ["a", 'b, "c"', "d"],
      ["1", "two\nlines", "3"],
    ]);
    expect(cellsOf('5" disk;x\r', ";")).toEqual([['5" disk', "x"]]);
    expect(cellsOf("\ufeffa,b\n")).toEqual([["a", "b"]]);
    expect(cellsOf("")).toEqual([]);
    expect(parseCsv('a,"never closed\nb', ",")).toBeUndefined();
  });

  it(verifies("csv.read", "says on which line a record begins"), () => {
    const records = parseCsv('a\n\n"two\r\nlines",x\nlast', ",");
    expect(records?.map(({ line }) => line)).toEqual([1, 3, 5]);
  });

  it(verifies("csv.read", "reads what is written, whatever the cells say"), () => {
    const cell = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(...'",;\r\n\t =-x'.split("")) }),
    );
    const records: fc.Arbitrary<string[][]> = fc.array(
      fc.array(cell, { minLength: 1 }).filter((cells) => cells.some((text) => text.trim() !== "")),
    );
    return fc.assert(
      fc.property(records, (written) => {
        // A byte order mark at the beginning of a text is none of its characters.
        fc.pre(!written[0]?.[0]?.startsWith("\ufeff"));
        expect(cellsOf(csvText(written))).toEqual(written);
      }),
    );
  });
});

describe("neutralisedText", () => {
  it(verifies("csv.formulas", "puts an apostrophe before what begins a formula"), () => {
    for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''=1"]) {
      expect(neutralisedText(text)).toBe(`'${text}`);
    }
    // Spreadsheets of many languages divide lines at semicolons, and heed no quotes within a cell.
    expect(neutralisedText("Bus;=1+1; -2;'=3")).toBe("Bus;'=1+1; '-2;''=3");
    expect(neutralisedText('Bus; "=1+1"')).toBe('Bus; "\'=1+1"');
    for (const text of ["Lunch", "'t Hof", "1-2", "", "a=b", "Bus; taxi", "Bus;'tram"])
      expect(neutralisedText(text)).toBe(text);
  });

  it(verifies("csv.formulas", "is undone exactly, and leaves no formula"), () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(..."'=+-@\t\ra＝; \"".split("")) }),
      fc.string({ unit: "binary" }),
    );
    return fc.assert(
      fc.property(text, (original) => {
        expect(neutralisedText(original)).not.toMatch(/(^|;[ "]*)[=+\-@\t\r]/);
        expect(restoredText(neutralisedText(original))).toBe(original);
      }),
    );
  });
});
