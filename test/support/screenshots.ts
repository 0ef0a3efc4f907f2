/**
 * Makes pictures in docs/images/: for the README the sign-in page, and the view in the Inspector's web
 * page; for docs/gateway.md the consent page. By hand, when what they show has changed:
 *
 *     npx node test/support/screenshots.ts
 */
import { join } from "node:path";
import { apiIdentifierUri, apiScope } from "../../local/directory.ts";
import { projectFolder } from "../../local/paths.ts";
import { signIn } from "../../local/sign-in.ts";
import { someExpenses } from "../expenses/view/fake-server.ts";
import { browserPath, launchBrowser, noBrowser } from "./browser.ts";
import { connectClient } from "./clients.ts";
import { openSignInPage, signInToTools, startInspector } from "./inspector.ts";
import { startStack, temporaryFolder } from "./stack.ts";

if (browserPath === undefined) throw new Error(noBrowser);
const images = join(projectFolder, "docs", "images");
const username = "user1@contoso.example";
await using folder = await temporaryFolder();
const stack = await startStack(folder.path, { options: ["--build"] });
try {
  const { accessToken } = await signIn({
    issuer: stack.authority,
    username,
    scope: `${apiIdentifierUri}/${apiScope}`,
    clientName: "Screenshots",
  });
  const client = await connectClient("modern", new URL(stack.mcp), { accessToken });
  for (const expense of someExpenses()) {
    await client.callTool({ name: "add_user_expense", arguments: { ...expense } });
  }
  await client.close();

  await using inspector = await startInspector(stack.mcp, folder.path);
  await using browser = await launchBrowser(browserPath);
  const page = await openSignInPage(browser, inspector);
  await page.screenshot({
    path: join(images, "sign-in.png"),
    clip: { x: 396, y: 18, width: 488, height: 752 },
  });
  await using atGateway = await startInspector(stack.gateway, folder.path);
  const consent = await openSignInPage(browser, atGateway);
  await consent.locator("main").screenshot({ path: join(images, "consent.png") });
  await page.setViewportSize({ width: 1280, height: 960 });
  await signInToTools(page, username);
  await page.getByText("Apps", { exact: true }).click();
  await page.getByRole("button", { name: /^List expenses List/ }).click();
  await page.getByRole("button", { name: "Open App" }).click();
  // The Inspector shows the view in a frame within a frame.
  const view = page.frameLocator("iframe").frameLocator("iframe");
  await view.getByText("Coffee, three cups").first().waitFor({ state: "attached" });
  await page.getByText("Authentication succeeded").waitFor({ state: "hidden" });
  await page.screenshot({
    path: join(images, "inspector.png"),
    clip: { x: 0, y: 0, width: 1280, height: 887 },
  });
} finally {
  await stack.stop();
}
