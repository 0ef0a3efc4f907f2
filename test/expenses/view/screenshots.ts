/**
 * Makes the pictures of the view in docs/images/, over a laptop stack of their own and in the tests'
 * host. By hand, when what they show has changed:
 *
 *     npx node test/expenses/view/screenshots.ts
 */
import { join } from "node:path";
import { apiIdentifierUri, apiScope } from "../../../local/directory.ts";
import { projectFolder } from "../../../local/paths.ts";
import { signIn } from "../../../local/sign-in.ts";
import { browserPath, launchBrowser, noBrowser } from "../../support/browser.ts";
import { connectClient } from "../../support/clients.ts";
import { startStack, temporaryFolder } from "../../support/stack.ts";
import { someExpenses } from "./fake-server.ts";
import { browserArguments, type OpenView, startHost } from "./open-view.ts";

const images = join(projectFolder, "docs", "images");

/** When the pictures are taken: the expenses are of the year before it. */
const now = new Date("2026-11-30T12:00:00Z");

const statement = [
  "Date,Description,Amount",
  "03/11/2026,Train to Hamburg,-115.70",
  "05/11/2026,Coffee at the station,-2.50",
  "05/11/2026,Coffee at the station,-2.50",
  "06/11/2026,Ticket refunded,19.90",
  "09/11/2026,Book about expenses,-24.00",
  "11/11/2026,Lunch at the harbour,-18.40",
].join("\n");

/** As high as what it shows, and not higher than said. */
async function picture({ page }: OpenView, name: string, width: number, highest: number) {
  const box = await page.locator("iframe").boundingBox();
  const height = Math.min(highest, Math.ceil(box?.height ?? highest));
  await page.screenshot({ path: join(images, name), clip: { x: 0, y: 0, width, height } });
}

if (browserPath === undefined) throw new Error(noBrowser);
await using folder = await temporaryFolder();
const stack = await startStack(folder.path, { options: ["--build"] });
await using browser = await launchBrowser(browserPath, browserArguments);
try {
  const { accessToken } = await signIn({
    issuer: stack.authority,
    username: "user1@contoso.example",
    scope: `${apiIdentifierUri}/${apiScope}`,
    clientName: "Screenshots",
  });
  const client = await connectClient("modern", new URL(stack.mcp), { accessToken });
  const server = {
    callTool: (call: Parameters<typeof client.callTool>[0]) => client.callTool(call),
    readResource: async (uri: string) => (await client.readResource({ uri })) as object,
  };
  for (const expense of someExpenses()) {
    await client.callTool({ name: "add_user_expense", arguments: { ...expense } });
  }
  const host = await startHost(browser);
  const shown = async (theme: string, width: number) => {
    const context = { theme };
    const view = await host.open({ server, width, height: 2_400, context });
    await view.page.clock.setFixedTime(now);
    const again = await host.open({ server, width, height: 2_400, context });
    await again.frame.locator(".expenses tbody tr").first().waitFor();
    await again.frame.locator(".bar").first().waitFor();
    return again;
  };

  await picture(await shown("light", 900), "view-light.png", 900, 1_060);
  await picture(await shown("dark", 900), "view-dark.png", 900, 1_060);
  await picture(await shown("light", 380), "view-narrow.png", 380, 1_650);

  const view = await shown("light", 900);
  const { frame } = view;
  await frame.getByRole("button", { name: "Import statement" }).click();
  await frame.getByLabel("Or paste its lines").fill(statement);
  await frame.getByRole("button", { name: "Check" }).click();
  await frame.getByLabel("Dates are written").selectOption("dmy");
  await frame.getByLabel("What you paid is").selectOption("negative");
  await frame.getByRole("heading", { name: "6 of 6 lines can be added" }).waitFor();
  await picture(view, "view-import.png", 900, 1_200);
} finally {
  await stack.stop();
}
