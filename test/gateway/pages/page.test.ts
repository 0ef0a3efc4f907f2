import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Html, html } from "../../../src/core/html.ts";
import { errorPage, pageAnswer } from "../../../src/gateway/pages/page.ts";
import { verifies } from "../../requirements.ts";

const hostile = `"><script>alert('x')</script>&amp;`;
const escaped = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;";

describe("the template", () => {
  it(verifies("gateway.pages.escaping", "escapes text in elements and attributes"), () => {
    expect(String(html`<p title="${hostile}">${hostile}</p>`)).toBe(
      `<p title="${escaped}">${escaped}</p>`,
    );
  });

  it(verifies("gateway.pages.escaping", "takes markup of its own as it is, in lists too"), () => {
    const items = ["<a>", "b"].map((text) => html`<li>${text}</li>`);
    expect(String(html`<ul>${items}${undefined}${html`<li>${7}</li>`}</ul>`)).toBe(
      "<ul><li>&lt;a&gt;</li><li>b</li><li>7</li></ul>",
    );
  });

  it(verifies("gateway.pages.escaping", "takes nothing else for markup"), () => {
    const forged = Object.assign(Object.create(Html.prototype), { toString: () => "<b>" });
    expect(String(html`${forged}`)).toBe("&lt;b&gt;");
    expect(String(html`${["<b>"] as unknown as Html[]}`)).toBe("&lt;b&gt;");
  });
});

describe("a page", () => {
  const page = pageAnswer({ status: 200, title: "A <title>", body: html`<p>Hello</p>` });

  it(
    verifies("gateway.pages.policy", "loads nothing, runs nothing and is framed by nobody"),
    () => {
      const style = /<style>(.*?)<\/style>/s.exec(String(page.body))?.[1] ?? "";
      const hash = createHash("sha256").update(style).digest("base64");
      expect(page.headers).toEqual({
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
      });
      expect(page.body).not.toMatch(/<script|\bstyle=|\son\w+=|\ssrc=/);
    },
  );

  it(verifies("gateway.pages.readable", "has a language, a heading and a width for phones"), () => {
    expect(page.body).toContain('<html lang="en">');
    expect(page.body).toContain("<h1>A &lt;title&gt;</h1>");
    expect(page.body).toContain("<title>A &lt;title&gt;</title>");
    expect(page.body).toContain('content="width=device-width, initial-scale=1"');
  });

  it(verifies("gateway.pages.goes-on", "goes on by Refresh, and sets its one cookie"), () => {
    const goesOnTo = "https://login.example/authorize?a=1;b,c&d='e'";
    const { headers } = pageAnswer({
      ...{ status: 200, title: "On", body: html`<p>On</p>` },
      ...{ goesOnTo, setCookie: "__Host-a=b; Secure" },
    });
    expect(headers).toMatchObject({
      refresh: `0; url=${goesOnTo}`,
      "set-cookie": "__Host-a=b; Secure",
    });
  });

  it.each(["https://a.example/\r\nset-cookie: a=b", "https://ä.example/", "\u0000", ""])(
    verifies("gateway.pages.goes-on", "puts into no header what would be another one: %j"),
    (goesOnTo) => {
      const of = { status: 200, title: "On", body: html`` };
      expect(() => pageAnswer({ ...of, goesOnTo })).toThrow(RangeError);
      expect(() => pageAnswer({ ...of, setCookie: goesOnTo })).toThrow(RangeError);
    },
  );
});

describe("an error page", () => {
  it(verifies("gateway.pages.errors", "says what is wrong to the person and the developer"), () => {
    const { status, body } = errorPage({
      message: `The application "${hostile}" is not known.`,
      forDevelopers: "Send client_id once.",
    });
    expect(status).toBe(400);
    expect(body).toContain(`The application &quot;${escaped}&quot; is not known.`);
    expect(body).toContain("For whoever wrote the application: Send client_id once.");
    expect(body).not.toContain("<script");
  });

  it(verifies("gateway.pages.errors", "says when it is worth trying again"), () => {
    const answer = errorPage({ status: 503, message: "Busy.", retryAfterSeconds: 10 });
    expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "10" } });
    expect(answer.body).not.toContain("For whoever wrote");
  });
});
