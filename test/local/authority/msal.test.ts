import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import {
  apiClientId,
  apiClientSecret,
  graphIdentifierUri,
  managedIdentityClientId,
  tenantId,
} from "../../../local/directory.ts";
import { startManagedIdentityEndpoint } from "../../../local/managed-identity/endpoint.ts";
import { verifies } from "../../requirements.ts";
import { runNode } from "../../support/run-program.ts";
import { temporaryFolder } from "../../support/stack.ts";
import type { MsalOutcome, MsalTask } from "./msal-client.ts";
import {
  claimsOf,
  type TestAuthority,
  testAuthority,
  testCertificate,
  user1,
  user1ObjectId,
} from "./support.ts";

const script = fileURLToPath(new URL("msal-client.ts", import.meta.url));
const bySecret = { kind: "secret", clientSecret: apiClientSecret } as const;
const byManagedIdentity = { kind: "managed-identity", clientId: managedIdentityClientId } as const;

async function withMsal(
  authority: TestAuthority,
  credential: MsalTask["credential"],
  assertions: readonly string[],
  environment: Record<string, string> = {},
): Promise<MsalOutcome[]> {
  await using folder = await temporaryFolder();
  const trusted = join(folder.path, "ca.pem");
  await writeFile(trusted, (await testCertificate()).cert);
  const task: MsalTask = {
    authorityHost: authority.authorityHost,
    tenantId,
    clientId: apiClientId,
    credential,
    assertions,
    scopes: [`${graphIdentifierUri}/.default`],
  };
  const { stdout, stderr } = await runNode(script, [], {
    input: JSON.stringify(task),
    env: { ...environment, NODE_EXTRA_CA_CERTS: trusted },
  });
  if (stdout === "") throw new Error(`MSAL's process answered nothing:\n${stderr}`);
  return JSON.parse(stdout) as MsalOutcome[];
}

it(verifies("authority.msal", "exchanges by secret, once per caller's token"), async () => {
  const authority = await testAuthority();
  const user = await authority.issueAccessToken();
  const admin = await authority.issueAccessToken({ username: "admin@contoso.example" });
  const outcomes = await withMsal(authority, bySecret, [user, admin, user, admin]);

  const tokens = outcomes.filter((outcome) => outcome.kind === "token");
  const seen = tokens.map(({ accessToken, fromCache }) => [claimsOf(accessToken).upn, fromCache]);
  expect(seen).toEqual([
    [user1, false],
    ["admin@contoso.example", false],
    [user1, true],
    ["admin@contoso.example", true],
  ]);
  const [first, second] = tokens;
  expect(first?.homeAccountId).toBe(`${user1ObjectId}.${tenantId}`);
  expect(second?.homeAccountId).toBe(`${claimsOf(admin).oid}.${tenantId}`);
  expect(claimsOf(first?.accessToken)).toMatchObject({
    aud: graphIdentifierUri,
    xms_cc: ["cp1"],
    appidacr: "1",
  });
});

it(verifies(["authority.msal", "managed-identity.token"], "by managed identity"), async () => {
  const authority = await testAuthority();
  const identity = await startManagedIdentityEndpoint({ authority });
  onTestFinished(() => identity.close());
  const assertion = await authority.issueAccessToken();
  const [outcome] = await withMsal(authority, byManagedIdentity, [assertion], {
    IDENTITY_ENDPOINT: identity.endpoint,
    IDENTITY_HEADER: identity.header,
  });
  expect(outcome).toMatchObject({ kind: "token", fromCache: false });
  const claims = claimsOf(outcome?.kind === "token" ? outcome.accessToken : undefined);
  expect(claims).toMatchObject({ oid: user1ObjectId, appidacr: "2" });
});

it(verifies("authority.msal", "recognises a claims challenge"), async () => {
  const authority = await testAuthority();
  authority.demand({ username: user1 });
  const assertion = await authority.issueAccessToken();
  const [outcome] = await withMsal(authority, bySecret, [assertion]);
  expect(outcome).toMatchObject({
    kind: "error",
    name: "InteractionRequiredAuthError",
    errorCode: "interaction_required",
    message: expect.stringContaining("AADSTS50076"),
    claims: JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } }),
  });
});

it(verifies("authority.msal", "reports a refused credential"), async () => {
  const authority = await testAuthority();
  const assertion = await authority.issueAccessToken();
  const wrong = { kind: "secret", clientSecret: "wrong" } as const;
  const [outcome] = await withMsal(authority, wrong, [assertion]);
  expect(outcome).toMatchObject({
    kind: "error",
    errorCode: "invalid_client",
    message: expect.stringContaining("AADSTS7000215"),
  });
});
