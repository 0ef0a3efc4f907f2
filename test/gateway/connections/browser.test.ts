import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Answer } from "../../../src/core/endpoint.ts";
import { verifies } from "../../requirements.ts";
import { browserPath, launchBrowser, noBrowser } from "../../support/browser.ts";
import { person, World } from "./world.ts";

/** Set to a folder to look at what the tests see. */
const pictures = process.env.GATEWAY_SCREENSHOTS;

const phone = { width: 360, height: 740 };
const desktop = { width: 1280, height: 900 };

let browser: Browser;
let own: Server;
/** Another site, as Entra is: its host is an address. */
let other: Server;
let world: World;
let context: BrowserContext;
let page: Page;
/** What the other site answers. */
let otherPage: string;

beforeAll(async () => {
  if (browserPath === undefined) return;
  browser = await launchBrowser(browserPath);
  own = await listening(async (request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://localhost");
    if (pathname === "/gateway/callback") return send(await world.signedIn(), response);
    const cookie = request.headers.cookie
      ?.split("; ")
      .find((one) => one.startsWith("__Host-gateway-connections="));
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    send(
      await (request.method === "POST" ? world.post(form, cookie) : world.get(cookie)),
      response,
    );
  });
  other = await listening((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(otherPage);
  });
});

afterAll(async () => {
  await browser?.close();
  for (const server of [own, other]) server?.close();
});

beforeEach(async ({ skip }) => {
  skip(browserPath === undefined, noBrowser);
  const signInUrl = `http://127.0.0.1:${portOf(other)}/`;
  world = new World(undefined, { issuer: `http://localhost:${portOf(own)}/gateway`, signInUrl });
  otherPage = `<a href="http://localhost:${portOf(own)}/gateway/callback">Signed in</a>`;
  context = await browser.newContext({ viewport: desktop });
  page = await context.newPage();
});

afterEach(() => context?.close());

async function listening(
  respond: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<Server> {
  const server = createServer(respond);
  await new Promise<void>((resolve) => server.listen(0, () => resolve()));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function send({ status, headers, body }: Answer, response: ServerResponse): void {
  response.writeHead(status, headers).end(body);
}

function address(): string {
  return `http://localhost:${portOf(own)}/gateway/connections`;
}

/** The page, after the sign-in that it asks for. */
async function open(): Promise<void> {
  await page.goto(address());
  await page.getByRole("link", { name: "Signed in" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
}

async function findings(): Promise<unknown> {
  const path = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  await page.evaluate(await readFile(path, "utf8"));
  return page.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))",
  );
}

function fillWithLongNames(): void {
  const long = "A really quite long name of an application that somebody chose ".repeat(2);
  world.grants.add(person, {
    grantId: "a1",
    clientName: long.trim(),
    clientDomain: `${"subdomain.".repeat(12)}example`,
    redirectUri: `https://client.example/${"path".repeat(40)}`,
  });
  world.grants.add(person, {
    grantId: "a2",
    clientName: `Unbroken${"x".repeat(120)}`,
    clientDomain: undefined,
    redirectUri: "http://127.0.0.1/callback",
  });
  world.grants.add(person, { grantId: "a3", clientName: "Visual Studio Code" });
}

describe.each([
  ["phone", phone],
  ["desktop", desktop],
])("the page of connections on a %s", (device, viewport) => {
  it.each([
    ["light", "long names", fillWithLongNames],
    ["dark", "long names", fillWithLongNames],
    ["light", "nothing", () => {}],
    ["dark", "one, which then ends", () => world.grants.add(person, { grantId: "a1" })],
  ] as const)(
    verifies("gateway.connections.readable", "is readable in %s, with %s"),
    async (colorScheme, what, fill) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      fill();
      await open();
      if (what.startsWith("one")) {
        await page.getByRole("button", { name: "End this connection" }).click();
        await page.getByRole("status").waitFor();
      }
      if (pictures) {
        const path = `${pictures}/${device}-${colorScheme}-${what.replaceAll(/\W+/g, "-")}.png`;
        await page.screenshot({ path, fullPage: true });
      }
      expect(await findings()).toEqual([]);
      const width = await page.evaluate("document.documentElement.scrollWidth");
      expect(width).toBeLessThanOrEqual(viewport.width);
    },
  );
});

describe("the page of connections in a browser", () => {
  it(
    verifies("gateway.connections.session", "is reached on the way back from another site"),
    async () => {
      world.grants.add(person, { grantId: "a1", clientName: "Visual Studio Code" });
      await open();
      expect(page.url()).toBe(address());
      expect(await page.getByRole("heading", { level: 2 }).textContent()).toBe(
        "Visual Studio Code",
      );
      expect(world.begun).toHaveLength(1);
      const [cookie] = await context.cookies();
      expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Lax" });
    },
  );

  it(verifies("gateway.connections.readable", "is used by keyboard alone"), async () => {
    for (const grantId of ["a1", "a2"]) {
      world.grants.add(person, { grantId, clientName: grantId });
    }
    await open();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("The connection of a2 has ended.").waitFor();
    expect(world.grants.ended.map(({ grantId }) => grantId)).toEqual(["a2"]);
    await page.getByRole("button", { name: "Sign out of this page" }).press("Enter");
    await page.getByText("You are signed out of this page.").waitFor();
    expect(await context.cookies()).toEqual([]);
  });

  it(verifies("gateway.connections.forms", "takes no form of another site"), async () => {
    world.grants.add(person, { grantId: "a1" });
    await open();
    const fields = await page
      .locator("form")
      .first()
      .evaluate((form) => (form as unknown as { innerHTML: string }).innerHTML);
    // Even with all that the page itself would send.
    otherPage = `<form method="post" action="${address()}">${fields}</form>`;
    await page.goto(`http://127.0.0.1:${portOf(other)}/`);
    await page.getByRole("button").click();
    await page.getByRole("heading", { name: "Sign in again" }).waitFor();
    expect(world.grants.ended).toEqual([]);
  });

  it(verifies("gateway.connections.framing", "is shown in no frame of another site"), async () => {
    world.grants.add(person, { grantId: "a1" });
    await open();
    otherPage = `<iframe src="${address()}"></iframe>`;
    await page.goto(`http://127.0.0.1:${portOf(other)}/`);
    const buttons = page.frameLocator("iframe").getByRole("button");
    expect(await buttons.count()).toBe(0);
  });
});
