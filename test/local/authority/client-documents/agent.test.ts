import { describe, expect, it } from "vitest";
import { verifies } from "../../../requirements.ts";
import { redirectUri } from "../../../support/document-host.ts";
import { claimsOf, refusalOf, tokensOf, user1ObjectId } from "../support.ts";
import {
  asClient,
  authorityWith,
  host,
  lines,
  pageOf,
  refresh,
  signIn,
  stateDirectory,
  useDocumentHost,
} from "./support.ts";

useDocumentHost();

describe("a client with a document", () => {
  it(verifies("client-documents.agent", "is an agent identity in its tokens"), async () => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    const tokens = await signIn(authority, url);
    const claims = claimsOf(tokens.access_token);
    expect(claims).toMatchObject({
      azp: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      azpacr: "0",
      idtyp: "user",
      oid: user1ObjectId,
      scp: "user_impersonation",
    });
    expect(String(claims.xms_act_fct).split(" ")).toContain("11");
    expect(claims).not.toHaveProperty("xms_sub_fct");
    expect(claimsOf(tokens.id_token).aud).toBe(url);
    const again = await tokensOf(refresh(authority, url, tokens.refresh_token));
    expect(claimsOf(again.access_token)).toMatchObject({ azp: claims.azp, idtyp: "user" });
    expect(lines).toEqual([
      expect.stringContaining(
        `agent-identity.created  document=${url} applicationId=${claims.azp}`,
      ),
    ]);
  });

  it(verifies("client-documents.agent", "leaves other clients' tokens as they are"), async () => {
    const authority = await authorityWith();
    const claims = claimsOf((await authority.signIn()).access_token);
    expect(claims).not.toHaveProperty("xms_act_fct");
    expect(claims).not.toHaveProperty("idtyp");
  });

  it(verifies("client-documents.agent", "has no credential and no grant of its own"), async () => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    const { refresh_token = "" } = await signIn(authority, url);
    const form = { grant_type: "refresh_token", client_id: url, refresh_token };
    const withSecret = authority.token({ ...form, client_secret: "secret" });
    expect(await refusalOf(withSecret)).toBe("401 invalid_client AADSTS700025");
    const alone = authority.token({ ...form, grant_type: "client_credentials" });
    expect(await refusalOf(alone)).toBe("400 unsupported_grant_type AADSTS70003");
  });

  it(verifies("client-documents.application-id", "keeps its id across restarts"), async () => {
    const dataDirectory = await stateDirectory();
    const [one, other] = [host.publish("/one"), host.publish("/other")];
    const before = await authorityWith({}, { dataDirectory });
    const tokens = await signIn(before, one);
    const { azp } = claimsOf(tokens.access_token);
    expect(claimsOf((await signIn(before, other)).access_token).azp).not.toBe(azp);
    await before.close();

    const after = await authorityWith({}, { dataDirectory });
    const refreshed = await tokensOf(refresh(after, one, tokens.refresh_token));
    expect(claimsOf(refreshed.access_token).azp).toBe(azp);
    const stranger = await authorityWith();
    expect(claimsOf((await signIn(stranger, one)).access_token).azp).not.toBe(azp);
  });

  it(verifies("client-documents.application-id", "is not known by that id"), async () => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    const { access_token, refresh_token = "" } = await signIn(authority, url);
    const client_id = String(claimsOf(access_token).azp);
    const page = await authority.authorize({ ...asClient(url), client_id });
    expect(await pageOf(page)).toBe("400 AADSTS700016");
    expect(await refusalOf(refresh(authority, client_id, refresh_token))).toContain("AADSTS700016");
  });

  it(verifies("client-documents.agent", "cannot use what another one was given"), async () => {
    const authority = await authorityWith();
    const [one, other] = [host.publish("/one"), host.publish("/other")];
    await signIn(authority, other);
    const { refresh_token } = await signIn(authority, one);
    expect(await refusalOf(refresh(authority, other, refresh_token))).toContain("AADSTS70000");
    const code = await authority.authorizationCode(asClient(one));
    const stolen = authority.redeem(code, { client_id: other, redirect_uri: redirectUri });
    expect(await refusalOf(stolen)).toContain("AADSTS70000");
  });

  it.each([
    ["another host", "https://evil.example/callback"],
    ["another path", `${redirectUri}/more`],
    ["https for http", redirectUri.replace("http:", "https:")],
    ["the host of its document", "https://client.example/callback"],
  ])(verifies("client-documents.judged", "is not answered at %s"), async (_what, redirect_uri) => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    const page = await authority.authorize({ ...asClient(url), redirect_uri });
    expect(await pageOf(page)).toBe("400 AADSTS50011");
  });

  it(verifies("client-documents.page", "is shown by name, host and destination"), async () => {
    const authority = await authorityWith();
    const client_name = `<b>Visual Studio Code</b>\u202e\u2066\u0000`;
    const url = host.publish("/client.json", { client_name });
    const page = await (await authority.authorize(asClient(url))).text();
    expect(page).toContain("<strong>&lt;b&gt;Visual Studio Code&lt;/b&gt;</strong> wants to:");
    expect(page).toContain(`at <strong>${new URL(url).host}</strong> calls itself`);
    expect(page).toContain("an application on this computer (127.0.0.1:33418)");
    expect(page).not.toMatch(/[\u202e\u2066\0]/);
    const known = await (await authority.authorize()).text();
    expect(known).not.toContain("calls itself");
  });
});
