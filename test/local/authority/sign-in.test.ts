import { createRemoteJWKSet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { apiClientId } from "../../../local/directory.ts";
import { SignInError } from "../../../local/pick-account.ts";
import { type SignInOptions, signIn } from "../../../local/sign-in.ts";
import { verifies } from "../../requirements.ts";
import {
  qualifiedScope,
  serverUrl,
  sharedAuthority,
  tenantWith,
  testAuthority,
  user1,
  user1ObjectId,
} from "./support.ts";

const shared = await sharedAuthority();

const optionsFor = (issuer: string, changes: Partial<SignInOptions> = {}): SignInOptions => ({
  issuer,
  username: user1,
  scope: qualifiedScope,
  clientName: "The tests",
  ...changes,
});

describe("signing in without a browser", () => {
  it(verifies("sign-in.account", "gets an access token that verifies"), async () => {
    const result = await signIn(optionsFor(shared.issuer));
    expect(result).toEqual({ clientId: expect.any(String), accessToken: expect.any(String) });
    const keys = createRemoteJWKSet(new URL(shared.keysUrl));
    const { payload } = await jwtVerify(result.accessToken, keys, {
      issuer: shared.issuer,
      audience: apiClientId,
    });
    expect(payload).toMatchObject({ oid: user1ObjectId, scp: "user_impersonation" });
  });

  it(verifies("sign-in.account", "gets a refresh token where that is asked"), async () => {
    const scope = `${qualifiedScope} offline_access`;
    const result = await signIn(optionsFor(shared.issuer, { scope }));
    expect(result.refreshToken).toEqual(expect.any(String));
  });

  it(verifies("sign-in.account", "names the server that the token is for"), async () => {
    const { issuer } = await testAuthority({ tenant: tenantWith() });
    const named = await signIn(optionsFor(issuer, { resource: serverUrl }));
    expect(named.accessToken).toEqual(expect.any(String));
    const other = signIn(optionsFor(issuer, { resource: `${serverUrl}/` }));
    await expect(other).rejects.toThrow("AADSTS9010010");
  });

  it(verifies("sign-in.errors", "names the accounts there are"), async () => {
    const signingIn = signIn(optionsFor(shared.issuer, { username: "eve" }));
    await expect(signingIn).rejects.toThrow(
      new SignInError(
        "There is no account eve. The accounts are admin@contoso.example, user1@contoso.example, user2@contoso.example.",
      ),
    );
  });

  it(verifies("sign-in.errors", "says how to start the stack"), async () => {
    const authority = await testAuthority();
    await authority.close();
    await expect(signIn(optionsFor(authority.issuer))).rejects.toThrow(/npm start/);
  });

  it(verifies("sign-in.errors", "says what the authority refused"), async () => {
    const signingIn = signIn(optionsFor(shared.issuer, { scope: "user_impersonation" }));
    await expect(signingIn).rejects.toThrow(/AADSTS650053.*api:\/\/mcp-local/);
    const authority = await testAuthority();
    authority.setOutage({ token: true });
    await expect(signIn(optionsFor(authority.issuer))).rejects.toThrow("AADSTS90033");
  });

  it.each(["state", "iss"])(
    verifies("sign-in.errors", "takes no answer with another %s for its own"),
    async (parameter) => {
      const tampering: typeof fetch = async (url, init) => {
        const response = await fetch(url, init);
        const location = URL.parse(response.headers.get("location") ?? "");
        if (!location) return response;
        location.searchParams.set(parameter, "another");
        return new Response(null, { status: 303, headers: { Location: location.href } });
      };
      const signingIn = signIn(optionsFor(shared.issuer, { fetch: tampering }));
      await expect(signingIn).rejects.toThrow("belongs to another request");
    },
  );

  it(verifies("sign-in.errors", "recognises what is no authority"), async () => {
    const elsewhere = shared.issuer.replace("localhost", "127.0.0.1");
    for (const issuer of [elsewhere, `${shared.origin}/nothing`]) {
      await expect(signIn(optionsFor(issuer))).rejects.toThrow("is not the laptop stack's");
    }
  });
});
