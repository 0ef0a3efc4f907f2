import { describe, expect, it } from "vitest";
import { enterDeviceCode } from "../../../local/browser-sign-in.ts";
import {
  apiClientId,
  apiIdentifierUri,
  bridgeClientId,
  vscodeClientId,
} from "../../../local/directory.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { verifies } from "../../requirements.ts";
import {
  claimsOf,
  minutes,
  qualifiedScope,
  refusalOf,
  type TestAuthority,
  testAuthority,
  tokensOf,
  user1,
  user1ObjectId,
} from "./support.ts";

interface DeviceCode {
  user_code: string;
  device_code: string;
  verification_uri: string;
  expires_in: number;
  interval: number;
  message: string;
}

/** An authority, its clock, and a device that polls it. */
async function device(authority?: TestAuthority) {
  const clock = new FakeClock();
  const used = authority ?? (await testAuthority({ now: clock.now }));
  const post = (path: string, parameters: Record<string, string>) =>
    fetch(`${used.base}/oauth2/v2.0/${path}`, {
      method: "POST",
      body: new URLSearchParams(parameters),
    });
  const ask = (changes: Record<string, string> = {}, query = "") =>
    post(`devicecode${query}`, { client_id: bridgeClientId, scope: qualifiedScope, ...changes });
  const start = async (changes?: Record<string, string>) => {
    const response = await ask(changes);
    expect(response.status).toBe(200);
    return (await response.json()) as DeviceCode;
  };
  const poll = (device_code: string, client_id = bridgeClientId) =>
    post("token", {
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      client_id,
      device_code,
      client_info: "1",
    });
  return { clock, authority: used, ask, start, poll };
}

const pending = "400 authorization_pending AADSTS70016";

describe("a device code", () => {
  it(
    verifies("authority.device-code", "has Entra's fields, and a message for people"),
    async () => {
      const { authority, start } = await device();
      const code = await start();
      expect(code).toEqual({
        user_code: expect.stringMatching(/^[A-Z2-9]{9}$/),
        device_code: expect.any(String),
        verification_uri: `${authority.origin}/devicelogin`,
        expires_in: 900,
        interval: 5,
        message: `To sign in, use a web browser to open the page ${code.verification_uri} and enter the code ${code.user_code} to authenticate.`,
      });
    },
  );

  it(verifies("authority.device-code", "gives tokens once somebody entered it"), async () => {
    const { clock, start, poll } = await device();
    const { user_code, device_code, verification_uri } = await start({
      scope: `${qualifiedScope} openid profile offline_access`,
    });
    expect(await refusalOf(poll(device_code))).toBe(pending);
    // As people type: in small letters, with spaces.
    const typed = ` ${user_code.slice(0, 4).toLowerCase()} ${user_code.slice(4)}`;
    const done = await enterDeviceCode(verification_uri, typed, { account: user1 });
    expect(await done.text()).toContain("You are signed in to MCP bridge");
    clock.advance(5000);
    const tokens = await tokensOf(poll(device_code));
    expect(claimsOf(tokens.access_token)).toMatchObject({
      oid: user1ObjectId,
      azp: bridgeClientId,
      aud: apiClientId,
    });
    expect(tokens.refresh_token).toEqual(expect.any(String));
    expect(await refusalOf(poll(device_code))).toBe("400 invalid_grant AADSTS54005");
  });

  it(verifies("authority.device-code", "says when it is polled too often"), async () => {
    const { clock, start, poll } = await device();
    const { device_code } = await start();
    expect(await refusalOf(poll(device_code))).toBe(pending);
    clock.advance(1000);
    expect(await refusalOf(poll(device_code))).toBe("400 slow_down AADSTS50196");
    clock.advance(5000);
    expect(await refusalOf(poll(device_code))).toBe(pending);
  });

  it(verifies("authority.device-code", "ends after a quarter of an hour"), async () => {
    const { clock, start, poll } = await device();
    const { device_code, user_code, verification_uri } = await start();
    clock.advance(15 * minutes);
    expect(await refusalOf(poll(device_code))).toBe("400 expired_token AADSTS70020");
    const late = await enterDeviceCode(verification_uri, user_code, { account: user1 });
    expect(await late.text()).toContain("AADSTS70018");
  });

  it(verifies("authority.device-code", "is declined with Cancel"), async () => {
    const { start, poll } = await device();
    const { device_code, user_code, verification_uri } = await start();
    await enterDeviceCode(verification_uri, user_code, { cancel: "true" });
    expect(await refusalOf(poll(device_code))).toBe("400 authorization_declined AADSTS70017");
  });

  it(verifies("authority.device-code", "is its client's alone, and not guessed"), async () => {
    const { start, poll, authority } = await device();
    const { device_code } = await start();
    const unknown = "400 bad_verification_code AADSTS70018";
    expect(await refusalOf(poll(device_code, vscodeClientId))).toBe(unknown);
    expect(await refusalOf(poll("guessed"))).toBe(unknown);
    const page = `${authority.origin}/devicelogin`;
    const wrong = await enterDeviceCode(page, "AAAAAAAAA", { account: user1 });
    expect([wrong.status, await wrong.text()]).toEqual([
      400,
      expect.stringContaining("AADSTS70018"),
    ]);
  });

  it(verifies("authority.device-code", "is entered once, and decided once"), async () => {
    const { start } = await device();
    const { user_code, verification_uri } = await start();
    const first = await enterDeviceCode(verification_uri, user_code, { account: user1 });
    expect(first.status).toBe(200);
    const again = await enterDeviceCode(verification_uri, user_code, { account: user1 });
    expect(again.status).toBe(400);
    const forged = await fetch(verification_uri, {
      method: "POST",
      body: new URLSearchParams({ sign_in: "guessed", account: user1 }),
    });
    expect(await forged.text()).toContain("AADSTS50089");
  });
});

describe("a request for a device code", () => {
  it.each([
    ["no client", { client_id: "" }, "400 invalid_request AADSTS900144"],
    ["an unknown client", { client_id: "nobody" }, "400 unauthorized_client AADSTS700016"],
    ["a confidential client", { client_id: apiClientId }, "401 invalid_client AADSTS7000218"],
    ["no scope", { scope: "" }, "400 invalid_request AADSTS900144"],
    ["a scope of nobody's", { scope: "api://other/a" }, "400 invalid_resource AADSTS500011"],
    ["malformed claims", { claims: "{" }, "400 invalid_request AADSTS9002313"],
    ["another resource", { resource: "api://other" }, "400 invalid_target AADSTS9010010"],
  ])(verifies("authority.device-code", "is refused with %s"), async (_, changes, refusal) => {
    const { ask } = await device();
    expect(await refusalOf(ask(changes))).toBe(refusal);
  });

  it(verifies("authority.device-code", "may name the resource, in the query too"), async () => {
    const { ask } = await device();
    expect((await ask({ resource: apiIdentifierUri })).status).toBe(200);
    const query = (resource: string) => `?${new URLSearchParams({ resource })}`;
    expect((await ask({}, query(apiIdentifierUri))).status).toBe(200);
    expect(await refusalOf(ask({}, query("api://other")))).toBe("400 invalid_target AADSTS9010010");
  });
});
