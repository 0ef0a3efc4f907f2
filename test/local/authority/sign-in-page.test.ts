import { describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { qualifiedScope, sharedAuthority, testAuthority } from "./support.ts";

const shared = await sharedAuthority();

/** What a reader sees, more or less. */
function textOf(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
}

describe("the sign-in page", () => {
  it(verifies("authority.page", "says who asks for what, where, and as whom"), async () => {
    const response = await shared.authorize({ scope: `${qualifiedScope} offline_access` });
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const text = textOf(await response.text());
    for (const words of [
      ...["MCP server", "Visual Studio Code wants to:", "Use the MCP server as you"],
      ...["Keep you signed in", "127.0.0.1:33418", "Ada Admin Administrator admin@contoso.example"],
      ...["Uma First user1@contoso.example", "Ugo Second user2@contoso.example", "Cancel"],
    ]) {
      expect(text).toContain(words);
    }
    expect(text).not.toContain("See your name");
    expect(text.match(/Administrator/g)).toHaveLength(1);
  });

  it.each([
    ["https://client.example/callback", "client.example"],
    ["https://xn--clent-2sa.example/", "xn--clent-2sa.example"],
    ["cursor://anysphere.cursor-mcp/callback", "cursor:// links"],
  ])(verifies("authority.page", "says where %s leads"), async (redirect_uri, words) => {
    const client_id = await shared.clientAt(redirect_uri);
    const page = await shared.authorize({ client_id, redirect_uri });
    expect(textOf(await page.text())).toContain(words);
  });

  it(verifies("authority.page", "offers the hinted account first to the keyboard"), async () => {
    const page = await shared.authorize({ login_hint: "USER2@contoso.example" });
    expect(await page.text()).toMatch(/value="user2@contoso.example" autofocus/);
  });

  it(verifies("authority.page.escaping", "shows a hostile client name as text"), async () => {
    const client_name = `"><script>alert('x')</script>&amp;\u202egnp.exe\u0000`;
    const redirect_uri = "https://client.example/?a='\"><img src=x>";
    const client_id = await shared.clientAt(redirect_uri, { client_name });
    const page = await (await shared.authorize({ client_id, redirect_uri })).text();
    expect(page).not.toContain("<script");
    expect(page).not.toContain("<img");
    expect(page).not.toContain("\u202e");
    expect(page).not.toContain("\u0000");
    expect(page).toContain(
      "<strong>&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;gnp.exe</strong>",
    );
  });

  it(verifies("authority.page.escaping", "shows a hostile request as text on errors"), async () => {
    const redirect_uri = "https://evil.example/<script>alert(1)</script>";
    const page = await (await shared.authorize({ redirect_uri })).text();
    expect(page).not.toContain("<script");
    expect(page).toContain("&lt;script&gt;");
    const other = await shared.authorize({ client_id: "<b>bold</b>" });
    expect(await other.text()).not.toContain("<b>");
  });
});

describe("the pages' policy", () => {
  const policyOf = (response: Response) =>
    new Map(
      response.headers
        .get("content-security-policy")
        ?.split("; ")
        .map((directive): [string, string] => {
          const [name = "", ...sources] = directive.split(" ");
          return [name, sources.join(" ")];
        }),
    );

  it(verifies("authority.page.policy", "allows nothing but its own style and form"), async () => {
    const response = await shared.authorize();
    const policy = policyOf(response);
    expect(Object.fromEntries(policy)).toEqual({
      "default-src": "'none'",
      "style-src": expect.stringMatching(/^'sha256-[A-Za-z0-9+/]{43}='$/),
      "form-action": "'self' http://127.0.0.1:33418",
      "frame-ancestors": "'none'",
      "base-uri": "'none'",
    });
    expect(response.headers.get("x-frame-options")).toBe("DENY");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it(verifies("authority.page.policy", "allows no form on error pages"), async () => {
    const response = await shared.authorize({ client_id: "nobody" });
    expect(policyOf(response).get("form-action")).toBe("'none'");
  });

  it.each([
    ["https://client.example:8443/callback?x=1", "'self' https://client.example:8443"],
    ["cursor://anysphere.cursor-mcp/callback", "'self' cursor:"],
    ["http://[::1]:5/callback", "'self' http:"],
  ])(verifies("authority.page.policy", "lets the form lead to %s"), async (uri, sources) => {
    const client_id = await shared.clientAt(uri);
    const response = await shared.authorize({ client_id, redirect_uri: uri });
    expect(policyOf(response).get("form-action")).toBe(sources);
  });

  it(verifies("authority.page.policy", "lets VS Code's page lead on to the editor"), async () => {
    const response = await shared.authorize({ redirect_uri: "https://vscode.dev/redirect" });
    const sources = policyOf(response).get("form-action")?.split(" ");
    expect(sources).toEqual(expect.arrayContaining(["https://vscode.dev", "vscode:"]));
  });
});

it.each(["image", "iframe", "script"])(
  verifies("authority.embedded", "is not for an %s of another page"),
  async (destination) => {
    const response = await fetch(shared.authorizeUrl(), {
      headers: { "Sec-Fetch-Dest": destination },
    });
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain("<form");
    const silent = await fetch(shared.authorizeUrl({ prompt: "none" }), {
      headers: { "Sec-Fetch-Dest": destination },
      redirect: "manual",
    });
    expect(silent.headers.get("location")).toContain("login_required");
  },
);

it(verifies("authority.log", "gets nothing that acts on a terminal, nor without end"), async () => {
  const logged: string[] = [];
  const authority = await testAuthority({
    log: (event, fields) => logged.push(JSON.stringify({ event, ...fields })),
  });
  const client_id = `\u001b[2J\u009b31m\u202e${"a".repeat(5_000)}`;
  await authority.authorize({ client_id });
  await authority.authorize({ resource: `https://evil.example/\u0085${"a".repeat(5_000)}` });
  expect(logged).toHaveLength(2);
  for (const line of logged) {
    expect(line).not.toMatch(/\p{C}|\\u00/u);
    expect(line.length).toBeLessThan(1_200);
  }
});

describe("the start page", () => {
  it(verifies("authority.start-page", "is at each address that somebody may open"), async () => {
    for (const url of [shared.issuer, shared.base, shared.origin]) {
      const response = await fetch(url);
      expect([url, response.status]).toEqual([url, 200]);
      const text = textOf(await response.text());
      expect(text).toContain("stands in for Microsoft Entra");
      expect(text).toContain("npx @modelcontextprotocol/inspector --server-url");
      expect(text).toContain("user1@contoso.example");
    }
  });
});
