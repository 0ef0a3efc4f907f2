import { describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { FakeServer } from "./fake-server.ts";
import { builtView } from "./open-view.ts";
import { findings, lunch, useViews } from "./set-up.ts";

describe("the view in its host", () => {
  const { open, serve } = useViews();

  it(
    verifies(
      ["view.strict-policy", "view.charts"],
      "shows charts and the list under a strict policy",
    ),
    async () => {
      const view = await open();
      const { frame } = view;
      await frame.locator(".expenses tbody tr").first().waitFor();
      expect(await view.page.locator("iframe").getAttribute("sandbox")).toBe("allow-scripts");
      // The list and the charts come by calls of their own.
      await frame.locator(".bar").nth(11).waitFor();
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

  it(
    verifies("view.charts", "shows all of a currency, however many others there are"),
    async () => {
      const kinds = ["food", "transport", "entertainment", "shopping", "gadget", "other"];
      const others = ["CHF", "EUR", "GBP", "SEK", "NOK", "DKK", "CAD"];
      const expenses = kinds.flatMap((category) => [
        ...others.map((currency) => ({ ...lunch, category, currency, amount: 999.99 })),
        // The most expenses, and the smallest.
        ...[1, 2].map((amount) => ({ ...lunch, category, amount })),
      ]);
      await using server = await serve({ expenses });
      const { frame } = await open({ server });
      await frame.locator(".expenses tbody tr").first().waitFor();
      const table = frame.getByRole("table", { name: "Spending by category" });
      for (const name of ["Food", "Transport", "Entertainment", "Shopping", "Gadget", "Other"]) {
        expect(await table.getByRole("row", { name }).textContent()).toBe(`${name}$3.002`);
      }
    },
  );

  it(verifies("view.strict-policy", "makes no markup of what is stored"), async () => {
    const server = new FakeServer();
    const description = '<img src="https://evil.example/x.png" onerror="alert(1)"><b>bold</b>';
    server.expenses = [
      { ...lunch, description, id: "1", created_at: "2026-11-20T12:00:00.000Z", version: "1" },
    ];
    const view = await open({ server });
    await view.frame.getByRole("button", { name: description }).click();
    await view.frame.getByRole("heading", { name: "Edit expense" }).waitFor();
    expect(await view.frame.getByLabel("Description").inputValue()).toBe(description);
    expect(await view.frame.locator("img, b").count()).toBe(0);
    expect(view.trouble).toEqual([]);
  });

  it(verifies("view.host-looks", "takes on the host's theme, and its change"), async () => {
    const view = await open({ context: { theme: "dark" } });
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
    const view = await open({
      context: { locale: "de-DE", timeZone: "Pacific/Kiritimati" },
    });
    const { frame } = view;
    await frame.getByRole("row", { name: /^24\. Nov.*10,50\s\$$/ }).waitFor();
    await frame.getByText("Feb", { exact: true }).first().waitFor();
    await frame.getByRole("button", { name: "Add expense" }).click();
    const today = new Date(Date.now() + 14 * 3_600_000).toISOString().slice(0, 10);
    expect(await frame.getByLabel("Date").inputValue()).toBe(today);
  });

  it.each(["light", "dark"])(
    verifies("view.accessible", "has nothing for the accessibility checker to find when it is %s"),
    async (theme) => {
      const view = await open({ context: { theme } });
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
    const view = await open();
    await view.frame.locator(".bar").first().waitFor();
    await view.evaluate("document.querySelector('main').append(document.createElement('input'))");
    expect(await findings(view)).toEqual([["label", "<input>"]]);
  });

  it(verifies("view.accessible", "can be used by keyboard"), async () => {
    const view = await open();
    const { frame, page } = view;
    await frame.locator(".expenses tbody tr").first().waitFor();
    const focused = () =>
      view.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent");
    await frame.getByRole("button", { name: "Add expense" }).focus();
    for (const name of ["Add expense", "Import statement", "Export", "Period"]) {
      expect(await focused()).toBe(name);
      await page.keyboard.press("Tab");
    }
    await frame.getByRole("button", { name: "Add expense" }).press("Enter");
    await frame.getByRole("heading", { name: "Add expense" }).waitFor();
    // Where a screen reader begins to read.
    expect(await focused()).toBe("Add expense");
    for (const name of ["Back", "Amount", "Currency", "Date"]) {
      await page.keyboard.press("Tab");
      expect(await focused()).toBe(name);
    }
    await frame.getByRole("button", { name: "Back" }).press("Space");
    await frame.getByRole("heading", { name: "Expenses" }).waitFor();
    expect(await focused()).toBe("Expenses");
  });

  it(verifies("view.accessible", "keeps the focus where something was chosen"), async () => {
    const view = await open();
    const { frame } = view;
    const focused = () =>
      view.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent");
    await frame.getByRole("button", { name: "EUR" }).click();
    await frame.getByRole("button", { name: "EUR", pressed: true }).waitFor();
    await expect.poll(focused).toBe("EUR");
    await frame.getByRole("button", { name: "Spending by category as a table" }).click();
    await frame.getByRole("button", { name: "Gadget" }).click();
    await frame.getByRole("button", { name: "Filters (1)" }).waitFor();
    expect(await focused()).toBe("Period");
    // Which nobody would see change.
    await frame
      .locator("#heard")
      .getByText(/^Expenses: \d+ of \d+\.$/)
      .waitFor({ state: "attached" });
  });

  it(verifies("view.narrow", "is never wider than a narrow screen"), async () => {
    const description = "Donaudampfschifffahrtsgesellschaft".repeat(10);
    await using server = await serve({
      expenses: [{ ...lunch, amount: 1_234_567.89, description }],
    });
    const view = await open({ server, width: 320 });
    const { frame } = view;
    await frame.locator(".expenses tbody tr").first().waitFor();
    await frame.locator(".bar").first().waitFor();
    const width = () => view.evaluate("document.documentElement.scrollWidth");
    expect(await width()).toBe(320);
    await frame.getByRole("button", { name: "Filters" }).click();
    expect(await width()).toBe(320);
    await frame.locator(".expenses button").first().click();
    await frame.getByRole("button", { name: "Delete expense…" }).click();
    await frame.locator(".question").waitFor();
    expect(await width()).toBe(320);
    await frame.getByRole("button", { name: "Back" }).click();
    await frame.getByRole("button", { name: "Import statement" }).click();
    await frame.getByLabel("Or paste its lines").fill(`04/11/2026 ${description} 12.50`);
    await frame.getByRole("button", { name: "Check" }).click();
    await frame.getByLabel("Dates are written").waitFor();
    expect(await width()).toBe(320);
    await frame.getByRole("button", { name: "Back" }).click();
    await frame.getByRole("button", { name: "Export" }).click();
    await frame.getByRole("table").waitFor();
    expect(await width()).toBe(320);
  });

  it(verifies("view.without-tools", "says so where the host lets it do nothing"), async () => {
    const view = await open({ capabilities: { serverTools: undefined } });
    await view.frame.getByText("Ask in the chat instead").waitFor();
  });

  it.each(["modern", "legacy", "v1"] as const)(
    verifies("view.opens", "is named by tools and read by a client of the kind %s"),
    async (kind) => {
      await using server = await serve({ kind, expenses: [lunch] });
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
      const { frame } = await open({ server });
      await frame.getByRole("button", { name: "Lunch" }).waitFor();
    },
  );
});
