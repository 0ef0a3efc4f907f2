import { readSignInForm } from "./sign-in-form.ts";

/** What somebody does on the sign-in page. */
export type Choice = { readonly account: string } | { readonly cancel: "true" };

/**
 * Signs in as a person in a browser does: opens the page, picks an account, and follows the answer
 * to the client, whether it is a redirect or a form that the page posts by itself.
 *
 * @returns what the client shows then
 */
export async function signInAsPerson(authorizationUrl: string, choice: Choice): Promise<Response> {
  const page = await fetch(authorizationUrl, { redirect: "manual" });
  // A refusal goes to the client at once.
  if (page.status !== 200) return toClient(page);
  const [html, isAutomatic] = await read(page);
  return toClient(await submit(html, page.url, isAutomatic ? {} : choice));
}

/** Enters a device's code on the page where it belongs, then picks an account there. */
export async function enterDeviceCode(
  verificationUri: string,
  userCode: string,
  choice: Choice,
): Promise<Response> {
  const page = await fetch(verificationUri);
  const accounts = await submit(await page.text(), page.url, { user_code: userCode });
  if (!accounts.ok) return accounts;
  return submit(await accounts.text(), accounts.url, choice);
}

async function read(page: Response): Promise<[html: string, isAutomatic: boolean]> {
  const html = await page.text();
  return [html, html.includes("document.forms[0].submit()")];
}

async function toClient(answer: Response): Promise<Response> {
  const location = answer.headers.get("location");
  if (location !== null) return fetch(location);
  const [html, isAutomatic] = await read(answer.clone());
  return isAutomatic ? submit(html, answer.url, {}) : answer;
}

function submit(html: string, base: string, pressed: Record<string, string>): Promise<Response> {
  const form = readSignInForm(html);
  if (!form) throw new Error("There is no form on the page.");
  return fetch(new URL(form.action, base), {
    method: form.method,
    redirect: "manual",
    body: new URLSearchParams([
      ...form.fields.map(({ name, value }): [string, string] => [name, value]),
      ...Object.entries(pressed),
    ]),
  });
}
