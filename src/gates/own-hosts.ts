import { metadataUrl } from "./protected-resource-metadata.ts";

/** A host name under which this server answers. */
export interface OwnHost {
  /** As `readHost` writes it. */
  readonly host: string;
  readonly protocol: string;
  /** The MCP URL that clients of this host ask for: `resource` in its metadata, to the letter. */
  readonly resource: string;
  readonly metadataUrl: string;
}

/** The host of an MCP URL. */
export function ownHost(resource: string): OwnHost {
  const { host, protocol } = new URL(resource);
  return {
    host: readHost(host, protocol) ?? host,
    protocol,
    resource,
    metadataUrl: metadataUrl(resource),
  };
}

/**
 * `host` or `host:port` in the one form in which hosts are compared: lower case, ASCII, without a
 * final dot and without the port that the scheme implies (RFC 9110 section 4.2.3). Undefined for
 * whatever is no host.
 *
 * @param protocol the scheme with its colon
 */
export function readHost(text: string, protocol: string): string | undefined {
  if (!/^[^\s/?#@\\]{1,261}$/.test(text)) return undefined;
  const host = URL.parse(`${protocol}//${text}`)?.host.toLowerCase();
  return host?.replace(/\.(?=:\d+$|$)/, "") || undefined;
}

/**
 * A browser origin, scheme and host, in the one form in which origins are compared. Undefined for
 * whatever is none, such as `null`. Not `URL.origin`, which is `null` for every browser extension.
 */
export function readOrigin(text: string): string | undefined {
  const end = text.indexOf("://");
  const protocol = text.slice(0, end + 1).toLowerCase();
  if (!/^[a-z][a-z0-9+.-]*:$/.test(protocol)) return undefined;
  const host = readHost(text.slice(end + 3), protocol);
  return host === undefined ? undefined : `${protocol}//${host}`;
}
