import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pickAccount } from "../../local/pick-account.ts";
import { verifies } from "../requirements.ts";
import { browserPath, launchBrowser, noBrowser } from "../support/browser.ts";
import { sharedStack } from "../support/shared-stack.ts";
import { authorizationScenarios, runAuthorizationSuite } from "./authorization-suite.ts";

const username = "user1@contoso.example";
const suiteMilliseconds = 60_000;

/** Those that the suite knows; a test holds the list against it. */
const specVersions = ["2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"] as const;

type SpecVersion = (typeof specVersions)[number];

const checks = [
  "authorization-code-grant:authorization-code-grant SUCCESS",
  "authorization-server-metadata-endpoint:authorization-server-metadata SUCCESS",
];
/** From 2025-11-25 on. */
const checkOfDocuments =
  "authorization-server-metadata-endpoint:authorization-server-metadata-cimd SUCCESS";

const { running, folder } = sharedStack();
const issuer = () => new URL("/gateway", running().mcp).href;

let browser: Browser | undefined;
beforeAll(async () => {
  if (browserPath !== undefined) browser = await launchBrowser(browserPath);
});
afterAll(() => browser?.close());

/** As the suite asks of whoever runs it: its redirect URI, of which the port varies. */
async function registeredClient(): Promise<string> {
  const response = await fetch(`${issuer()}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: "The conformance suite",
      redirect_uris: ["http://127.0.0.1/callback"],
      token_endpoint_auth_method: "none",
    }),
  });
  expect(response.status).toBe(201);
  return JSON.parse(await response.text()).client_id;
}

async function openInBrowser(url: URL): Promise<void> {
  if (!browser) throw new Error(noBrowser);
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(url.href);
    await page.getByText("The conformance suite").first().waitFor();
    await page.getByRole("button", { name: "Allow" }).click();
    await page.locator(`button[value="${username}"]`).click();
    await page.getByText("You can close this page").waitFor();
  } finally {
    await context.close();
  }
}

async function openPageByPage(url: URL): Promise<void> {
  const back = await pickAccount(fetch, url, username);
  expect((await fetch(back)).status).toBe(200);
}

async function expectConformance(
  specVersion: SpecVersion,
  way: string,
  open: (url: URL) => Promise<void>,
): Promise<void> {
  const run = await runAuthorizationSuite({
    issuer: issuer(),
    clientId: await registeredClient(),
    resource: running().gateway,
    specVersion,
    outputFolder: join(folder(), `authorization-${way}-${specVersion}`),
    open,
  });
  // Neither skipped checks nor warnings count as passed.
  const expected = specVersion >= "2025-11-25" ? [...checks, checkOfDocuments] : checks;
  expect(run.checks, run.output).toEqual(expected);
  expect(run.exitCode, run.output).toBe(0);
  expect(run.opened?.searchParams.get("resource")).toBe(running().gateway);
}

describe("the gateway, before the conformance suite", () => {
  it(verifies("conformance.authorization", "passes all of its scenarios"), async () => {
    expect(Object.fromEntries(await authorizationScenarios())).toEqual({
      "authorization-server-metadata-endpoint": specVersions,
      "authorization-code-grant": specVersions,
    });
  });

  for (const specVersion of specVersions) {
    it(verifies("conformance.authorization", `passes ${specVersion} in a browser`), {
      timeout: suiteMilliseconds,
    }, async ({ skip }) => {
      skip(browserPath === undefined, noBrowser);
      await expectConformance(specVersion, "browser", openInBrowser);
    });
  }

  it(
    verifies("conformance.authorization", "passes without a browser too"),
    { timeout: suiteMilliseconds },
    () => expectConformance("2026-07-28", "pages", openPageByPage),
  );
});
