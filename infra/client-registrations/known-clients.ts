import clients from "../clients.json" with { type: "json" };

/** A client that its maker has registered with Microsoft: it only has to be pre-authorised. */
export interface PreAuthorizableClient {
  readonly title: string;
  readonly clientId: string;
  /** Where the id can be looked up. */
  readonly source: string;
}

/** A client that gets a registration of its own in the tenant. */
export interface RegistrableClient {
  readonly title: string;
  /**
   * Under which of Entra's platforms its callbacks are registered. Entra asks a secret of every `web`
   * client, and redeems the codes of a single-page application only with an `Origin`: what has no
   * secret and is no web page is a `publicClient`, also with callbacks of https.
   */
  readonly platform: "publicClient" | "web";
  /** Where Entra sends people back to. For localhost it ignores the port. */
  readonly callbacks: readonly string[];
  /** The client shows its callback only once the app or the connection is made there. */
  readonly callbackKnownAfterwards?: true;
  /** What such a callback begins with. */
  readonly callbackPrefixes?: readonly string[];
  /** The client asks for a secret, which a person makes. */
  readonly secret?: true;
  /** Signs people in by device code too, which sends nobody back anywhere. */
  readonly deviceCode?: true;
  /** Where the callbacks can be looked up. */
  readonly source: string;
}

/** By the names that PRE_AUTHORIZED_CLIENTS takes. */
export const preAuthorizableClients: Readonly<Record<string, PreAuthorizableClient>> =
  clients.preAuthorizable;

/** By the names that REGISTER_CLIENTS and `npm run register-client` take. */
export const registrableClients = clients.registrable as Readonly<
  Record<string, RegistrableClient>
>;
