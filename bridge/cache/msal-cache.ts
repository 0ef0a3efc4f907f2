import type { ICachePlugin } from "@azure/msal-node";
import { z } from "zod";
import type { KeptFile } from "./kept-file.ts";

const secrets = z.string().max(64 * 1024);
const scalar = z.union([secrets, z.number(), z.boolean(), z.null()]);
const entry = z.record(
  z.string(),
  z.union([scalar, z.array(scalar), z.record(z.string(), scalar)]),
);
const entries = z.record(z.string(), entry);

/** MSAL's cache, as far down as its own reading goes. */
const cacheSchema = z.looseObject({
  Account: entries.optional(),
  IdToken: entries.optional(),
  AccessToken: entries.optional(),
  RefreshToken: entries.optional(),
  AppMetadata: entries.optional(),
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
