import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  type Expense,
  newExpense,
  newExpenseFields,
  shownExpense,
  shownExpenseFields,
} from "../../src/expenses/expense.ts";
import {
  expenseFilterFields,
  filtersOf,
  fromNotAfterTo,
} from "../../src/expenses/expense-filters.ts";
import { verifies } from "../requirements.ts";
import { value } from "../support/value.ts";

const newExpenseInput = z.object(newExpenseFields);
const filterInput = z.object(expenseFilterFields).check(fromNotAfterTo);

const lunch = {
  date: "2026-11-21",
  amount: 12.5,
  category: "food",
  description: "Lunch",
  payment_method: "visa",
};

/** What a model is told of `changes` to a good input, as `field: message`. */
function problems(changes: Record<string, unknown>): string[] {
  const parsed = newExpenseInput.safeParse({ ...lunch, ...changes });
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}

describe("date and description", () => {
  it(verifies("expense.date", "says what to correct of a date"), () => {
    expect(problems({ date: "2024-02-29" })).toEqual([]);
    for (const date of ["2026-02-30", "21.11.2026", "1999-12-31"]) {
      expect(problems({ date })).toEqual([expect.stringMatching(/^date: /)]);
    }
  });

  it(
    verifies("expense.description", "keeps a description as one line of 1 to 500 characters"),
    () => {
      const description = "  Lunch\r\n\twith \u202e Zoë\u2028at noon ";
      const { description: kept } = newExpenseInput.parse({ ...lunch, description });
      expect(kept).toBe("Lunch with Zoë at noon");
      expect(problems({ description: "x".repeat(500) })).toEqual([]);
      expect(problems({ description: "x".repeat(501) })).toEqual([
        "description: must be at most 500 characters long",
      ]);
      expect(problems({ description: " " })).toEqual(["description: must not be empty"]);
      expect(problems({ description: "a\u001b[31mb" })).toEqual([
        "description: must not contain control characters",
      ]);
    },
  );
});

describe("the other fields", () => {
  it("accepts each category and payment method, and names them where it refuses", () => {
    for (const category of ["food", "transport", "entertainment", "shopping", "gadget", "other"]) {
      expect(problems({ category })).toEqual([]);
    }
    const methods = ["amex", "visa", "cash", "mastercard", "debit_card", "bank_transfer", "other"];
    for (const payment_method of methods) {
      expect(problems({ payment_method })).toEqual([]);
    }
    expect(problems({ category: "travel" })[0]).toContain('"transport"');
    expect(problems({ payment_method: "VISA" })[0]).toContain('"visa"');
  });

  it(verifies("money.currencies", "refuses a currency that ISO 4217 does not have"), () => {
    expect(problems({ currency: "EUR" })).toEqual([]);
    for (const currency of ["eur", "euro", "€", "XXX", ""]) {
      expect(problems({ currency })).toEqual([
        "currency: is not a currency code of ISO 4217; use three upper-case letters, such as USD",
      ]);
    }
  });

  it("takes an idempotency key of 1 to 128 printable characters", () => {
    for (const idempotency_key of ["a", "2026-11-21 lunch #1", "~".repeat(128)]) {
      expect(problems({ idempotency_key })).toEqual([]);
    }
    for (const idempotency_key of ["", "a".repeat(129), "a\n", "é", "a\u0000"]) {
      expect(problems({ idempotency_key })).toEqual([
        "idempotency_key: must be 1 to 128 printable ASCII characters",
      ]);
    }
  });

  it(verifies("money.positive", "refuses an amount that is not more than zero"), () => {
    for (const amount of [0, -1]) {
      expect(problems({ amount })).toEqual(["amount: must be more than zero"]);
    }
    expect(problems({ amount: Number.POSITIVE_INFINITY })).toHaveLength(1);
  });

  it(verifies("expense.date", "refuses a range that ends before it begins"), () => {
    const parsed = filterInput.safeParse({ from: "2026-11-21", to: "2026-11-20" });
    expect(parsed.error?.issues).toEqual([
      expect.objectContaining({
        path: ["from"],
        message: "is after `to`; swap the two dates",
      }),
    ]);
    for (const range of [{ from: "2026-11-21", to: "2026-11-21" }, { from: "2026-11-21" }, {}]) {
      expect(filterInput.safeParse(range).success).toBe(true);
    }
  });
});

describe("as a model sees it", () => {
  it.each([
    ["new expense", newExpenseInput],
    ["filters", filterInput],
  ])(
    verifies("expense.described-for-models", "describes every field of the %s"),
    (_name, schema) => {
      const { properties = {} } = z.toJSONSchema(schema, { io: "input" });
      for (const [name, property] of Object.entries(properties)) {
        expect(property, name).toEqual(
          expect.objectContaining({ type: expect.any(String), description: expect.any(String) }),
        );
      }
      expect(Object.keys(properties)).not.toHaveLength(0);
    },
  );

  it(verifies("expense.described-for-models", "states the limits that JSON Schema can"), () => {
    const { properties, required } = z.toJSONSchema(newExpenseInput, { io: "input" });
    expect(properties).toMatchObject({
      date: { type: "string", format: "date" },
      amount: { type: "number", exclusiveMinimum: 0 },
      category: { enum: ["food", "transport", "entertainment", "shopping", "gadget", "other"] },
      description: { minLength: 1, maxLength: 500 },
      payment_method: {
        enum: ["amex", "visa", "cash", "mastercard", "debit_card", "bank_transfer", "other"],
      },
    });
    expect(required).toEqual(["date", "amount", "category", "description", "payment_method"]);
  });
});

describe("between input, store and output", () => {
  const input = newExpenseInput.parse(lunch);

  it("makes an expense of checked input, in the default currency where none is given", () => {
    expect(value(newExpense(input, "USD"))).toEqual({
      date: "2026-11-21",
      minorUnits: 1250,
      decimals: 2,
      currency: "USD",
      category: "food",
      description: "Lunch",
      paymentMethod: "visa",
      isRefund: false,
    });
    expect(value(newExpense({ ...input, currency: "KWD" }, "USD"))).toMatchObject({
      currency: "KWD",
      minorUnits: 12_500,
    });
  });

  it(verifies("money.decimals", "judges the amount by the currency that applies"), () => {
    expect(newExpense(input, "JPY")).toMatchObject({
      ok: false,
      reason: { kind: "too-many-decimals", currency: "JPY" },
    });
  });

  it(verifies("money.exact", "shows what was given"), () => {
    const expense: Expense = {
      ...value(newExpense({ ...input, amount: 64.1 }, "USD")),
      id: "1",
      createdAt: "2026-11-21T12:00:00.000Z",
      version: "v1",
      receipts: [],
    };
    const shown = z.strictObject(shownExpenseFields).parse(shownExpense(expense));
    expect(shown).toEqual({
      ...lunch,
      amount: 64.1,
      currency: "USD",
      id: "1",
      created_at: "2026-11-21T12:00:00.000Z",
      version: "v1",
    });
  });

  it("names the filters as the store does", () => {
    expect(filtersOf(filterInput.parse({ payment_method: "cash", text: " tea " }))).toEqual({
      paymentMethods: ["cash"],
      text: "tea",
    });
  });
});
