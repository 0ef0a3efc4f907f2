import { describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { FakeServer, refusal } from "./fake-server.ts";
import { useViews } from "./set-up.ts";

describe("the view's list", () => {
  const { open } = useViews();

  it(verifies("view.list", "searches, filters, orders and goes on to the next page"), async () => {
    const view = await open();
    const { frame } = view;
    const rows = frame.locator(".expenses tbody tr");
    await rows.nth(14).waitFor();
    await frame.getByText("15 of 60", { exact: true }).waitFor();
    await frame.getByRole("button", { name: "Show more" }).click();
    await rows.nth(29).waitFor();
    expect(await view.evaluate("document.activeElement.closest('tr').rowIndex")).toBe(16);
    await frame.getByLabel("Order").selectOption("Largest first");
    await rows.first().getByText("Noise-cancelling headphones").waitFor();
    await frame.getByLabel("Search").fill("concert");
    await rows.nth(7).waitFor({ state: "detached" });
    const concerts = new Set(await rows.getByRole("button").allTextContents());
    expect([...concerts]).toEqual(["Concert tickets"]);
    await frame.getByLabel("Search").fill("");
    await frame.getByRole("button", { name: "Filters" }).click();
    await frame.getByLabel("Shopping").check();
    await frame.getByLabel("Gadget").check();
    await rows.first().getByText("Noise-cancelling headphones").waitFor();
    await frame.getByLabel("Amount to").fill("250");
    await frame.getByLabel("Amount to").blur();
    await frame.getByRole("button", { name: "Filters (2)" }).waitFor();
    await rows.first().getByText("$249.00").waitFor();
    const found = new Set(await rows.getByRole("button").allTextContents());
    expect([...found].sort()).toEqual(["Noise-cancelling headphones", "Winter coat"]);
    await frame.getByRole("button", { name: "Clear filters" }).click();
    await frame.getByText("15 of 56", { exact: true }).waitFor();
  });

  it(verifies("view.opening", "begins with what the tool was asked"), async () => {
    const asked = { from: "2026-10-01", to: "2026-10-31", category: "food", text: "lunch" };
    const view = await open({ asked });
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

  it(verifies("view.errors", "shows in its own words what a tool refuses"), async () => {
    const server = new FakeServer();
    server.answers.set("get_user_expenses", [
      refusal("The expenses are busy. Try again in a minute."),
    ]);
    const view = await open({ server });
    const { frame } = view;
    await frame
      .getByRole("alert")
      .getByText("The expenses are busy. Try again in a minute.")
      .waitFor();
    await frame.getByRole("button", { name: "Try again" }).click();
    await frame.locator(".expenses tbody tr").first().waitFor();
  });
});
