import { describe, expect, it } from "vitest";
import {
  apiClientId,
  gatewayClientId,
  gatewayClientSecret,
  graphIdentifierUri,
  vscodeClientId,
} from "../../../local/directory.ts";
import { verifies } from "../../requirements.ts";
import {
  answerOf,
  claimsOf,
  gatewayCallback,
  qualifiedScope,
  redirectedRefusalOf,
  refusalOf,
  sharedAuthority,
  tenantWith,
  tokensOf,
  user1ObjectId,
} from "./support.ts";

const shared = await sharedAuthority(tenantWith());

const asGateway = { client_id: gatewayClientId, redirect_uri: gatewayCallback };
const bySecret = { ...asGateway, client_secret: gatewayClientSecret };
const scope = `${qualifiedScope} offline_access openid profile`;

const authorizationCode = (changes: Record<string, string | undefined> = {}) =>
  shared.authorizationCode({ ...asGateway, scope, ...changes });
const refresh = (refresh_token: string | undefined, changes: Record<string, string>) =>
  shared.token({ grant_type: "refresh_token", refresh_token: refresh_token ?? "", ...changes });

const assertion = async () => ({
  ...asGateway,
  client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  client_assertion: await shared.signToken({
    iss: shared.httpsIssuer,
    sub: shared.tenant.managedIdentity.objectId,
    aud: "api://AzureADTokenExchange",
    exp: Math.floor(Date.now() / 1000) + 60,
  }),
});

describe("the gateway's registration", () => {
  it.each([
    ["its secret", async () => bySecret, "1"],
    ["the managed identity's assertion", assertion, "2"],
  ])(
    verifies("authority.confidential-client", "gets tokens for the API, and anew, with %s"),
    async (_, proof, azpacr) => {
      const first = await tokensOf(shared.redeem(await authorizationCode(), await proof()));
      const second = await tokensOf(refresh(first.refresh_token, await proof()));
      for (const { access_token } of [first, second]) {
        expect(claimsOf(access_token)).toMatchObject({
          iss: shared.issuer,
          aud: apiClientId,
          azp: gatewayClientId,
          azpacr,
          oid: user1ObjectId,
          scp: "user_impersonation",
        });
      }
      expect(second.refresh_token).toEqual(expect.any(String));
    },
  );

  it(verifies("authority.confidential-client", "gets nothing as a public client"), async () => {
    const withoutProof = "401 invalid_client AADSTS7000218";
    const code = await authorizationCode();
    expect(await refusalOf(shared.redeem(code, asGateway))).toBe(withoutProof);
    const { refresh_token } = await tokensOf(shared.redeem(code, bySecret));
    expect(await refusalOf(refresh(refresh_token, asGateway))).toBe(withoutProof);

    const body = new URLSearchParams({ client_id: gatewayClientId, scope });
    const device = fetch(`${shared.base}/oauth2/v2.0/devicecode`, { method: "POST", body });
    expect(await refusalOf(device)).toBe(withoutProof);
  });

  it(verifies("authority.confidential-client", "has a secret of its own"), async () => {
    const client_secret = shared.tenant.api.clientSecret;
    const redeemed = shared.redeem(await authorizationCode(), { ...asGateway, client_secret });
    expect(await refusalOf(redeemed)).toBe("401 invalid_client AADSTS7000215");
  });

  it(
    verifies("authority.confidential-client", "takes codes and refresh tokens of its own"),
    async () => {
      const code = await shared.authorizationCode();
      const { redirect_uri: _, ...proof } = bySecret;
      expect(await refusalOf(shared.redeem(code, proof))).toBe("400 invalid_grant AADSTS70000");
      const { refresh_token } = await shared.signIn({ scope });
      expect(await refusalOf(refresh(refresh_token, bySecret))).toBe(
        "400 invalid_grant AADSTS70000",
      );

      const { refresh_token: itsOwn } = await tokensOf(
        shared.redeem(await authorizationCode(), bySecret),
      );
      const other = refresh(itsOwn, { client_id: vscodeClientId });
      expect(await refusalOf(other)).toBe("400 invalid_grant AADSTS70000");
    },
  );

  it(verifies("authority.confidential-client", "signs people in at its own callback"), async () => {
    const elsewhere = await shared.authorize({
      ...asGateway,
      redirect_uri: "http://localhost/other",
    });
    expect(elsewhere.status).toBe(400);
    expect(await elsewhere.text()).toContain("AADSTS50011");
  });

  it(
    verifies("authority.confidential-client", "gets no token for what the API calls"),
    async () => {
      const response = await shared.authorize({
        ...asGateway,
        scope: `${graphIdentifierUri}/User.Read`,
      });
      expect(redirectedRefusalOf(response)).toBe("invalid_client AADSTS650053");
    },
  );

  it(verifies("authority.confidential-client", "always has the account chosen"), async () => {
    const page = await shared.openPage({ ...asGateway, scope, prompt: "login" });
    const answer = answerOf(await shared.submit(page, { account: "user2@contoso.example" }));
    expect(answer.get("code")).toEqual(expect.any(String));
  });
});
