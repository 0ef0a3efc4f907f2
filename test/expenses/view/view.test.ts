import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { categories, paymentMethods } from "../../../src/expenses/expense.ts";
import * as contract from "../../../src/expenses/view/contract.ts";
import { verifies } from "../../requirements.ts";
import { browserPath, launchBrowser, noBrowser } from "../../support/browser.ts";
import { FakeServer } from "./fake-server.ts";
import { builtView, type OpenView, openView, type ViewOptions } from "./open-view.ts";

/** What the accessibility checker finds on the screen that is shown. */
async function findings(view: OpenView): Promise<unknown> {
  const path = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  await view.evaluate(await readFile(path, "utf8"));
  return view.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))",
  );
}

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

  it(verifies("view.list", "offers the categories and payment methods that there are"), () => {
    expect([...contract.categories]).toEqual([...categories]);
    expect(contract.paymentMethods.toSorted()).toEqual(paymentMethods.toSorted());
  });
});

describe("the view", () => {
  let browser: Browser | undefined;

  beforeAll(async () => {
    if (browserPath !== undefined) browser = await launchBrowser(browserPath);
  });

  beforeEach(({ skip }) => skip(browserPath === undefined, noBrowser));

  afterAll(() => browser?.close());

  /** The view, opened with its list loaded. */
  async function opened(server = new FakeServer(), options: Partial<ViewOptions> = {}) {
    if (!browser) throw new Error(noBrowser);
    const view = await openView(browser, { server, ...options });
    await view.frame.locator(".expenses tbody tr").first().waitFor();
    return view;
  }

  it(
    verifies(
      ["view.strict-policy", "view.charts"],
      "shows charts and the list under a strict policy",
    ),
    async () => {
      await using view = await opened();
      await view.frame.getByRole("button", { name: "Spending by month as a table" }).click();
      const rows = view.frame.getByRole("table", { name: "Spending by month" }).getByRole("row");
      expect(await rows.count()).toBe(13);
      expect(view.trouble).toEqual([]);
    },
  );

  it.each(["light", "dark"])(
    verifies("view.accessible", "has nothing for the accessibility checker to find when it is %s"),
    async (theme) => {
      await using view = await opened(new FakeServer(), { context: { theme } });
      expect(await findings(view)).toEqual([]);
    },
  );
});
