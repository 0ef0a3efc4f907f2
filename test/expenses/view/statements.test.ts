import { describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { FakeServer } from "./fake-server.ts";
import { findings, lunch, useViews } from "./set-up.ts";

describe("the view's statements and exports", () => {
  const { open, serve } = useViews();

  it(
    verifies("view.statement", "imports a statement as the person decides it is to be read"),
    async () => {
      const there = { ...lunch, date: "2026-11-04", currency: "EUR" };
      await using server = await serve({ expenses: [there] });
      const view = await open({ server });
      const { frame } = view;
      await frame.getByRole("button", { name: "Import statement" }).first().click();
      const lines = [
        "Konto;DE00 1234",
        "Buchungstag;Verwendungszweck;Betrag;Währung",
        "04.11.2026;Lunch;-12,50;EUR",
        "05.11.2026;Kaffee für drei;-2,50;EUR",
        "05.11.2026;Kaffee für drei;-2,50;EUR",
        "06.11.2026;Rückerstattung;19,90;EUR",
        "07.11.2026;Nicht meins;-99,00;EUR",
        "gestern;Unleserlich;-1,00;EUR",
      ];
      // As banks write them, which is not UTF-8.
      const buffer = Buffer.from(lines.join("\r\n"), "latin1");
      const file = { name: "umsatz.csv", mimeType: "text/csv", buffer };
      await frame.locator("input[type=file]").setInputFiles(file);
      await frame.getByRole("heading", { name: "0 of 6 lines can be added" }).waitFor();
      expect(await findings(view)).toEqual([]);
      await frame
        .getByLabel("Dates are written")
        .selectOption({ label: "Day, month, year (31/12/2026)" });
      await frame.getByLabel("What you paid is").selectOption({ label: "Negative (-12.50)" });
      await frame.getByRole("heading", { name: "5 of 6 lines can be added" }).waitFor();
      expect(await findings(view)).toEqual([]);
      // The lunch is there already; the two coffees are two.
      await frame.getByLabel(/^Add line 5: /).uncheck();
      expect(await server.stored()).toHaveLength(1);
      await frame.getByRole("button", { name: "Add 3 expenses" }).click();
      await frame.getByText("3 expenses added.").first().waitFor();
      const stored = await server.stored();
      const coffee = {
        date: "2026-11-05",
        amount: 2.5,
        currency: "EUR",
        description: "Kaffee für drei",
      };
      const refund = {
        date: "2026-11-06",
        amount: 19.9,
        description: "Rückerstattung",
        is_refund: true,
      };
      expect(stored).toMatchObject([refund, coffee, coffee, there]);
      expect(view.trouble).toEqual([]);
    },
  );

  it(verifies("view.statement", "asks which column is which, and reads pasted lines"), async () => {
    await using server = await serve();
    const { frame } = await open({ server });
    await frame.getByRole("button", { name: "Import statement" }).first().click();
    const pasted = frame.getByLabel("Or paste its lines");
    await pasted.fill("Tea,A1,3.20,2026-11-04\nCake,A2,4.80,2026-11-05");
    await frame.getByRole("button", { name: "Check" }).click();
    await frame.getByLabel("Column 1").selectOption("Description");
    await frame.getByLabel("Column 3").selectOption("Amount");
    await frame.getByLabel("Column 4").selectOption("Date");
    await frame.getByRole("button", { name: "Check" }).click();
    await frame.getByRole("heading", { name: "2 of 2 lines can be added" }).waitFor();
    await frame.getByRole("button", { name: "Another statement" }).click();
    await pasted.fill("2026-11-04 Tea 3.20\n\n2026-11-05 Cake 4.80");
    await frame.getByRole("button", { name: "Check" }).click();
    await frame.getByRole("button", { name: "Add 2 expenses" }).click();
    await frame.getByText("2 expenses added.").first().waitFor();
    expect(await server.stored()).toMatchObject([{ description: "Cake" }, { description: "Tea" }]);
  });

  it(verifies("view.statement", "goes on by itself where the tool stops for others"), async () => {
    const server = new FakeServer();
    const answer = (structuredContent: object) => ({ content: [], structuredContent });
    server.answers.set("import_user_expenses", [
      answer({ state: "checked", import_id: "i", count: 2, sums: [], stored: "2 (lines 1, …)" }),
      answer({ state: "stopped", import_id: "i", count: 1, sums: [], added_now: 1, remaining: 1 }),
      answer({ state: "done", import_id: "i", count: 2, sums: [], added_now: 1 }),
    ]);
    const { frame } = await open({ server });
    await frame.getByRole("button", { name: "Import statement" }).click();
    await frame.getByLabel("Or paste its lines").fill("2026-11-04 Tea 3.20\n2026-11-05 Cake 4.80");
    await frame.getByRole("button", { name: "Check" }).click();
    // Which ones, is not known of all.
    await frame.getByRole("button", { name: "Add 0 expenses" }).click();
    await frame.getByText("2 expenses added.").first().waitFor();
    const calls = server.calls.filter(({ name }) => name === "import_user_expenses");
    expect(calls.map((call) => call.arguments).slice(1)).toEqual([
      { import_id: "i", leave_out_stored: true },
      { import_id: "i" },
    ]);
  });

  it(verifies("view.export", "has the host save a month, or shows it"), async () => {
    const view = await open();
    const { frame } = view;
    await frame.getByRole("button", { name: "Export" }).click();
    await frame.getByRole("button", { name: "November 2026 as CSV" }).click();
    await frame.getByRole("status").getByText("Saved.").waitFor();
    expect(await findings(view)).toEqual([]);
    const uri = "expenses://me/months/2026-11/all.csv";
    const text = expect.stringMatching(/^date,amount,currency.*\r\n2026-11-24,10\.5/);
    expect(view.happened).toEqual([
      {
        what: "download",
        detail: [{ type: "resource", resource: { uri, mimeType: "text/csv", text } }],
      },
    ]);
    const other = await open({ capabilities: { downloadFile: undefined } });
    await other.frame.getByRole("button", { name: "Export" }).click();
    await other.frame.getByRole("button", { name: "November 2026 as JSON" }).click();
    const shown = await other.frame
      .getByRole("textbox", { name: "November 2026 as JSON" })
      .inputValue();
    expect(JSON.parse(shown)).toMatchObject({ expenses: expect.any(Array) });
    expect(await findings(other)).toEqual([]);
  });

  it(verifies("view.export", "says so where the host lets it read nothing"), async () => {
    const { frame } = await open({ capabilities: { serverResources: undefined } });
    await frame.getByRole("button", { name: "Export" }).click();
    await frame.getByText("Ask for the export in the chat.").waitFor();
  });
});
