import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { vscodeClientId } from "../../../local/directory.ts";
import { verifies } from "../../requirements.ts";
import { temporaryFolder } from "../../support/stack.ts";
import {
  claimsOf,
  qualifiedScope,
  refusalOf,
  type TestAuthority,
  testAuthority,
  tokensOf,
  user1,
} from "./support.ts";

const scope = `${qualifiedScope} offline_access`;
const user2 = "user2@contoso.example";
const revoked = "400 invalid_grant AADSTS50173";
const disabled = "400 invalid_grant AADSTS50057";

const refresh = (authority: TestAuthority, refresh_token = "") =>
  authority.token({ grant_type: "refresh_token", client_id: vscodeClientId, refresh_token });

const change = (authority: TestAuthority, body: unknown) =>
  fetch(`${authority.origin}/_local/accounts`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

describe("revoked sessions", () => {
  it(
    verifies("authority.revoke", "end the person's codes and refresh tokens, not later ones"),
    async () => {
      const authority = await testAuthority();
      const code = await authority.authorizationCode({ scope });
      const mine = await authority.signIn({ scope });
      const others = await authority.signIn({ scope }, user2);
      expect((await change(authority, { username: user1, revokeSessions: true })).status).toBe(204);

      expect(await refusalOf(authority.redeem(code))).toBe(revoked);
      expect(await refusalOf(refresh(authority, mine.refresh_token))).toBe(revoked);
      expect((await refresh(authority, others.refresh_token)).status).toBe(200);

      const later = await authority.signIn({ scope });
      const refreshed = await tokensOf(refresh(authority, later.refresh_token));
      await authority.change({ username: user1, revokeSessions: true });
      expect(await refusalOf(refresh(authority, refreshed.refresh_token))).toBe(revoked);
    },
  );

  it(verifies("authority.revoke", "stay revoked across a restart"), async () => {
    const folder = await temporaryFolder();
    onTestFinished(() => folder[Symbol.asyncDispose]());
    const dataDirectory = join(folder.path, "state");
    const before = await testAuthority({ dataDirectory });
    const { refresh_token } = await before.signIn({ scope });
    await before.change({ username: user1, revokeSessions: true });
    await before.close();
    const after = await testAuthority({ dataDirectory });
    expect(await refusalOf(refresh(after, refresh_token))).toBe(revoked);
  });
});

describe("a disabled account", () => {
  it(verifies("authority.disable", "gets no tokens until it is enabled"), async () => {
    const authority = await testAuthority();
    const code = await authority.authorizationCode({ scope });
    const { refresh_token } = await authority.signIn({ scope });
    await change(authority, { username: user1, enabled: false });
    expect(await refusalOf(authority.redeem(code))).toBe(disabled);
    expect(await refusalOf(refresh(authority, refresh_token))).toBe(disabled);

    await change(authority, { username: user1, enabled: true });
    expect((await authority.redeem(code)).status).toBe(200);
    expect((await refresh(authority, refresh_token)).status).toBe(200);
  });

  it(verifies("authority.disable", "is told so on the sign-in page, and not let in"), async () => {
    const authority = await testAuthority();
    await authority.change({ username: user1, enabled: false });
    const page = await authority.submit(await authority.openPage(), { account: user1 });
    expect(page.status).toBe(400);
    expect(await page.text()).toContain("AADSTS50057");
  });

  it(verifies("authority.disable", "is named where there is none such"), async () => {
    const authority = await testAuthority();
    const unknown = await change(authority, { username: "eve", enabled: false });
    expect(unknown.status).toBe(400);
    expect(await unknown.text()).toContain(user1);
    await expect(authority.change({ username: "eve" })).rejects.toThrow(user1);
    expect((await change(authority, { username: user1, disabled: true })).status).toBe(400);
  });
});

describe("a demand at refresh", () => {
  it(verifies("authority.demand.refresh", "holds until the person signs in with it"), async () => {
    const authority = await testAuthority();
    const before = await authority.signIn({ scope });
    authority.demand({ username: user1, at: "refresh" });
    const response = await refresh(authority, before.refresh_token);
    const { claims = "", ...body } = (await response.json()) as Record<string, string>;
    expect(body).toMatchObject({ error: "interaction_required", error_codes: [50076] });
    expect(JSON.parse(claims)).toEqual({
      access_token: { acrs: { essential: true, value: "c1" } },
    });

    const after = await authority.signIn({ scope, claims });
    const { access_token } = await tokensOf(refresh(authority, after.refresh_token));
    expect(claimsOf(access_token).acrs).toEqual(["c1"]);
  });

  it(verifies("authority.demand.refresh", "is apart from one at the exchange"), async () => {
    const authority = await testAuthority();
    const { refresh_token } = await authority.signIn({ scope });
    authority.demand({ username: user1 });
    expect((await refresh(authority, refresh_token)).status).toBe(200);
    authority.demand({ username: user1, at: "refresh", code: "AADSTS53003" });
    expect(await refusalOf(refresh(authority, refresh_token))).toBe(
      "400 interaction_required AADSTS53003",
    );
    await fetch(`${authority.origin}/_local/demands`, { method: "DELETE" });
    expect((await refresh(authority, refresh_token)).status).toBe(200);
  });
});
