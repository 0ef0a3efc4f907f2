import tls from "node:tls";
import { AuthError, type Configuration, PublicClientApplication } from "@azure/msal-node";
import { expect, it, onTestFinished } from "vitest";
import { localTenant } from "../../../local/authority/tenant.ts";
import { enterDeviceCode, signInAsPerson } from "../../../local/browser-sign-in.ts";
import {
  apiClientId,
  apiIdentifierUri,
  bridgeClientId,
  tenantId,
} from "../../../local/directory.ts";
import { verifies } from "../../requirements.ts";
import {
  claimsOf,
  qualifiedScope,
  type TestAuthority,
  testAuthority,
  testCertificate,
  user1,
  user1ObjectId,
} from "./support.ts";

/** MSAL as the bridge has it, trusting the certificate of these tests. */
async function publicClient(
  authority: TestAuthority,
  auth: Partial<Configuration["auth"]> = {},
): Promise<PublicClientApplication> {
  const trusted = tls.getCACertificates("default");
  onTestFinished(() => tls.setDefaultCACertificates(trusted));
  tls.setDefaultCACertificates([...trusted, (await testCertificate()).cert]);
  return new PublicClientApplication({
    auth: {
      clientId: bridgeClientId,
      authority: `${authority.authorityHost}/${tenantId}`,
      knownAuthorities: [new URL(authority.authorityHost).host],
      clientCapabilities: ["CP1"],
      ...auth,
    },
  });
}

/** With `isMcp` MSAL sends `resource` along with all of its requests, but for those of device codes. */
const request = { scopes: [qualifiedScope], resource: apiIdentifierUri };
const mcp = { isMcp: true };
const account = { account: user1 };

/** The errors that MSAL gave, or what it got. */
async function problemOf(attempt: Promise<unknown>): Promise<string> {
  try {
    return `no error, but ${JSON.stringify(await attempt)}`;
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    return `${error.errorCode}: ${error.errorMessage}`;
  }
}

it(verifies("authority.msal.public-client", "signs in in the browser, then silently"), async () => {
  const authority = await testAuthority();
  const msal = await publicClient(authority, mcp);
  const opened: string[] = [];
  const signedIn = await msal.acquireTokenInteractive({
    ...request,
    openBrowser: async (url) => {
      opened.push(url);
      const shown = await signInAsPerson(url, account);
      expect(await shown.text()).toContain("You can close this window now");
    },
  });
  // What a browser opens needs no certificate.
  expect(opened).toEqual([expect.stringMatching(/^http:\/\/localhost:\d+\//)]);
  const asked = new URL(opened[0] ?? "").searchParams;
  expect([asked.get("response_mode"), asked.get("resource")]).toEqual([
    "form_post",
    apiIdentifierUri,
  ]);
  expect(signedIn.account?.homeAccountId).toBe(`${user1ObjectId}.${tenantId}`);
  expect(claimsOf(signedIn.accessToken)).toMatchObject({
    azp: bridgeClientId,
    aud: apiClientId,
    xms_cc: ["cp1"],
  });

  const [known] = await msal.getTokenCache().getAllAccounts();
  if (!known) throw new Error("MSAL knows nobody.");
  const cached = await msal.acquireTokenSilent({ ...request, account: known });
  expect([cached.fromCache, cached.accessToken]).toEqual([true, signedIn.accessToken]);
  const refreshed = await msal.acquireTokenSilent({
    ...request,
    account: known,
    forceRefresh: true,
  });
  expect(refreshed.fromCache).toBe(false);
  expect(refreshed.accessToken).not.toBe(signedIn.accessToken);
});

it(verifies("authority.msal.public-client", "hears of Cancel and of refusals"), async () => {
  const authority = await testAuthority();
  const msal = await publicClient(authority, mcp);
  const cancelled = msal.acquireTokenInteractive({
    ...request,
    openBrowser: async (url) => void (await signInAsPerson(url, { cancel: "true" })),
  });
  expect(await problemOf(cancelled)).toMatch(/^access_denied: AADSTS65004/);
  const mismatched = msal.acquireTokenInteractive({
    ...request,
    resource: "api://other",
    openBrowser: async (url) => void (await signInAsPerson(url, account)),
  });
  expect(await problemOf(mismatched)).toMatch(/^invalid_target: AADSTS9010010/);
});

it(verifies("authority.msal.public-client", "signs in by device code"), async () => {
  const authority = await testAuthority({ deviceCodeInterval: 0 });
  const msal = await publicClient(authority);
  const entered = Promise.withResolvers<unknown>();
  const signedIn = await msal.acquireTokenByDeviceCode({
    scopes: request.scopes,
    extraQueryParameters: { resource: apiIdentifierUri },
    deviceCodeCallback: ({ verificationUri, userCode }) =>
      entered.resolve(enterDeviceCode(verificationUri, userCode, account)),
  });
  await entered.promise;
  expect(claimsOf(signedIn?.accessToken)).toMatchObject({ oid: user1ObjectId, xms_cc: ["cp1"] });
  const [known] = await msal.getTokenCache().getAllAccounts();
  if (!known) throw new Error("MSAL knows nobody.");
  const refreshed = await msal.acquireTokenSilent({
    scopes: request.scopes,
    account: known,
    forceRefresh: true,
  });
  expect(claimsOf(refreshed.accessToken).oid).toBe(user1ObjectId);
});

it(verifies("authority.msal.public-client", "hears that a code was declined"), async () => {
  const authority = await testAuthority({ deviceCodeInterval: 0 });
  const msal = await publicClient(authority);
  const declined = msal.acquireTokenByDeviceCode({
    scopes: request.scopes,
    deviceCodeCallback: ({ verificationUri, userCode }) =>
      void enterDeviceCode(verificationUri, userCode, { cancel: "true" }),
  });
  expect(await problemOf(declined)).toContain("authorization_declined");
});

it(
  verifies("authority.for-itself", "signs in by identifier URI, and cannot refresh with it"),
  async () => {
    const api = { ...localTenant.api, redirectUris: ["http://localhost"] };
    const authority = await testAuthority({ tenant: { ...localTenant, api } });
    const msal = await publicClient(authority, { ...mcp, clientId: apiClientId });
    const openBrowser = async (url: string) => void (await signInAsPerson(url, account));
    const { account: known } = await msal.acquireTokenInteractive({ ...request, openBrowser });
    if (!known) throw new Error("MSAL knows nobody.");
    const again = (scope: string) =>
      msal.acquireTokenSilent({ ...request, scopes: [scope], account: known, forceRefresh: true });
    expect(await problemOf(again(qualifiedScope))).toMatch(/^invalid_request: .*AADSTS90009/);
    const byId = await again(`${apiClientId}/user_impersonation`);
    expect(claimsOf(byId.accessToken)).toMatchObject({ aud: apiClientId, azp: apiClientId });
  },
);
