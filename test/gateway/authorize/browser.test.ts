import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { browserPath, launchBrowser, noBrowser } from "../../support/browser.ts";
import { type ServedWorld, serveWorld } from "./in-browser.ts";
import { authorizeRequest, documentClient, issuer, World } from "./world.ts";

let browser: Browser;
let world: World;
let served: ServedWorld;

beforeAll(async () => {
  if (browserPath === undefined) return;
  browser = await launchBrowser(browserPath);
  world = new World();
  served = await serveWorld(world);
});

beforeEach(({ skip }) => skip(browserPath === undefined, noBrowser));

afterAll(async () => {
  await browser?.close();
  await served?.close();
});

function addressFor(changes: Readonly<Record<string, string>> = {}): string {
  const request = { ...authorizeRequest({ redirect_uri: served.client }), ...changes };
  return `${served.origin}/gateway/authorize?${new URLSearchParams(request as typeof changes)}`;
}

/** A page of a browser of its own, with what went wrong in it. */
async function open(options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on("console", (message) => trouble.push(message.text()));
  page.on("pageerror", ({ message }) => trouble.push(message));
  return { page, context, trouble, [Symbol.asyncDispose]: () => context.close() };
}

async function findings(page: Page): Promise<unknown> {
  const path = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  await page.evaluate(await readFile(path, "utf8"));
  return page.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))",
  );
}

describe("the way through a browser", () => {
  it(
    verifies(
      ["gateway.consent.allow", "gateway.pages.goes-on", "gateway.sign-in.browser"],
      "goes from Allow to Entra and back to the client",
    ),
    async () => {
      await using opened = await open();
      const { page, context, trouble } = opened;
      await page.goto(addressFor({ state: "allowed" }));
      await page.getByRole("button", { name: "Allow" }).click();
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("The client has its answer.").waitFor();
      expect(Object.fromEntries(served.told.at(-1)?.searchParams ?? [])).toEqual({
        ...{ code: expect.stringMatching(/^gwc_/), state: "allowed", iss: issuer },
      });
      const names = (await context.cookies()).map(({ name }) => name);
      expect(names).toEqual(["__Host-gateway-consent"]);
      expect(trouble).toEqual([]);
    },
  );

  it(
    verifies(["gateway.consent.deny", "gateway.pages.goes-on"], "goes from Deny to the client"),
    async () => {
      await using opened = await open();
      const { page, trouble } = opened;
      await page.goto(addressFor({ state: "denied" }));
      await page.getByRole("button", { name: "Deny" }).click();
      await page.getByText("The client has its answer.").waitFor();
      expect(Object.fromEntries(served.told.at(-1)?.searchParams ?? [])).toEqual({
        ...{ error: "access_denied", state: "denied", iss: issuer },
      });
      expect(trouble).toEqual([]);
    },
  );

  it(
    verifies("gateway.pages.double-click", "needs the pointer to have been there for a moment"),
    async () => {
      await using opened = await open();
      const { page } = opened;
      const press = async () => {
        await page.mouse.down();
        await page.mouse.up();
      };
      await page.goto(addressFor({ state: "pressed" }));
      const box = await page.getByRole("button", { name: "Deny" }).boundingBox();
      if (!box) throw new Error("There is no button.");
      const place = [box.x + box.width / 2, box.y + box.height / 2] as const;
      await page.mouse.move(...place);
      await press();
      // The pointer lies still, and the page comes beneath it.
      await page.goto("about:blank");
      await page.goto(addressFor({ state: "pressed" }));
      await press();
      const events = "getComputedStyle(document.querySelector('button')).pointerEvents";
      await expect.poll(() => page.evaluate(events)).toBe("auto");
      expect(new URL(page.url()).searchParams.get("state")).toBe("pressed");
      await press();
      await page.getByText("The client has its answer.").waitFor();
      expect(served.told.at(-1)?.searchParams.get("state")).toBe("pressed");
    },
  );

  it(verifies("gateway.pages.policy", "shows nothing in a frame of another page"), async () => {
    await using opened = await open();
    const { page, trouble } = opened;
    await page.goto(served.framing + new URL(addressFor()).search);
    await expect.poll(() => trouble.join()).toContain("frame-ancestors 'none'");
    expect(await page.frameLocator("iframe").getByRole("button").count()).toBe(0);
  });
});

const looks = [
  ["phone", "light"],
  ["desktop", "dark"],
] as const;
const sizes = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };

const names = [
  ["usual", "Example Client"],
  ["long", "W".repeat(200)],
  ["right-to-left", "תוכנת דוגמה (nimda tsurt)"],
] as const;

describe("the consent page as people see it", () => {
  it.each(looks.flatMap((look) => names.map((name) => [...look, ...name] as const)))(
    verifies("gateway.pages.readable", "on a %s, %s, with a %s name"),
    async (device, colorScheme, kind, name) => {
      const id = `https://client.example/${kind}.json`;
      world.clients.set(id, { ...documentClient, id, name });
      await using opened = await open({ viewport: sizes[device], colorScheme });
      const { page, trouble } = opened;
      await page.goto(addressFor({ client_id: id }));
      const overflow = await page.evaluate<number>(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      expect(overflow).toBe(0);
      expect(await findings(page)).toEqual([]);
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(
        colorScheme === "dark" ? "rgb(15, 19, 25)" : "rgb(242, 244, 248)",
      );
      expect(trouble).toEqual([]);
      const folder = process.env.GATEWAY_SCREENSHOTS;
      if (folder !== undefined) {
        const path = `${folder}/${device}-${colorScheme}-${kind}.png`;
        await page.screenshot({ path, fullPage: true });
      }
    },
  );

  it(
    verifies("gateway.pages.readable", "can be used by keyboard, and allows nothing by itself"),
    async () => {
      await using opened = await open();
      const { page } = opened;
      await page.goto(addressFor());
      expect(await page.evaluate("document.activeElement === document.body")).toBe(true);
      const focused = [];
      for (let presses = 0; presses < 2; presses += 1) {
        await page.keyboard.press("Tab");
        focused.push(await page.evaluate("document.activeElement.textContent"));
      }
      expect(focused).toEqual(["Allow", "Deny"]);
    },
  );
});
