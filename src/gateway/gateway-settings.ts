/** A client that whoever runs the server has named. */
export interface PreRegisteredClient {
  readonly id: string;
  readonly redirectUris: readonly string[];
}

/** What the gateway is told from outside, checked. */
export interface GatewaySettings {
  /** `{origin}/gateway`, of the server's public URL: the issuer, and where its endpoints are. */
  readonly issuer: string;
  /** `{origin}/gateway/mcp`: the protected resource, and the audience of access tokens. */
  readonly resource: string;
  /** The gateway's own registration in Entra. */
  readonly clientId: string;
  /** A development registration's secret; the managed identity's assertion where absent. */
  readonly clientSecret: string | undefined;
  /** Whether clients may register themselves (RFC 7591). */
  readonly registration: boolean;
  readonly clients: readonly PreRegisteredClient[];
  /** Hosts whose client documents are accepted, lower case, `.example.com` for all below; all where empty. */
  readonly clientDomains: readonly string[];
  /** Schemes of redirect URIs beside https and loopback http, lower case, without a colon. */
  readonly privateSchemes: readonly string[];
  /** Clients that may use the gateway, by `client_id`; all where empty. */
  readonly allowedClientIds: readonly string[];
  /** A grant that is not used for so long ends, in milliseconds. */
  readonly idleMilliseconds: number;
  /** A grant ends so long after the sign-in, in milliseconds, however much it is used. */
  readonly absoluteMilliseconds: number;
}
