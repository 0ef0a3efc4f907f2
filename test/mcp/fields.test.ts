import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { success } from "../../src/core/result.ts";
import { defineDomain } from "../../src/define-domain.ts";
import { defineTool } from "../../src/mcp/define-tool.ts";
import { calendarDate, decimal, singleLine } from "../../src/mcp/fields.ts";
import { everyone } from "../../src/mcp/policy.ts";
import { claimsWith, sign } from "../gates/tokens.ts";
import { verifies } from "../requirements.ts";
import { connectClient, textOf } from "../support/clients.ts";
import { composeForTest, host } from "../support/composed.ts";
import { toolCallMessage, toolCallRequest } from "../support/tool-call-request.ts";

const input = z.object({ date: calendarDate, text: singleLine(500) }).partial();

/** What a model is told of an input, as `field: message`. */
function problems(given: Record<string, unknown>): string[] {
  const parsed = input.safeParse(given);
  return parsed.error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
}

describe("a date", () => {
  it.each(["2026-11-21", "2024-02-29", "2000-02-29", "2000-01-01", "2099-12-31"])(
    verifies("fields.date", "accepts %s"),
    (date) => {
      expect(problems({ date })).toEqual([]);
    },
  );

  it.each(["2026-02-30", "2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00"])(
    verifies("fields.date", "refuses %s, which does not exist"),
    (date) => {
      expect(problems({ date })).toEqual([
        `date: ${date} does not exist; use an existing date as YYYY-MM-DD`,
      ]);
    },
  );

  it.each([
    "21.11.2026",
    "2026-1-1",
    "20261121",
    "2026-11-21T00:00:00Z",
    "today",
    "",
    "２０２６-11-21",
  ])(verifies("fields.date", "refuses %j, which is written otherwise"), (date) => {
    expect(problems({ date })).toEqual(["date: must be a date as YYYY-MM-DD, such as 2026-11-21"]);
  });

  it.each(["1999-12-31", "2100-01-01", "0226-11-21", "9999-12-31"])(
    verifies("fields.date", "refuses %s, which is not of this century"),
    (date) => {
      expect(problems({ date })).toEqual([
        `date: ${date} is out of range; use a date from 2000-01-01 to 2099-12-31`,
      ]);
    },
  );
});

describe("a decimal", () => {
  const long = "0.12345678901234567890";
  const tool = defineTool({
    name: "pay",
    title: "Pay",
    description: "For a test.",
    annotations: {},
    inputSchema: z.strictObject({
      amount: decimal(z.number().positive()).describe("An amount."),
      text: singleLine(50).optional(),
      ratio: z.number().optional(),
      range: z.strictObject({ from: z.string().optional() }).optional(),
      rates: z.record(z.string(), z.string()).optional(),
    }),
    outputSchema: z.object({ amount: z.number() }),
    policy: everyone,
    handler: async ({ amount }) => success({ amount }),
    present: ({ amount }) => `paid ${amount}`,
  });
  const domain = defineDomain({
    ...{ name: "payments", title: "Payments", instructions: "", scopeDescription: "Pay" },
    settings: z.object({}),
    containers: {},
    tools: () => [tool],
  });

  it(verifies("decimal.exact", "is advertised as a number alone"), () => {
    expect(tool.listing.inputSchema).toMatchObject({
      properties: { amount: { type: "number" } },
      required: ["amount"],
    });
  });

  it.each([
    ["12.50", "paid 12.5"],
    ['"12.50"', "paid 12.5"],
    ["12.500000000000000001", "has more than 15 digits"],
    ['"12.500000000000000001"', "has more than 15 digits"],
    ["0.30000000000000004", "has more than 15 digits"],
    ["12345678901234567", "has more than 15 digits"],
    ['"12,50"', "must be a number, or a decimal as text"],
    ['""', "must be a number, or a decimal as text"],
    ["true", "amount: must be of the type number"],
    [`1, "text": ${long}`, "text: must be of the type string"],
    [`1, "ratio": ${long}`, "ratio: has more than 15 digits"],
    [`1, "ratio": null, "text": ${long}`, "text: must be of the type string"],
    [`${long}, "ratio": null`, "amount: has more than 15 digits"],
    [`1, "range": ${long}`, "range: must be of the type object"],
    [`1, "rates": ${long}`, "rates: must be of the type record"],
  ])(verifies("decimal.exact", "is judged as it is written: %s"), async (literal, words) => {
    const app = await composeForTest(domain);
    const client = await connectClient("modern", new URL(`https://${host}/mcp`), {
      accessToken: await sign(app.key, claimsWith({})),
      fetch: async (input, init) => {
        const body = String(init?.body).replace('"literal"', literal);
        const request = new Request(input, { ...init, body });
        request.headers.set("host", host);
        return app.send(request);
      },
    });
    const result = await client.callTool({ name: "pay", arguments: { amount: "literal" } });
    expect(textOf(result)).toContain(words);
    await client.close();
  });

  it.each(["2026-07-28", "2025-11-25"] as const)(
    verifies("decimal.exact", "of too many digits is no id of a request: %s"),
    async (revision) => {
      const app = await composeForTest(domain);
      const message = toolCallMessage(revision, { name: "pay", arguments: { amount: 1 } });
      const accessToken = await sign(app.key, claimsWith({}));
      const url = `https://${host}/mcp`;
      const request = toolCallRequest(url, revision, accessToken, message, { host });
      const body = (await request.clone().text()).replace('"id":1', `"id":${long}`);
      const response = await app.send(new Request(request, { body }));
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ id: null, error: { code: -32600 } });
    },
  );
});

describe("a line of text", () => {
  const lineOf = (text: string) => input.parse({ text }).text;

  it(verifies("fields.line", "is trimmed and made one line"), () => {
    expect(lineOf("  Lunch\r\n\twith  Zoë\u2028at noon ")).toBe("Lunch with Zoë at noon");
  });

  it(verifies("fields.line", "is composed, so that equal texts are equal"), () => {
    expect(lineOf("Cafe\u0301")).toBe("Caf\u00e9");
  });

  it(verifies("fields.line", "keeps any script and emoji"), () => {
    const flag = "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}";
    const texts = ["寿司 🍣", "ЧАЙ", "مقهى", "👩‍👩‍👧 family", "می\u200cخواهم", `Whisky ${flag}`];
    for (const text of [...texts, "O'Brien's <b>\"pub\"</b>", "Zoë Müller, 12.50 €"]) {
      expect(lineOf(text)).toBe(text);
    }
  });

  it.each([
    "a\u202eb",
    "a\u2066b",
    "\u200fab\u200e",
    "a\u200bb",
    "\ufeffab",
    "a\u00adb",
    "a\u200db",
    `a${"\ufe0f\u200d".repeat(71)}b`,
    "a\u{e0041}b",
    "a\u{16fe4}\u{13430}\u{1343f}\u{1107f}\u2d7f\ufffcb",
  ])(verifies("fields.line", "leaves out what nobody sees of %j"), (text) => {
    expect(lineOf(text)).toBe("ab");
  });

  it(verifies("fields.line", "is composed once what nobody sees is left out"), () => {
    expect(lineOf("Cafe\u200b\u0301")).toBe("Caf\u00e9");
  });

  it(verifies("fields.line-once", "is the same when it is cleaned again"), () => {
    const pieces =
      "a e é 1 ⴰ \u2d7f \u{13000} \u{13430} < ↔ ❤ 👩 👧 🏽 辻 \ufa10 ب क \u0958 র ᠠ 🏴 \u0301 \u0338 \u0334 \u064b \u093c \u094d \u09cd \u200b \u200c \u200d \ufe00 \ufe0e \ufe0f \u{e0100} \u{e0141} \u{e0067} \u180e \u180b \u202e \u00ad \u3164 \u20e3 \u2800 \u3000";
    const texts = fc.array(fc.constantFrom(" ", ...pieces.split(" ")), { maxLength: 14 });
    fc.assert(
      fc.property(texts, (parts) => {
        const cleaned = input.safeParse({ text: parts.join("") }).data?.text;
        if (cleaned !== undefined) expect(lineOf(cleaned)).toBe(cleaned);
      }),
      { numRuns: 2_000 },
    );
    expect(lineOf("Taxi a\ufe0f\u200b\ufe0f")).toBe("Taxi a");
  });

  it(verifies("fields.line", "has 1 to 500 characters"), () => {
    expect(problems({ text: "x".repeat(500) })).toEqual([]);
    expect(problems({ text: ` ${"x".repeat(500)}\n` })).toEqual([]);
    expect(problems({ text: "x".repeat(501) })).toEqual([
      "text: must be at most 500 characters long",
    ]);
    for (const blank of ["", "   ", "\n\t"]) {
      expect(problems({ text: blank })).toEqual(["text: must not be empty"]);
    }
  });

  it.each(["a\u0000b", "a\u001b[31mb", "a\u007fb", "a\u0085\u0090b", "a\ud800b"])(
    verifies("fields.line", "refuses the control character in %j"),
    (text) => {
      expect(problems({ text })).toEqual(["text: must not contain control characters"]);
    },
  );
});
