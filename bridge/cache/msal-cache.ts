import type { ICachePlugin } from "@azure/msal-node";
import { z } from "zod";
import type { KeptFile } from "./kept-file.ts";

const text = z.string().max(64 * 1024);
const scalar = z.union([text, z.number(), z.boolean(), z.null()]);
const member = z.union([scalar, z.array(scalar), z.record(z.string(), scalar)]);

const account = z
  .object({
    ...{ home_account_id: text, environment: text, realm: text },
    ...{ local_account_id: text, username: text, authority_type: text },
  })
  .catchall(member);
const credential = z
  .object({
    ...{ home_account_id: text, environment: text, credential_type: text },
    ...{ client_id: text, secret: text },
  })
  .catchall(member);
const accessToken = credential.extend({ target: text, expires_on: text, cached_at: text });

const entriesOf = <Entry extends z.ZodType>(entry: Entry) => z.record(z.string(), entry).optional();

/** MSAL's cache, with what MSAL takes for granted in it. */
const cacheSchema = z.looseObject({
  Account: entriesOf(account),
  IdToken: entriesOf(credential),
  AccessToken: entriesOf(accessToken),
  RefreshToken: entriesOf(credential),
  AppMetadata: entriesOf(z.record(z.string(), member)),
});

/** What MSAL makes of an empty text is nothing at all, not an empty cache. */
const emptyCache = JSON.stringify({
  Account: {},
  IdToken: {},
  AccessToken: {},
  RefreshToken: {},
  AppMetadata: {},
});

/** Members of these names would reach MSAL's own objects. */
const dangerousNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Whether MSAL can take the text without harm. */
export function isMsalCache(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text, (name, value) => {
      if (dangerousNames.has(name)) throw new SyntaxError(`A member is called ${name}.`);
      return value;
    });
    return cacheSchema.safeParse(parsed).success;
  } catch {
    return false;
  }
}

/** Has MSAL read a file before it looks into its cache, and write it after a change. */
export function cacheInFile(file: KeptFile): ICachePlugin {
  return {
    async beforeCacheAccess({ tokenCache }) {
      const text = await file.read();
      // What MSAL has in its memory is then all there is.
      if (!file.keeps) return;
      const good = text !== undefined && isMsalCache(text);
      if (text !== undefined && !good) file.reject();
      tokenCache.deserialize(good ? text : emptyCache);
    },
    async afterCacheAccess({ tokenCache, cacheHasChanged }) {
      if (cacheHasChanged) await file.write(tokenCache.serialize());
    },
  };
}
