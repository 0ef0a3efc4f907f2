import type { Machine } from "../../../bridge/cache/folder.ts";
import type { Keyring } from "../../../bridge/cache/keyring.ts";
import { readServerUrl } from "../../../bridge/server-url.ts";
import { PersonTokens } from "../../../bridge/sign-in/person-tokens.ts";
import type { SignInParts } from "../../../bridge/sign-in/session.ts";
import type { SignInChoices, SignInSettings } from "../../../bridge/sign-in/settings.ts";
import type { SignInFailure, TokenOptions } from "../../../bridge/tokens.ts";
import type { AuthorityOptions } from "../../../local/authority/authority.ts";
import { type Choice, enterDeviceCode, signInAsPerson } from "../../../local/browser-sign-in.ts";
import { bridgeClientId, tenantId } from "../../../local/directory.ts";
import { serverUrl, tenantWith, testAuthority, user1 } from "../../local/authority/support.ts";
import { fakeKeyring, listeningLog, testMachine } from "../cache/support.ts";

export { serverUrl, user1 };
export const cloud = "https://login.microsoftonline.com";
export const authorityUrl = `${cloud}/${tenantId}`;

const deviceLogin = "https://microsoft.com/devicelogin";

/** A request that went to the network. */
export interface Sent {
  readonly method: string;
  readonly url: URL;
  /** Of a form that was posted. */
  readonly form: URLSearchParams;
}

/**
 * Microsoft Entra as far as a test sees it: the local authority, under the address of the public cloud;
 * and the metadata of an MCP server that names it.
 */
export async function testEntra(options: Partial<AuthorityOptions> = {}) {
  const authority = await testAuthority({
    tenant: tenantWith(),
    deviceCodeInterval: 0,
    ...options,
  });
  const sent: Sent[] = [];
  const metadata = {
    resource: serverUrl,
    authorization_servers: [`${authorityUrl}/v2.0`] as unknown[],
    scopes_supported: ["api://mcp-local/user_impersonation"],
  };
  const toLocal = (address: string) =>
    address
      .replace(cloud, authority.origin)
      .replace(deviceLogin, `${authority.origin}/devicelogin`);

  const http: typeof fetch = async (input, init = {}) => {
    const url = new URL(String(input));
    sent.push({
      method: init.method ?? "GET",
      url,
      form: new URLSearchParams(typeof init.body === "string" ? init.body : ""),
    });
    if (url.pathname.startsWith("/.well-known/oauth-protected-resource")) {
      return Response.json(metadata);
    }
    const response = await fetch(toLocal(url.href), init);
    if (!response.ok || !url.pathname.endsWith("/devicecode")) return response;
    return Response.json({ ...((await response.json()) as object), verification_uri: deviceLogin });
  };
  return { ...authority, metadata, sent, fetch: http, toLocal };
}

export type TestEntra = Awaited<ReturnType<typeof testEntra>>;

export interface PersonOptions {
  readonly choices?: SignInChoices;
  readonly url?: string;
  readonly machine?: Machine;
  readonly keyring?: Keyring;
  /** What the person does in the browser. */
  readonly does?: Choice;
  readonly parts?: Partial<SignInParts>;
}

/** A bridge that starts, with a person before it. */
export async function startBridge(entra: TestEntra, options: PersonOptions = {}) {
  const machine = options.machine ?? (await testMachine());
  const { said, log } = listeningLog();
  const opened: URL[] = [];
  const shown: Promise<Response>[] = [];
  const does = options.does ?? { account: user1 };
  const server = readServerUrl(options.url ?? serverUrl);
  if (!server.ok) throw new Error(server.reason);
  const settings: SignInSettings = {
    server: server.value,
    choices: { clientId: bridgeClientId, ...options.choices },
    machine,
    log: {
      ...log,
      say(words) {
        log.say(words);
        const [, page, code] =
          /open (\S+) in a browser .+ enter the code (\S+)\./.exec(words) ?? [];
        if (page && code) shown.push(enterDeviceCode(entra.toLocal(page), code, does));
      },
    },
  };
  const parts: SignInParts = {
    keyring: options.keyring ?? fakeKeyring(new Uint8Array(32)),
    openBrowser(url) {
      opened.push(new URL(url));
      shown.push(signInAsPerson(entra.toLocal(url), does));
    },
    fetch: entra.fetch,
    now: () => Date.now(),
    ...options.parts,
  };
  const tokens = new PersonTokens(settings, parts);
  return {
    ...{ machine, said, opened, shown, settings, world: parts },
    /** The token, or an error where there is none. */
    async token(asked?: TokenOptions): Promise<string> {
      const outcome = await tokens.accessToken(asked);
      if (outcome.ok) return outcome.value;
      throw new Error(`${outcome.reason.kind}: ${outcome.reason.words}`);
    },
    async failure(asked?: TokenOptions): Promise<SignInFailure> {
      const outcome = await tokens.accessToken(asked);
      if (outcome.ok) throw new Error("There is a token.");
      return outcome.reason;
    },
  };
}
