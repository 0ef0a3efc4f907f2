import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { tenantId } from "../../../local/directory.ts";
import { listenOnLoopback } from "../../../local/loopback.ts";
import { readSignInForm } from "../../../local/sign-in-form.ts";
import { verifies } from "../../requirements.ts";
import { browserPath, launchBrowser, noBrowser } from "../../support/browser.ts";
import { sharedAuthority, user1, user1ObjectId } from "./support.ts";

const shared = await sharedAuthority();

/** What the page posts to the client, by name. */
function postedBy(page: string): { action: string; method: string; answer: URLSearchParams } {
  const form = readSignInForm(page);
  if (!form) throw new Error("There is no form on the page.");
  const { action, method, fields } = form;
  return {
    action,
    method,
    answer: new URLSearchParams(fields.map(({ name, value }): [string, string] => [name, value])),
  };
}

describe("an answer by form post", () => {
  it(verifies("authority.form-post", "has the code, the state and who signed in"), async () => {
    const form = await shared.openPage({
      response_mode: "form_post",
      redirect_uri: "http://127.0.0.1:33418/",
      client_info: "1",
    });
    const response = await shared.submit(form, { account: user1 });
    expect(response.status).toBe(200);
    expect(response.headers.get("location")).toBeNull();
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { action, method, answer } = postedBy(await response.text());
    expect([action, method]).toEqual(["http://127.0.0.1:33418/", "POST"]);
    expect([...answer.keys()]).toEqual(["code", "client_info", "state", "iss"]);
    expect(answer.get("state")).toBe("the-state");
    expect(
      JSON.parse(Buffer.from(answer.get("client_info") ?? "", "base64url").toString()),
    ).toEqual({ uid: user1ObjectId, utid: tenantId });
    const tokens = await shared.redeem(answer.get("code") ?? "");
    expect(tokens.status).toBe(200);
  });

  it(verifies("authority.form-post", "may be sent to that client alone"), async () => {
    const form = await shared.openPage({ response_mode: "form_post" });
    const response = await shared.submit(form, { account: user1 });
    const policy = response.headers.get("content-security-policy")?.split("; ");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action http://127.0.0.1:33418");
    expect(policy).toContainEqual(expect.stringMatching(/^script-src 'sha256-[\w+/]{43}='$/));
    expect(policy).toContain("frame-ancestors 'none'");
  });

  it(verifies("authority.form-post", "tells refusals and Cancel the same way"), async () => {
    const refused = await shared.authorize({ response_mode: "form_post", scope: undefined });
    expect(postedBy(await refused.text()).answer.get("error_description")).toMatch(/AADSTS900144/);
    const form = await shared.openPage({ response_mode: "form_post" });
    const cancelled = await shared.submit(form, { cancel: "true" });
    const { answer } = postedBy(await cancelled.text());
    expect([answer.get("error"), answer.get("state")]).toEqual(["access_denied", "the-state"]);
  });

  it(verifies("authority.page.escaping", "holds a hostile state as text"), async () => {
    const state = `"><script>alert(1)</script>`;
    const form = await shared.openPage({ response_mode: "form_post", state });
    const page = await (await shared.submit(form, { account: user1 })).text();
    expect(page).not.toContain("<script>alert");
    expect(postedBy(page).answer.get("state")).toBe(`"><script>alert(1)</script>`);
  });
});

describe("in a browser", () => {
  beforeEach(({ skip }) => skip(browserPath === undefined, noBrowser));

  it(verifies(["authority.form-post", "authority.browser"], "arrives by itself"), async () => {
    const server = createServer();
    const { port, close } = await listenOnLoopback(server, { part: "Test", port: 0 });
    onTestFinished(close);
    const redirectUri = `http://127.0.0.1:${port}/`;
    const browser = await launchBrowser(browserPath ?? "");
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    await page.goto(shared.authorizeUrl({ redirect_uri: redirectUri, response_mode: "form_post" }));
    const arrival = once(server, "request");
    // A click may last until the page that it leads to has been answered.
    const click = page.getByRole("button", { name: "Uma First" }).click();
    const [request, response] = await arrival;
    const answer = new URLSearchParams(await text(request));
    response.end("Signed in.");
    await click;
    await page.waitForURL(redirectUri);
    expect([request.method, answer.get("state")]).toEqual(["POST", "the-state"]);
    expect(answer.get("code")).toBeTruthy();
    expect(complaints).toEqual([]);
  });
});
