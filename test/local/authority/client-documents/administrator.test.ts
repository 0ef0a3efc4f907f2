import { describe, expect, it } from "vitest";
import { verifies } from "../../../requirements.ts";
import { control } from "../../../support/shared-stack.ts";
import { answerOf, redirectedRefusalOf, refusalOf } from "../support.ts";
import {
  asClient,
  authorityWith,
  host,
  lines,
  refresh,
  signIn,
  stateDirectory,
  useDocumentHost,
} from "./support.ts";

useDocumentHost();

describe("the administrator", () => {
  const cited = "client-documents.administrator";
  const path = "/_local/client-documents";

  it(verifies(cited, "is waited for, until the document's URL is granted"), async () => {
    const authority = await authorityWith({ administratorGrants: true });
    const url = host.publish("/it's.json");
    const refused = await authority.authorize(asClient(url));
    expect(redirectedRefusalOf(refused)).toBe("access_denied AADSTS90094");
    expect(answerOf(refused).get("error_description")).toContain("An agent needs permission");
    expect((await authority.authorize()).status).toBe(200);

    const [line = ""] = lines;
    expect(line).toContain(`document=${url} reason=It waits for the administrator.`);
    const [, body = "", address = ""] = / -d '(.*)' (\S+)$/.exec(line) ?? [];
    expect(address).toBe(`${authority.origin}${path}`);
    await control(address, "", JSON.parse(body.replaceAll("'\\''", "'")));
    expect((await authority.authorize(asClient(url))).status).toBe(200);
    const other = await authority.authorize(asClient(host.publish("/other.json")));
    expect(redirectedRefusalOf(other)).toBe("access_denied AADSTS90094");
  });

  it(verifies(cited, "may grant before anybody asks, and revoke"), async () => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    await control(authority.origin, path, { administratorGrants: true, grant: url });
    const { refresh_token } = await signIn(authority, url);
    await control(authority.origin, path, { revoke: url });
    expect(await refusalOf(refresh(authority, url, refresh_token))).toBe(
      "400 invalid_grant AADSTS65001",
    );
    expect(redirectedRefusalOf(await authority.authorize(asClient(url)))).toContain("AADSTS90094");
    await control(authority.origin, path, { administratorGrants: false });
    expect((await refresh(authority, url, refresh_token)).status).toBe(200);
  });

  it(verifies(cited, "is remembered across a restart"), async () => {
    const dataDirectory = await stateDirectory();
    const url = host.publish("/client.json");
    const before = await authorityWith({ administratorGrants: true }, { dataDirectory });
    await control(before.origin, path, { grant: url });
    await before.close();
    const after = await authorityWith({ administratorGrants: true }, { dataDirectory });
    expect((await after.authorize(asClient(url))).status).toBe(200);
  });

  it.each([
    ["a URL that is none of a document", { grant: "https://client.example" }, "must have a path"],
    ["what it does not know", { allow: "127.0.0.1" }, "allow"],
    ["no object", [], "expected object"],
  ])(verifies(cited, "is told about %s"), async (_what, body, words) => {
    const authority = await authorityWith();
    const response = await fetch(`${authority.origin}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(words);
  });

  it(verifies(cited, "is not a web page elsewhere"), async () => {
    const authority = await authorityWith({ administratorGrants: true });
    const grant = host.publish("/client.json");
    const sent = await fetch(`${authority.origin}${path}`, {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: JSON.stringify({ grant }),
    });
    expect(sent.status).toBe(400);
    const asked = await fetch(`${authority.origin}${path}`, { method: "OPTIONS" });
    expect(asked.headers.get("access-control-allow-origin")).toBeNull();
    expect(redirectedRefusalOf(await authority.authorize(asClient(grant)))).toContain(
      "AADSTS90094",
    );
  });
});
