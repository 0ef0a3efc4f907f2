import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  readStatement,
  type StatementOptions,
} from "../../../src/expenses/statements/statement.ts";
import { readAmount } from "../../../src/expenses/statements/statement-amount.ts";
import { leadingDate, readDate } from "../../../src/expenses/statements/statement-date.ts";
import { verifies } from "../../requirements.ts";

const read = (text: string, options: Partial<StatementOptions> = {}) =>
  readStatement({ text }, { defaultCurrency: "USD", ...options });

/** What became of each line, short. */
function told(text: string, options: Partial<StatementOptions> = {}) {
  const { lines, inDoubt } = read(text, options);
  return Object.fromEntries([
    ...lines.map(({ line, expense: { date, minorUnits, currency, description, isRefund } }) => [
      line,
      `${date} ${isRefund ? "refund " : ""}${minorUnits} ${currency} ${description}`,
    ]),
    ...inDoubt.map(({ line, decidedBy, problem }) => [line, `? ${decidedBy ?? problem}`]),
  ]);
}

describe("readDate", () => {
  it(verifies("statement.in-doubt", "reads a date that has one reading, in any order"), () => {
    const clear = {
      "2026-11-03": "2026-11-03",
      "2026/1/3": "2026-01-03",
      "20261103": "2026-11-03",
      "13.02.2026": "2026-02-13",
      "02/13/2026": "2026-02-13",
      "5.5.2026": "2026-05-05",
      "2026-11-03T23:59:00Z": "2026-11-03",
      "2026-11-03 10:15": "2026-11-03",
      "3 Nov 2026": "2026-11-03",
      "03-Nov-26": "2026-11-03",
      "Nov 3, 2026": "2026-11-03",
      "November 3rd, 2026": "2026-11-03",
    };
    for (const [text, date] of Object.entries(clear)) {
      expect([text, readDate(text)]).toEqual([text, { kind: "date", date }]);
    }
  });

  it(
    verifies("statement.in-doubt", "does not guess the order of a date, and heeds the one given"),
    () => {
      for (const text of ["03/04/2026", "3.4.26", "01-02-03", "31.12.26", "03042026"]) {
        expect([text, readDate(text).kind]).toEqual([text, "ambiguous"]);
      }
      expect(readDate("03/04/2026", "dmy")).toMatchObject({ date: "2026-04-03" });
      expect(readDate("03/04/2026", "mdy")).toMatchObject({ date: "2026-03-04" });
      expect(readDate("31.12.26", "dmy")).toMatchObject({ date: "2026-12-31" });
      expect(readDate("04/13/2026", "dmy").kind).toBe("none");
      expect(readDate("2026-04-03", "dmy")).toMatchObject({ date: "2026-04-03" });
      for (const text of [
        "",
        "31.02.2026",
        "2026-13-01",
        "1999-01-01",
        "12",
        "3 Foo 2026",
        "3 Nov",
      ]) {
        expect([text, readDate(text).kind]).toEqual([text, "none"]);
      }
    },
  );

  it(
    verifies("statement.in-doubt", "gives a day in the stated order only as it was written"),
    () => {
      const day = fc.date({
        min: new Date("2000-01-01"),
        max: new Date("2099-12-31"),
        noInvalidDate: true,
      });
      return fc.assert(
        fc.property(day, fc.constantFrom("-", "/", "."), (when, separator) => {
          const date = when.toISOString().slice(0, 10);
          const [year = "", month = "", of = ""] = date.split("-");
          const written = {
            ymd: [year, month, of],
            dmy: [of, month, year],
            mdy: [month, of, year],
          };
          for (const order of ["ymd", "dmy", "mdy"] as const) {
            const text = written[order].join(separator);
            expect(readDate(text, order)).toEqual({ kind: "date", date });
            const unaided = readDate(text);
            expect(unaided.kind === "date" ? unaided.date : "ambiguous").toBe(
              order === "ymd" || Number(of) > 12 || of === month ? date : "ambiguous",
            );
          }
        }),
      );
    },
  );
});

describe("readAmount", () => {
  const decimalOf = (text: string, mark?: "point" | "comma") => {
    const amount = readAmount(text, mark);
    return amount.kind === "amount" ? amount.amount.decimal : amount.kind;
  };

  it(verifies("statement.in-doubt", "reads an amount that has one reading"), () => {
    const clear = {
      "12": "12",
      "12.5": "12.5",
      "12,50": "12.50",
      "1.234,56": "1234.56",
      "1,234.56": "1234.56",
      "1 234,56": "1234.56",
      "1'234.50": "1234.50",
      "1,234,567": "1234567",
      "0.125": "0.125",
      "1234.567": "1234.567",
      ".50": "0.50",
    };
    for (const [text, decimal] of Object.entries(clear)) {
      expect([text, decimalOf(text)]).toEqual([text, decimal]);
    }
    for (const text of ["", "abc", "1.2.3", "12,34,56", "1,23.4,5", "1-2", "--1", "1.234.56"]) {
      expect([text, decimalOf(text)]).toEqual([text, "none"]);
    }
  });

  it(verifies("statement.in-doubt", "does not guess what a mark before three digits is"), () => {
    expect(decimalOf("1,234")).toBe("ambiguous");
    expect(decimalOf("1.234")).toBe("ambiguous");
    expect(decimalOf("1,234", "point")).toBe("1234");
    expect(decimalOf("1,234", "comma")).toBe("1.234");
    expect(decimalOf("12.50", "comma")).toBe("none");
    expect(decimalOf("1.234,56", "point")).toBe("none");
  });

  it(verifies("statement.formats", "reads signs and currencies on either side"), () => {
    const amount = (text: string) => {
      const read = readAmount(text);
      return read.kind === "amount" ? read.amount : read;
    };
    expect(amount("-12.50 EUR")).toEqual({ decimal: "12.50", sign: "minus", currency: "EUR" });
    expect(amount("€12,50-")).toEqual({ decimal: "12.50", sign: "minus", currency: "EUR" });
    expect(amount("(12.50)")).toMatchObject({ sign: "minus" });
    expect(amount("\u221212.50")).toMatchObject({ sign: "minus" });
    expect(amount("+$12.50")).toEqual({ decimal: "12.50", sign: "plus", currency: "$" });
    expect(amount("12.50 CR")).toMatchObject({ sign: "none", direction: "refund" });
  });
});

describe("readStatement", () => {
  it(verifies("statement.formats", "reads lines of date, words and amount"), () => {
    const text = `2026-11-01 Coffee 2.50

      13.11.2026 REWE Markt, groß  12,50 EUR
      3 Nov 2026 Taxi to BMW 30`;
    expect(told(text)).toEqual({
      1: "2026-11-01 250 USD Coffee",
      3: "2026-11-13 1250 EUR REWE Markt, groß",
      4: "2026-11-03 3000 USD Taxi to BMW",
    });
    expect(leadingDate.exec("3 Nov 12 bagels 20.00")).toBeNull();
    expect(told("2026-11-01 Route 66 150.00\nsome words\n2026-11-01 4.00")).toEqual({
      1: "? may have a space within its amount; write the amount without spaces",
      2: "? is not a date, a description and an amount, in this order",
      3: "? is not a date, a description and an amount, in this order",
    });
  });

  it(
    verifies("statement.formats", "reads tables with names of columns as banks write them"),
    () => {
      const german = `Konto;123
Buchungstag;Verwendungszweck;Betrag;Währung;Saldo
13.11.2026;"REWE; Markt";-12,50;EUR;1.000,00
14.11.2026;Gutschrift;7,50;EUR;1.007,50
;Summe;;;`;
      const statement = read(german, { purchaseSign: "negative" });
      expect(told(german, { purchaseSign: "negative" })).toEqual({
        3: "2026-11-13 1250 EUR REWE; Markt",
        4: "2026-11-14 refund 750 EUR Gutschrift",
        5: "? has no date",
      });
      expect(statement.notes).toEqual([
        "The lines above the columns' names (line 2) were not read.",
        'Columns that were not used: "Saldo".',
      ]);
      const british =
        "Date\tDetails\tPaid out\tPaid in\n13/11/2026\tTesco\t£1,234.50\t\n14/11/2026\tRefund\t\t£5";
      expect(told(british)).toEqual({
        2: "2026-11-13 123450 GBP Tesco",
        3: "2026-11-14 refund 500 GBP Refund",
      });
    },
  );

  it(verifies("statement.formats", "reads a table without names, where it is clear"), () => {
    expect(told('2026-11-01,Coffee,2.50\n2026-11-02,"Tea, green",3')).toEqual({
      1: "2026-11-01 250 USD Coffee",
      2: "2026-11-02 300 USD Tea, green",
    });
    const unclear =
      "it is not clear which column is which; put a line of names above, such as date, description, amount";
    expect(told("2026-11-01,Coffee,2.50,1000.00")).toEqual({ 1: `? ${unclear}` });
  });

  it(verifies("statement.formats", "reads rows by the names of their members"), () => {
    const rows = [
      { Date: "2026-11-01", Merchant: "Coffee", Amount: -2.5, Category: "Food" },
      { Date: "2026-11-02", Merchant: "Refund", Amount: "3,00", Category: "food" },
      { Date: "2026-11-02", Merchant: "Tea", Amount: -3, Category: "Groceries" },
    ];
    const options = { defaultCurrency: "EUR", purchaseSign: "negative" } as const;
    const { lines, inDoubt } = readStatement({ rows }, options);
    expect(lines).toMatchObject([
      { line: 1, expense: { minorUnits: 250, category: "food", isRefund: false } },
      { line: 2, expense: { minorUnits: 300, currency: "EUR", isRefund: true } },
    ]);
    expect(inDoubt).toMatchObject([{ line: 3, decidedBy: "category" }]);
    const decided = readStatement({ rows }, { ...options, category: "shopping" });
    expect(decided.inDoubt).toEqual([]);
    const unknown = readStatement({ rows: [{ when: "2026-11-01", what: "x" }] }, options);
    expect(unknown.inDoubt).toMatchObject([
      { problem: expect.stringContaining("columns are not known") },
    ]);
  });

  it(
    verifies("statement.in-doubt", "names the argument that decides, and needs it no longer then"),
    () => {
      expect(told("2026-11-01 Coffee -2.50\n2026-11-02 Tea 3.00")).toEqual({
        1: "? purchase_sign",
        2: "? purchase_sign",
      });
      expect(told("2026-11-01 Coffee -1,234\n2026-11-02 Tea 3.00")).toEqual({
        1: "? decimal",
        2: "? purchase_sign",
      });
      expect(
        told("2026-11-01 Coffee -2.50\n2026-11-02 Tea 3.00", { purchaseSign: "positive" }),
      ).toEqual({
        1: "2026-11-01 refund 250 USD Coffee",
        2: "2026-11-02 300 USD Tea",
      });
      expect(told("03/04/2026 Coffee 2.50\n13/04/2026 Tea 1,234")).toEqual({
        1: "? date_order",
        2: "? decimal",
      });
      expect(
        told("03/04/2026 Coffee 2.50\n13/04/2026 Tea 1,234", {
          dateOrder: "dmy",
          decimal: "point",
        }),
      ).toEqual({
        1: "2026-04-03 250 USD Coffee",
        2: "2026-04-13 123400 USD Tea",
      });
      expect(told("2026-11-01 Coffee $2.50")).toEqual({ 1: "? currency" });
      expect(told("2026-11-01 Coffee $2.50", { currency: "CAD" })).toEqual({
        1: "2026-11-01 250 CAD Coffee",
      });
    },
  );

  it(verifies("statement.in-doubt", "refuses what no expense can be"), () => {
    expect(
      told("2026-11-01 Coffee 2.5055\n2026-11-01 Tea 0.00\n2026-02-30 Tea 1.00"),
    ).toMatchObject({
      1: expect.stringContaining("decimals"),
      2: "? has no amount",
      3: "? the date cannot be read; write it as YYYY-MM-DD",
    });
  });

  it(verifies("statement.nothing-dropped", "reads or doubts every line that is not blank"), () => {
    const word = fc.constantFrom(
      "2026-11-01",
      "03/04/2026",
      "Coffee",
      "-2,50",
      "1.234",
      "EUR",
      "x",
    );
    const line = fc.array(word, { maxLength: 5 }).map((words) => words.join(" "));
    return fc.assert(
      fc.property(fc.array(line), fc.constantFrom(" ", ",", ";"), (lines, separator) => {
        const text = lines.map((words) => words.replaceAll(" ", separator)).join("\n");
        const { lines: clear, inDoubt, notes } = read(text);
        expect(notes).toEqual([]);
        const numbers = [...clear, ...inDoubt].map(({ line }) => line).sort((a, b) => a - b);
        const written = lines.flatMap((words, index) => (words.trim() === "" ? [] : [index + 1]));
        expect(numbers).toEqual(written);
      }),
    );
  });

  it(
    verifies("statement.nothing-dropped", "takes no longer where a line is made to take long"),
    () => {
      const spaces = " ".repeat(50_000);
      const hostile = [
        `2026-11-01 (${spaces}x`,
        `2026-11-01 a 1${spaces}x`,
        `${"1 ".repeat(20_000)}x`,
        `2026-11-01${";".repeat(20_000)}1${spaces}x`,
        "2026-11-01 a".padEnd(590, " 1"),
      ];
      const start = performance.now();
      for (const line of hostile) {
        expect(
          read(`${line}\n`.repeat(10)).inDoubt.length + read(line).lines.length,
        ).toBeGreaterThan(0);
        const row = { date: line, description: line, amount: line };
        readStatement({ rows: Array(100).fill(row) }, { defaultCurrency: "USD" });
      }
      // It takes a tenth of this; with one of the limits left out, minutes.
      expect(performance.now() - start).toBeLessThan(10_000);
    },
  );
});
