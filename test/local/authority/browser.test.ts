import { createServer } from "node:http";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { listenOnLoopback } from "../../../local/loopback.ts";
import { verifies } from "../../requirements.ts";
import { browserPath, launchBrowser, noBrowser } from "../../support/browser.ts";
import { claimsOf, sharedAuthority, type TokenResponse, user1ObjectId } from "./support.ts";

const shared = await sharedAuthority();
let browser: Browser;

beforeAll(async () => {
  if (browserPath === undefined) return;
  browser = await launchBrowser(browserPath);
});

afterAll(() => browser?.close());

/** A client that listens at a loopback port for the authorization response, as editors do. */
async function startClient(): Promise<{ redirectUri: string; answer: Promise<URLSearchParams> }> {
  const answer = Promise.withResolvers<URLSearchParams>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://127.0.0.1");
    if (url.searchParams.size > 0) answer.resolve(url.searchParams);
    response.end("Signed in. Go back to the editor.");
  });
  const { port, close } = await listenOnLoopback(server, { part: "Test", port: 0 });
  onTestFinished(close);
  return { redirectUri: `http://127.0.0.1:${port}/`, answer: answer.promise };
}

/** The sign-in page, and what the browser complained of. */
async function openPage(redirectUri: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("requestfailed", (request) => complaints.push(request.url()));
  await page.goto(shared.authorizeUrl({ redirect_uri: redirectUri }));
  return { page, complaints };
}

describe("in a browser", () => {
  beforeEach(({ skip }) => skip(browserPath === undefined, noBrowser));

  it(verifies("authority.browser", "picking an account leads to the client"), async () => {
    const client = await startClient();
    const { page, complaints } = await openPage(client.redirectUri);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("MCP server");
    expect(await page.getByRole("button").count()).toBe(4);
    await page.getByRole("button", { name: "Uma First" }).click();
    await page.waitForURL(`${client.redirectUri}**`);
    expect(await page.textContent("body")).toContain("Signed in");

    const code = (await client.answer).get("code") ?? "";
    const response = await shared.redeem(code, { redirect_uri: client.redirectUri });
    const { access_token } = (await response.json()) as TokenResponse;
    expect(claimsOf(access_token).oid).toBe(user1ObjectId);
    // A policy that blocked the style or the form would be reported here.
    expect(complaints).toEqual([]);
  });

  it(verifies("authority.browser", "the keyboard is enough"), async () => {
    const client = await startClient();
    const { page } = await openPage(client.redirectUri);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").getAttribute("value")).toBe("user1@contoso.example");
    await page.keyboard.press("Enter");
    expect((await client.answer).get("code")).toBeTruthy();
  });

  it(verifies(["authority.browser", "authority.cancel"], "Cancel arrives there too"), async () => {
    const client = await startClient();
    const { page } = await openPage(client.redirectUri);
    await page.getByRole("button", { name: "Cancel" }).click();
    expect((await client.answer).get("error")).toBe("access_denied");
  });

  it(verifies("authority.page.policy", "the page's style applies"), async () => {
    const client = await startClient();
    const { page } = await openPage(client.redirectUri);
    const radius = await page
      .locator("main")
      .evaluate((element) =>
        String(Reflect.get(globalThis, "getComputedStyle")(element).borderRadius),
      );
    expect(radius).toBe("16px");
  });
});
