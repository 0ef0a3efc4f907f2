import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { CosmosBackEnd } from "../../storage/cosmos-emulator.ts";
import { browserPath, launchBrowser, noBrowser } from "../../support/browser.ts";
import { someExpenses } from "./fake-server.ts";
import {
  browserArguments,
  type OpenView,
  startHost,
  type ViewHost,
  type ViewOptions,
} from "./open-view.ts";
import { type RealServer, type ServerOptions, startDatabases, startServer } from "./real-server.ts";

export const lunch = {
  date: "2026-11-20",
  amount: 12.5,
  currency: "USD",
  category: "food",
  description: "Lunch",
  payment_method: "visa",
};

export interface Views {
  /**
   * Opens the view of expenses from December 2025 to November 2026, over a server that has a year of
   * them and that no test may change, unless it is opened for others.
   */
  open(options?: Partial<ViewOptions>): Promise<OpenView>;
  /** Starts a server of the test's own. */
  serve(options?: ServerOptions): Promise<RealServer>;
}

/** A browser, a host and databases for all tests of a file, which are left out where there is none. */
export function useViews(): Views {
  let browser: Browser | undefined;
  let host: ViewHost | undefined;
  let databases: CosmosBackEnd | undefined;
  let full: RealServer | undefined;

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

  return {
    async open(options = {}) {
      if (!host || !full) throw new Error(noBrowser);
      const asked = { from: "2025-12-01", to: "2026-11-30" };
      return host.open({ server: full, asked, ...options });
    },
    async serve(options) {
      if (!databases) throw new Error(noBrowser);
      return startServer(databases, options);
    },
  };
}

/** What the accessibility checker finds on the screen that is shown. */
export async function findings(view: OpenView): Promise<unknown> {
  const path = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  await view.evaluate(await readFile(path, "utf8"));
  return view.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))",
  );
}
