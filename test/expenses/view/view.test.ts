import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import type { Metafile } from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleServer } from "../../../scripts/bundle.ts";
import { categories, paymentMethods } from "../../../src/expenses/expense.ts";
import * as contract from "../../../src/expenses/view/contract.ts";
import { readAmount } from "../../../src/expenses/view/format.ts";
import { verifies } from "../../requirements.ts";
import type { CosmosBackEnd } from "../../storage/cosmos-emulator.ts";
import { browserPath, launchBrowser, noBrowser } from "../../support/browser.ts";
import { FakeServer, refusal, someExpenses } from "./fake-server.ts";
import {
  browserArguments,
  builtView,
  type OpenView,
  startHost,
  type ViewHost,
  type ViewOptions,
} from "./open-view.ts";
import { type RealServer, startDatabases, startServer } from "./real-server.ts";

/** What the accessibility checker finds on the screen that is shown. */
async function findings(view: OpenView): Promise<unknown> {
  const path = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  await view.evaluate(await readFile(path, "utf8"));
  return view.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))",
  );
}

type Output = Metafile["outputs"][string];

describe("the view's file", () => {
  it(verifies("view.one-file", "is small, and names nothing outside of itself"), async () => {
    const html = await builtView;
    expect(gzipSync(html).length).toBeLessThan(200_000);
    const [, style = ""] = /<style>(.*?)<\/style>/s.exec(html) ?? [];
    const markup = html.replaceAll(/<(script|style)\b[^>]*>.*?<\/\1>/gs, "");
    expect(markup).toMatch(/^<!doctype html><html lang="en">/);
    expect(markup).not.toMatch(/(?:src|href)=/);
    expect(style).toContain("color-scheme");
    expect(style).not.toMatch(/@import|url\(/);
  });

  it(
    verifies("view.one-file", "is a part of the bundle that is loaded when it is read"),
    async () => {
      const [{ metafile }, other] = await Promise.all([
        bundleServer(),
        bundleServer("examples/vacations"),
      ]);
      const holdsView = ({ inputs }: Output) =>
        Object.keys(inputs).some((input) => input.endsWith("/view/index.html"));
      const withView = Object.keys(metafile.outputs).filter(
        (path) => metafile.outputs[path] && holdsView(metafile.outputs[path]),
      );
      expect(withView).toEqual([expect.stringMatching(/^dist\/parts\/view-\w+\.mjs$/)]);
      const atImport = new Set(["dist/main.mjs"]);
      for (const path of atImport) {
        for (const imported of metafile.outputs[path]?.imports ?? []) {
          if (imported.kind === "import-statement") atImport.add(imported.path);
        }
      }
      expect(atImport.size).toBeGreaterThan(2);
      expect([...atImport].filter((path) => withView.includes(path))).toEqual([]);
      expect(Object.values(other.metafile.outputs).filter(holdsView)).toEqual([]);
    },
  );

  it(verifies("view.list", "offers the categories and payment methods that there are"), () => {
    expect([...contract.categories]).toEqual([...categories]);
    expect(contract.paymentMethods.toSorted()).toEqual(paymentMethods.toSorted());
  });

  it(verifies("view.amounts", "reads an amount in one way or not at all"), () => {
    const read = (text: string) => [readAmount(text, "."), readAmount(text, ",")];
    expect(read("12.50")).toEqual([12.5, 12.5]);
    expect(read(" 12,5 ")).toEqual([12.5, 12.5]);
    expect(read(".5")).toEqual([0.5, 0.5]);
    expect(read("1234")).toEqual([1234, 1234]);
    // A thousand to some, and one and a bit to others.
    expect(read("1.234")).toEqual([1.234, undefined]);
    expect(read("1,234")).toEqual([undefined, 1.234]);
    for (const text of ["", ".", "1,234.50", "1 234", "-5", "12.50 EUR", "1e3", "abc"]) {
      expect(read(text), text).toEqual([undefined, undefined]);
    }
  });
});

describe("the view", () => {
  let browser: Browser | undefined;
  let host: ViewHost | undefined;
  let databases: CosmosBackEnd;
  /** With a year of expenses, which no test changes. */
  let full: RealServer;

  beforeAll(async () => {
    if (browserPath === undefined) return;
    [browser, databases] = await Promise.all([
      launchBrowser(browserPath, browserArguments),
      startDatabases(),
    ]);
    [host, full] = await Promise.all([
      startHost(browser),
      startServer(databases, { expenses: someExpenses() }),
    ]);
  });

  beforeEach(({ skip }) => skip(browserPath === undefined, noBrowser));

  afterAll(async () => {
    await browser?.close();
    await full?.[Symbol.asyncDispose]();
    await databases?.close();
  });

  /** The view of expenses from December 2025 to November 2026, unless it is opened for others. */
  async function opened(options: Partial<ViewOptions> = {}): Promise<OpenView> {
    if (!host) throw new Error(noBrowser);
    const asked = { from: "2025-12-01", to: "2026-11-30" };
    return host.open({ server: full, asked, ...options });
  }

  const lunch = {
    date: "2026-11-20",
    amount: 12.5,
    currency: "USD",
    category: "food",
    description: "Lunch",
    payment_method: "visa",
  };

  it(
    verifies(
      ["view.strict-policy", "view.charts"],
      "shows charts and the list under a strict policy",
    ),
    async () => {
      const view = await opened();
      const { frame } = view;
      await frame.locator(".expenses tbody tr").first().waitFor();
      expect(await view.page.locator("iframe").getAttribute("sandbox")).toBe("allow-scripts");
      expect(await frame.locator(".bar").count()).toBe(12);
      // For screen readers the table is there all the time.
      const table = frame.getByRole("table", { name: "Spending by month" });
      const row = table.getByRole("row", { name: "December 2025" });
      const figures = await row.textContent();
      expect(figures).toMatch(/^December 2025\$\d/);
      await frame.getByRole("button", { name: "Spending by month as a table" }).click();
      expect(await row.textContent()).toBe(figures);
      expect(await table.getByRole("row").count()).toBe(13);
      await frame.getByRole("button", { name: "Spending by category as a table" }).click();
      await frame.getByRole("button", { name: "Transport" }).click();
      await frame.getByText("Winter coat").first().waitFor({ state: "detached" });
      await frame.getByText("Train to Hamburg").first().waitFor();
      expect(view.trouble).toEqual([]);
    },
  );

  it(verifies("view.strict-policy", "makes no markup of what is stored"), async () => {
    const server = new FakeServer();
    const description = '<img src="https://evil.example/x.png" onerror="alert(1)"><b>bold</b>';
    server.expenses = [
      { ...lunch, description, id: "1", created_at: "2026-11-20T12:00:00.000Z", version: "1" },
    ];
    const view = await opened({ server });
    await view.frame.getByRole("button", { name: description }).click();
    await view.frame.getByRole("heading", { name: "Edit expense" }).waitFor();
    expect(await view.frame.getByLabel("Description").inputValue()).toBe(description);
    expect(await view.frame.locator("img, b").count()).toBe(0);
    expect(view.trouble).toEqual([]);
  });

  it(verifies("view.host-looks", "takes on the host's theme, and its change"), async () => {
    const view = await opened({ context: { theme: "dark" } });
    const ground = () => view.evaluate("getComputedStyle(document.body).backgroundColor");
    await view.frame.locator(".bar").first().waitFor();
    expect(await ground()).toBe("rgb(28, 28, 32)");
    const variables = { "--color-background-primary": "rgb(1, 2, 3)" };
    await view.page.evaluate(
      `changeContext(${JSON.stringify({ theme: "light", styles: { variables } })})`,
    );
    await expect.poll(ground).toBe("rgb(1, 2, 3)");
    expect(await view.evaluate("document.documentElement.dataset.theme")).toBe("light");
  });

  it(verifies("view.locale", "writes amounts and days in the host's language"), async () => {
    const view = await opened({
      context: { locale: "de-DE", timeZone: "Pacific/Kiritimati" },
    });
    const { frame } = view;
    await frame.getByRole("row", { name: /^24\. Nov.*10,50\s\$$/ }).waitFor();
    await frame.getByText("Feb", { exact: true }).first().waitFor();
    await frame.getByRole("button", { name: "Add expense" }).click();
    const today = new Date(Date.now() + 14 * 3_600_000).toISOString().slice(0, 10);
    expect(await frame.getByLabel("Date").inputValue()).toBe(today);
  });

  it(verifies("view.list", "searches, filters, orders and goes on to the next page"), async () => {
    const view = await opened();
    const { frame } = view;
    const rows = frame.locator(".expenses tbody tr");
    await rows.nth(14).waitFor();
    await frame.getByRole("button", { name: "Show more" }).click();
    await rows.nth(29).waitFor();
    expect(await view.evaluate("document.activeElement.closest('tr').rowIndex")).toBe(16);
    await frame.getByLabel("Order").selectOption("Largest first");
    await rows.first().getByText("Noise-cancelling headphones").waitFor();
    await frame.getByLabel("Search").fill("concert");
    await rows.nth(7).waitFor({ state: "detached" });
    expect(await rows.getByRole("button").allTextContents()).toContain("Concert tickets");
    await frame.getByLabel("Search").fill("");
    await frame.getByRole("button", { name: "Filters" }).click();
    await frame.getByLabel("Shopping").check();
    await frame.getByLabel("Gadget").check();
    await rows.first().getByText("Noise-cancelling headphones").waitFor();
    await frame.getByLabel("Amount to").fill("250");
    await frame.getByLabel("Amount to").blur();
    await rows.first().getByText("Winter coat").or(rows.first().getByText("249")).waitFor();
    await frame
      .getByRole("button", { name: "Filters (2)" })
      .or(frame.getByRole("button", { name: "Clear filters" }))
      .first()
      .waitFor();
  });

  it(verifies("view.opening", "begins with what the tool was asked"), async () => {
    const asked = { from: "2026-10-01", to: "2026-10-31", category: "food", text: "lunch" };
    const view = await opened({ asked });
    const { frame } = view;
    await frame.getByRole("heading", { name: "Spending by day" }).waitFor();
    const rows = frame.locator(".expenses tbody tr");
    await rows.first().waitFor();
    expect(await rows.getByRole("button").allTextContents()).toEqual(
      Array(3).fill("Lunch with Uma"),
    );
    expect(await frame.getByLabel("Search").inputValue()).toBe("lunch");
    expect(await frame.getByLabel("Food").isChecked()).toBe(true);
  });

  it(verifies("view.add", "adds an expense once, though the first answer was lost"), async () => {
    await using server = await startServer(databases);
    let isLost = false;
    const callTool: RealServer["callTool"] = async (call) => {
      const answer = await server.callTool(call);
      if (call.name !== "add_user_expense" || isLost) return answer;
      isLost = true;
      throw new Error("The connection was cut.");
    };
    const view = await opened({ server: { ...server, callTool } });
    const { frame } = view;
    await frame.getByRole("button", { name: "Add expense" }).first().click();
    await frame.getByLabel("Amount").fill("12.50");
    await frame.getByLabel("Date").fill("2026-11-20");
    await frame.getByLabel("Description").press("Enter");
    // Nothing is sent that lacks something.
    await frame.getByText("What it was.").waitFor();
    await frame.getByLabel("Description").fill("Lunch");
    await frame.getByLabel("Description").press("Enter");
    await frame.getByRole("alert").getByText("could not be reached").waitFor();
    await frame.getByRole("button", { name: "Add", exact: true }).click();
    await frame.getByRole("status").getByText("Added.").waitFor();
    await frame.getByRole("button", { name: "Lunch" }).waitFor();
    expect(await server.stored()).toMatchObject([lunch]);
    expect(view.happened.map(({ what }) => what)).toEqual([]);
  });

  it(verifies("view.edit", "shows a lost update, and keeps what was written"), async () => {
    await using server = await startServer(databases, { expenses: [lunch] });
    const view = await opened({ server, capabilities: { updateModelContext: {} } });
    const { frame } = view;
    await frame.getByRole("button", { name: "Lunch" }).click();
    await frame.getByLabel("Paid by").selectOption("Cash");
    const [{ id = "", version = "" } = {}] = await server.stored();
    const theirs = { id, version, amount: 14, description: "Lunch with Uma" };
    await server.callTool({ name: "update_user_expense", arguments: theirs });
    await frame.getByRole("button", { name: "Save changes" }).click();
    await frame.getByRole("alert").getByText("Description: Lunch with Uma").waitFor();
    expect(await findings(view)).toEqual([]);
    expect(await frame.getByLabel("Amount").inputValue()).toBe("14");
    expect(await frame.getByLabel("Paid by").inputValue()).toBe("cash");
    await frame.getByRole("button", { name: "Save changes" }).click();
    await frame.getByRole("status").getByText("Saved.").waitFor();
    const changed = { amount: 14, description: "Lunch with Uma", payment_method: "cash" };
    expect(await server.stored()).toMatchObject([{ ...lunch, ...changed }]);
    expect(view.happened.map(({ what }) => what)).toEqual(["model context"]);
    // What people have written is nothing for the model to read here.
    expect(JSON.stringify(view.happened)).not.toContain("Lunch");
  });

  it(verifies("view.delete", "deletes once the server's question was answered"), async () => {
    await using server = await startServer(databases, { expenses: [lunch] });
    const view = await opened({ server });
    const { frame } = view;
    await frame.getByRole("button", { name: "Lunch" }).click();
    await frame.getByRole("button", { name: "Delete expense…" }).click();
    await frame.locator(".question").getByText("Delete this expense?").waitFor();
    expect(await findings(view)).toEqual([]);
    await frame.getByRole("button", { name: "Keep it" }).click();
    expect(await server.stored()).toHaveLength(1);
    await frame.getByRole("button", { name: "Delete expense…" }).click();
    await frame.getByRole("button", { name: "Delete", exact: true }).click();
    await frame.getByRole("status").getByText("Deleted.", { exact: true }).waitFor();
    expect(await server.stored()).toEqual([]);
  });

  it(
    verifies("view.statement", "imports a statement as the person decides it is to be read"),
    async () => {
      const there = { ...lunch, date: "2026-11-04", currency: "EUR" };
      await using server = await startServer(databases, { expenses: [there] });
      const view = await opened({ server });
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
    await using server = await startServer(databases);
    const { frame } = await opened({ server });
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
    const { frame } = await opened({ server });
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
    const view = await opened();
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
    const other = await opened({ capabilities: { downloadFile: undefined } });
    await other.frame.getByRole("button", { name: "Export" }).click();
    await other.frame.getByRole("button", { name: "November 2026 as JSON" }).click();
    const shown = await other.frame.getByLabel("November 2026 as JSON").last().inputValue();
    expect(JSON.parse(shown)).toMatchObject({ expenses: expect.any(Array) });
    expect(await findings(other)).toEqual([]);
  });

  it(verifies("view.receipts", "attaches a receipt, and shows it without a request"), async () => {
    await using server = await startServer(databases, { expenses: [lunch] });
    const view = await opened({ server });
    const { frame } = view;
    await frame.getByRole("button", { name: "Lunch" }).click();
    const chooser = frame.locator("input[type=file]");
    const text = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("Hello") };
    await chooser.setInputFiles(text);
    await frame.getByRole("alert").getByText("PNG").waitFor();
    await chooser.setInputFiles({ ...text, buffer: Buffer.alloc(2.5 * 1024 * 1024 + 1) });
    await frame.getByRole("alert").getByText("notes.txt has 2.5 MB, which is too large").waitFor();
    // One pixel.
    const pixel =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const picture = {
      name: "receipt.png",
      mimeType: "image/png",
      buffer: Buffer.from(pixel, "base64"),
    };
    await chooser.setInputFiles(picture);
    await frame.getByRole("status").getByText("Receipt added.").waitFor();
    await frame.getByRole("button", { name: "Show Receipt 1" }).click();
    const image = frame.getByRole("img", { name: "Receipt 1 of Lunch" });
    await image.waitFor();
    expect(await image.getAttribute("src")).toBe(`data:image/png;base64,${pixel}`);
    const loaded =
      "document.querySelector('img').decode().then(() => document.images[0].naturalWidth)";
    expect(await view.evaluate(loaded)).toBe(1);
    expect(await findings(view)).toEqual([]);
    // Its version is another by now: what is changed after it is not lost.
    await frame.getByLabel("Description").fill("Lunch with Uma");
    await frame.getByRole("button", { name: "Save changes" }).click();
    await frame.getByRole("status").getByText("Saved.").waitFor();
    await frame
      .getByRole("row", { name: "Lunch with Uma" })
      .getByText("Receipt", { exact: true })
      .waitFor();
    expect(view.trouble).toEqual([]);
  });

  it(verifies("view.errors", "shows in its own words what a tool refuses"), async () => {
    const server = new FakeServer();
    server.answers.set("get_user_expenses", [
      refusal("The expenses are busy. Try again in a minute."),
    ]);
    const view = await opened({ server });
    const { frame } = view;
    await frame
      .getByRole("alert")
      .getByText("The expenses are busy. Try again in a minute.")
      .waitFor();
    await frame.getByRole("button", { name: "Try again" }).click();
    await frame.locator(".expenses tbody tr").first().waitFor();
  });

  it.each(["light", "dark"])(
    verifies("view.accessible", "has nothing for the accessibility checker to find when it is %s"),
    async (theme) => {
      const view = await opened({ context: { theme } });
      const { frame } = view;
      await frame.locator(".expenses tbody tr").first().waitFor();
      await frame.locator(".bar").first().waitFor();
      await frame.getByRole("button", { name: "Filters" }).click();
      expect(await findings(view)).toEqual([]);
      await frame.getByRole("button", { name: "Spending by month as a table" }).click();
      await frame.getByRole("button", { name: "Spending by category as a table" }).click();
      expect(await findings(view)).toEqual([]);
      await frame.locator(".expenses button").first().click();
      await frame.getByRole("heading", { name: "Edit expense" }).waitFor();
      expect(await findings(view)).toEqual([]);
      await frame.getByRole("button", { name: "Back" }).click();
      await frame.getByRole("button", { name: "Import statement" }).click();
      expect(await findings(view)).toEqual([]);
    },
  );

  it(verifies("view.accessible", "has a checker that finds what is wrong"), async () => {
    const view = await opened();
    await view.frame.locator(".bar").first().waitFor();
    await view.evaluate("document.querySelector('main').append(document.createElement('input'))");
    expect(await findings(view)).toEqual([["label", "<input>"]]);
  });

  it(verifies("view.accessible", "can be used by keyboard"), async () => {
    const view = await opened();
    const { frame, page } = view;
    await frame.locator(".expenses tbody tr").first().waitFor();
    const focused = () => view.evaluate("document.activeElement.textContent");
    await frame.getByLabel("Search").focus();
    await page.keyboard.press("Shift+Tab");
    for (const label of ["Export", "Import statement", "Add expense"].slice(2)) {
      await frame.getByRole("button", { name: label }).focus();
      expect(await focused()).toBe(label);
    }
    await page.keyboard.press("Enter");
    await frame.getByRole("heading", { name: "Add expense" }).waitFor();
    expect(await focused()).toBe("Add expense");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Back");
    await page.keyboard.press("Enter");
    await frame.getByRole("heading", { name: "Expenses" }).waitFor();
    expect(await focused()).toBe("Expenses");
  });

  it(verifies("view.narrow", "is never wider than a narrow screen"), async () => {
    const view = await opened({ width: 320 });
    const { frame } = view;
    await frame.locator(".expenses tbody tr").first().waitFor();
    await frame.locator(".bar").first().waitFor();
    const width = () => view.evaluate("document.documentElement.scrollWidth");
    expect(await width()).toBe(320);
    await frame.locator(".expenses button").first().click();
    await frame.getByRole("heading", { name: "Edit expense" }).waitFor();
    expect(await width()).toBe(320);
  });

  it.each([
    ["done", "Deleted."],
    ["declined", "Nothing was deleted."],
  ])(
    verifies("view.delete", "takes the answer of a host that has asked the person itself: %s"),
    async (outcome, said) => {
      const server = new FakeServer();
      server.answers.set("delete_user_expense", [{ content: [], structuredContent: { outcome } }]);
      const { frame } = await opened({ server });
      await frame.locator(".expenses button").first().click();
      await frame.getByRole("button", { name: "Delete expense…" }).click();
      await frame.getByRole("status").getByText(said, { exact: true }).waitFor();
    },
  );

  it(verifies("view.without-tools", "says so where the host lets it do nothing"), async () => {
    const view = await opened({ capabilities: { serverTools: undefined } });
    await view.frame.getByText("Ask in the chat instead").waitFor();
  });

  it.each(["modern", "legacy", "v1"] as const)(
    verifies("view.opens", "is named by tools and read by a client of the kind %s"),
    async (kind) => {
      await using server = await startServer(databases, { kind, expenses: [lunch] });
      const { tools } = await server.listTools();
      const ui = { resourceUri: "ui://expenses/view.html" };
      const opening = tools.filter(({ _meta }) => _meta && "ui" in _meta);
      expect(opening.map(({ name, _meta }) => [name, _meta])).toEqual([
        ["get_user_expenses", { ui }],
        ["get_user_expense_summary", { ui }],
        ["attach_receipt", { ui: { visibility: ["app"] } }],
      ]);
      const mimeType = "text/html;profile=mcp-app";
      const text = await builtView;
      expect(await server.readResource(ui.resourceUri)).toMatchObject({
        contents: [{ uri: ui.resourceUri, mimeType, text, _meta: { ui: { prefersBorder: true } } }],
      });
      const { frame } = await opened({ server });
      await frame.getByRole("button", { name: "Lunch" }).waitFor();
    },
  );
});
