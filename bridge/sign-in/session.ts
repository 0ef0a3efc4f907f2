import type { PublicClientApplication } from "@azure/msal-node";
import { isGuid } from "../../src/core/encoding.ts";
import { failure, type Result, success } from "../../src/core/result.ts";
import type { KeptFile } from "../cache/kept-file.ts";
import type { Keyring } from "../cache/keyring.ts";
import { cacheInFile } from "../cache/msal-cache.ts";
import type { Store } from "../cache/store.ts";
import type { SignInFailure } from "../tokens.ts";
import { readNamedAuthority, readTenant } from "./authority/authority.ts";
import { createPublicClient } from "./authority/public-client.ts";
import { readAuthorizationServers } from "./authority/server-metadata.ts";
import { readScope } from "./scope.ts";
import type { SignInSettings } from "./settings.ts";
import type { OpenBrowser } from "./ways/browser.ts";

/** What signing in needs of the world. */
export interface SignInParts {
  readonly keyring: Keyring;
  /** None where the machine has no display. */
  readonly openBrowser: OpenBrowser | undefined;
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Everything that is the same for all tokens of this process. */
export interface Session {
  readonly authority: string;
  readonly clientId: string;
  readonly scope: string;
  /** What tokens are for: the URL, to the letter (RFC 8707). */
  readonly resource: string;
  readonly msal: PublicClientApplication;
  /** MSAL's cache; none where it ends with the process. */
  readonly file: KeptFile | undefined;
  /** Why the authority's metadata could not be read the last time, in words. */
  readonly unreadable: () => string | undefined;
  /** What files and locks of this session are for. */
  readonly binding: readonly string[];
  /**
   * To be called before a person is asked to sign in: says where, and refuses where the server has
   * come to name another authority than the one that the person knows.
   */
  confirm(): Promise<Result<void, SignInFailure>>;
}

const misconfigured = (words: string) => failure<SignInFailure>({ kind: "misconfigured", words });

export async function openSession(
  settings: SignInSettings,
  store: Store,
  parts: SignInParts,
): Promise<Result<Session, SignInFailure>> {
  const { server, choices, log } = settings;
  const { clientId, tenant } = choices;
  if (clientId === undefined) {
    return misconfigured(
      "Which application signs people in? Start the bridge with --client-id, the id that azd printed for it or that the server's people give out. No server is asked for it.",
    );
  }
  if (!isGuid(clientId)) {
    return misconfigured(`--client-id takes an application's id, not ${clientId}.`);
  }
  const scope = readScope(server, choices.scope);
  if (!scope.ok) return misconfigured(scope.reason);
  const found = await findAuthority(settings, tenant, store, parts);
  if (!found.ok) return found;
  const { authority, confirm } = found.value;
  const binding = [server.given, authority, clientId.toLowerCase()];
  const file = store.file("tokens", binding);
  let unreadable: string | undefined;
  const msal = createPublicClient({
    authority,
    clientId,
    resource: server.given,
    cache: file && cacheInFile(file),
    log,
    fetch: parts.fetch,
    onUnreadable(words) {
      unreadable = words;
    },
  });
  return success({
    ...{ authority, clientId, scope: scope.value, resource: server.given, msal, file, binding },
    unreadable: () => unreadable,
    async confirm() {
      const confirmed = await confirm();
      if (confirmed.ok) {
        log.say(
          `Signing in at ${authority} with the client ${clientId}, for ${scope.value}. The token goes to ${server.given} alone.`,
        );
      }
      return confirmed;
    },
  });
}

interface FoundAuthority {
  readonly authority: string;
  confirm(): Promise<Result<void, SignInFailure>>;
}

/** The user's own tenant, or what the server's metadata has named at the first sign-in. */
async function findAuthority(
  { server }: SignInSettings,
  tenant: string | undefined,
  store: Store,
  parts: SignInParts,
): Promise<Result<FoundAuthority, SignInFailure>> {
  if (tenant !== undefined) {
    const read = readTenant(tenant);
    if (!read.ok) return misconfigured(read.reason);
    return success({ authority: read.value, confirm: async () => success(undefined) });
  }
  const asked = { server, fetch: parts.fetch };
  const file = store.file("authority", [server.given]);
  const remembered = await file?.read();
  const known = remembered === undefined ? undefined : readNamedAuthority(remembered);
  if (known !== undefined) {
    return success({ authority: known, confirm: () => confirmRemembered(known, asked) });
  }
  const named = await namedAuthority(asked);
  if (!named.ok) return named;
  return success({
    authority: named.value,
    async confirm() {
      await file?.write(named.value);
      return success(undefined);
    },
  });
}

type Asked = { readonly server: SignInSettings["server"]; readonly fetch: typeof fetch };

async function confirmRemembered(
  known: string,
  asked: Asked,
): Promise<Result<void, SignInFailure>> {
  const named = await namedAuthority(asked);
  if (!named.ok) return named;
  if (named.value === known) return success(undefined);
  return failure({
    kind: "refused",
    words: `${asked.server.given} now names the authority ${named.value}; at the first sign-in it was ${known}. If its people say that this is right, start the bridge once with --logout, and sign in again. Otherwise, somebody may be after your sign-in.`,
  });
}

/** The one tenant of one of Microsoft's clouds that the server's metadata names. */
async function namedAuthority({ server, fetch }: Asked): Promise<Result<string, SignInFailure>> {
  const servers = await readAuthorizationServers(server, fetch);
  if (!servers.ok) {
    return failure({
      kind: "unreachable",
      words: `${servers.reason} If you know the tenant, give it with --tenant.`,
    });
  }
  const [first, second] = new Set(
    servers.value.map(readNamedAuthority).filter((authority) => authority !== undefined),
  );
  if (first === undefined) {
    return misconfigured(
      `${server.given} names no tenant of Microsoft Entra as its authorization server. If you know the tenant, give it with --tenant.`,
    );
  }
  if (second !== undefined) {
    return misconfigured(`${server.given} names several tenants. Give yours with --tenant.`);
  }
  return success(first);
}
