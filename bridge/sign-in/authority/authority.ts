import { knownCloud, publicAuthorityHost } from "../../../src/clouds.ts";
import { isLoopback } from "../../../src/core/address.ts";
import { failure, type Result, success } from "../../../src/core/result.ts";

/** A tenant's id, or one of its domains. */
const tenantName = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i;
const everybodys = /^(?:common|organizations|consumers)$/i;

/**
 * Reads the tenant that the user names: an id, a domain, or an authority's URL for the other clouds.
 *
 * @returns the authority's URL, without an ending slash; in words, what is wrong
 */
export function readTenant(given: string): Result<string, string> {
  if (tenantName.test(given)) return success(`${publicAuthorityHost}/${given.toLowerCase()}`);
  if (everybodys.test(given)) {
    return failure(
      `--tenant ${given} is for any tenant. Name yours: its id, or one of its domains.`,
    );
  }
  return readAuthority(given, isLoopback)
    ? success(canonical(new URL(given)))
    : failure(
        `--tenant takes a tenant's id, a domain of it, or the URL of an authority of Microsoft Entra such as https://login.microsoftonline.us/TENANT, not ${given}.`,
      );
}

/**
 * Reads an authority that a server names: a tenant of one of Microsoft's clouds, and nothing else.
 *
 * @returns its URL, without version and ending slash
 */
export function readNamedAuthority(issuer: string): string | undefined {
  return readAuthority(issuer, () => false) ? canonical(new URL(issuer)) : undefined;
}

/** Characters: a domain has 253 at most (RFC 1035). */
const longestAuthority = 512;

function readAuthority(text: string, isFurther: (url: URL) => boolean): boolean {
  const url = text.length > longestAuthority ? null : URL.parse(text);
  if (url?.protocol !== "https:" || url.username || url.password || url.search || url.hash) {
    return false;
  }
  if (!knownCloud(url.origin) && !isFurther(url)) return false;
  return tenantName.test(tenantOf(url));
}

function canonical(url: URL): string {
  return `${url.origin}/${tenantOf(url).toLowerCase()}`;
}

/** What stands before `/v2.0`; nothing that is a tenant where more stands there. */
function tenantOf({ pathname }: URL): string {
  return pathname
    .replace(/^\//, "")
    .replace(/\/$/, "")
    .replace(/\/v2\.0$/, "");
}
