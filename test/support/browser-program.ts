/**
 * What `BROWSER` names in a test: signs in on the page of its argument, as the account that the file
 * beside it names, and adds the page to a list.
 */
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { signInAsPerson } from "../../local/browser-sign-in.ts";
import { pickAccount } from "../../local/pick-account.ts";

const [folder = "", page = ""] = process.argv.slice(2);
await appendFile(join(folder, "opened"), `${page}\n`);
const account = await readFile(join(folder, "account"), "utf8");
const url = new URL(page);
// The gateway asks for consent before.
if (url.pathname.startsWith("/gateway/")) await fetch(await pickAccount(fetch, url, account));
else await signInAsPerson(page, { account });
