import type { ClientDocuments } from "../../src/core/client-documents/documents.ts";
import type { AgentIdentities } from "./client-documents/agents.ts";
import type { Client, Clients } from "./clients/clients.ts";
import type { DeviceCodes } from "./device/device-codes.ts";
import type { ExpiringMap } from "./expiring-map.ts";
import type { ErrorCode } from "./refusal.ts";
import type { RequestedScopes } from "./scopes.ts";
import type { Tenant } from "./tenant.ts";
import type { ClaimsRequest, RequestedClaims } from "./tokens/claims-request.ts";
import type { SigningKey } from "./tokens/keys.ts";
import type { RefreshTokens } from "./tokens/refresh-tokens.ts";
import type { Sessions } from "./tokens/sessions.ts";
import type { Grant } from "./tokens/tokens.ts";

/** What the endpoints work with. One per running authority. */
export interface Context {
  readonly tenant: Tenant;
  /** `iss` of callers' tokens: the plain http origin's. */
  readonly issuer: string;
  /** `iss` of the managed identity's tokens: the https origin's. */
  readonly httpsIssuer: string;
  readonly key: SigningKey;
  /** Signs access tokens for the API: `key`, unless the API's registration has a claims mapping. */
  readonly apiKey: SigningKey;
  readonly clients: Clients;
  readonly clientDocuments: ClientDocuments;
  readonly agents: AgentIdentities;
  /** Whether discovery says that a client's id may be the URL of its document. */
  readonly advertisesClientDocuments: boolean;
  readonly refreshTokens: RefreshTokens;
  readonly sessions: Sessions;
  /** Sign-ins that wait for somebody to pick an account, by the id in the page's form. */
  readonly pendingSignIns: ExpiringMap<AuthorizationRequest>;
  readonly codes: ExpiringMap<AuthorizationCode>;
  readonly deviceCodes: DeviceCodes;
  readonly controls: Controls;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: AuthorityLog;
}

/** Tells what happened. Never a token, a code or a secret. */
export type AuthorityLog = (event: string, fields: Readonly<Record<string, string>>) => void;

/** An authorization request that passed every check. */
export interface AuthorizationRequest {
  readonly client: Client;
  readonly redirectUri: string;
  readonly responseMode: "query" | "fragment" | "form_post";
  readonly state: string | undefined;
  /** Where it was asked: `iss` of the response (RFC 9207). */
  readonly channelIssuer: string;
  readonly codeChallenge: string;
  readonly scopes: RequestedScopes;
  readonly claims: RequestedClaims;
  readonly nonce: string | undefined;
  readonly loginHint: string | undefined;
  /** MSAL asks who signed in along with the code, to file the tokens under them. */
  readonly wantsClientInfo: boolean;
}

/** Remembered longer than it is good for, so that a late or second attempt can be named. */
export interface AuthorizationCode {
  readonly grant: Grant;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly redirectUri: string;
  readonly codeChallenge: string;
  redeemed: boolean;
}

/** What tests and demonstrations make go wrong on purpose. */
export interface Controls {
  /** By object id: what that person's exchanges on behalf of and refreshes are answered. */
  readonly demands: Readonly<Record<"exchange" | "refresh", Map<string, Demand>>>;
  /** By object id. */
  readonly disabledAccounts: Set<string>;
  outage: Outage;
  /** Whether clients with a document wait until the administrator has granted them. */
  administratorGrants: boolean;
}

export interface Demand {
  readonly code: ErrorCode;
  /** Sent along; tokens that carry what it asks are let through. Without it none are. */
  readonly claims?: ClaimsRequest | undefined;
}

/** Endpoints that answer 503. */
export interface Outage {
  readonly keys: boolean;
  readonly token: boolean;
}
