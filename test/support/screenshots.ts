/**
 * Makes the README's pictures of the sign-in page and of the Inspector's web page, in docs/images/.
 * By hand, when what they show has changed, with the laptop stack running in another terminal:
 *
 *     npx node test/support/screenshots.ts
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../../local/paths.ts";
import { browserPath, launchBrowser, noBrowser } from "./browser.ts";
import { callInPage, openSignInPage, signInToTools, startInspector } from "./inspector.ts";

if (browserPath === undefined) throw new Error(noBrowser);
const images = join(projectFolder, "docs", "images");
const home = await mkdtemp(join(tmpdir(), "screenshots-"));
try {
  await using inspector = await startInspector("http://localhost:7071/mcp", home);
  await using browser = await launchBrowser(browserPath);
  const page = await openSignInPage(browser, inspector);
  await page.screenshot({
    path: join(images, "sign-in.png"),
    clip: { x: 396, y: 30, width: 488, height: 730 },
  });
  await signInToTools(page, "user1@contoso.example");
  await callInPage(page, "get_user_details");
  await page.getByText("display name: Uma First").waitFor();
  await page.getByText("Authentication succeeded").waitFor({ state: "hidden" });
  await page.screenshot({
    path: join(images, "inspector.png"),
    clip: { x: 0, y: 0, width: 1280, height: 680 },
  });
} finally {
  await rm(home, { recursive: true, force: true });
}
