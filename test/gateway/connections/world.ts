import { randomBytes } from "node:crypto";
import type { Answer } from "../../../src/core/endpoint.ts";
import type { LogFields, LogLevel } from "../../../src/core/log.ts";
import { failure, type Result, success } from "../../../src/core/result.ts";
import type { SignInPurpose } from "../../../src/gateway/authorize/sign-ins.ts";
import { createConnections } from "../../../src/gateway/connections/connections.ts";
import type { GrantFailure } from "../../../src/gateway/grants/grant-failure.ts";
import type { GrantEnd } from "../../../src/gateway/grants/grant-record.ts";
import type { Connection, Grants } from "../../../src/gateway/grants/grants.ts";
import type { GatewayRequest } from "../../../src/gateway/http/handler.ts";
import { createGatewayStore } from "../../../src/gateway/store/cosmos-records.ts";
import { aCaller } from "../../downstream/fakes.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { MemoryKeyStorage } from "../../keys/memory-key-storage.ts";
import { testKeyRing } from "../../keys/test-key-ring.ts";
import { MemoryContainer } from "../memory-container.ts";

export const ownIssuer = "https://mcp.example/gateway";
export const person = "aaaaaaaa-0000-4000-8000-000000000001";
export const otherPerson = "aaaaaaaa-0000-4000-8000-000000000002";

export interface LogLine extends LogFields {
  readonly level: LogLevel;
  readonly event: string;
}

/** People's grants, in this process. */
export class FakeGrants implements Pick<Grants, "connectionsOf" | "everyConnectionOf" | "end"> {
  readonly kept = new Map<string, Connection[]>();
  readonly ended: { readonly grantId: string; readonly why: GrantEnd }[] = [];
  /** What goes wrong with a call, if anything. */
  fail: (call: "list" | "end", grantId?: string) => GrantFailure | undefined = () => undefined;

  add(objectId: string, connection: Partial<Connection> & { readonly grantId: string }): void {
    const added: Connection = {
      clientId: `https://client.example/${connection.grantId}.json`,
      clientName: "Example Client",
      clientDomain: "client.example",
      redirectUri: "https://client.example/callback?secret=1",
      since: Date.parse("2026-11-01T09:05:00Z"),
      lastUsed: Date.parse("2026-11-21T11:30:00Z"),
      endsAt: Date.parse("2027-01-30T09:05:00Z"),
      ...connection,
    };
    this.kept.set(objectId, [...(this.kept.get(objectId) ?? []), added]);
  }

  async connectionsOf(objectId: string): Promise<Result<readonly Connection[], GrantFailure>> {
    const failed = this.fail("list");
    return failed ? failure(failed) : success(this.kept.get(objectId) ?? []);
  }

  everyConnectionOf(objectId: string) {
    return this.connectionsOf(objectId);
  }

  async end(
    objectId: string,
    grantId: string,
    why: GrantEnd,
  ): Promise<Result<boolean, GrantFailure>> {
    const failed = this.fail("end", grantId);
    if (failed) return failure(failed);
    const before = this.kept.get(objectId) ?? [];
    const left = before.filter((connection) => connection.grantId !== grantId);
    this.kept.set(objectId, left);
    if (left.length === before.length) return success(false);
    this.ended.push({ grantId, why });
    return success(true);
  }
}

/** A form of a page, as a browser sends it. */
export type Form = Readonly<Record<string, string>>;

/** The page of connections of one instance, over fakes of what is around it. */
export class World {
  readonly clock: FakeClock;
  readonly memory: MemoryContainer;
  readonly keyStorage: MemoryKeyStorage;
  readonly grants: FakeGrants;
  readonly lines: LogLine[] = [];
  readonly begun: SignInPurpose[] = [];
  signInFailure: GrantFailure | undefined;
  storeFails = false;
  readonly #endpoints: ReturnType<typeof createConnections>;

  /** @param shared another instance of the same server */
  constructor(
    shared?: World,
    { issuer = ownIssuer, signInUrl = "https://login.example/?prompt=login" } = {},
  ) {
    this.clock = shared?.clock ?? new FakeClock();
    this.memory = shared?.memory ?? new MemoryContainer();
    this.keyStorage = shared?.keyStorage ?? new MemoryKeyStorage();
    this.grants = shared?.grants ?? new FakeGrants();
    const { container } = this.memory.view({ staleReads: shared ? 2 : 0 });
    const { now } = this.clock;
    this.#endpoints = createConnections({
      issuer,
      title: "Expenses",
      settings: { idleMilliseconds: 14 * 24 * 60 * 60 * 1000 },
      store: createGatewayStore({
        open: async () => {
          if (this.storeFails) throw Object.assign(new Error("down"), { code: "ECONNREFUSED" });
          return container;
        },
        now,
        pause: async () => {},
      }),
      keyRing: testKeyRing({ clock: this.clock, storage: this.keyStorage }),
      grants: this.grants,
      signIns: {
        begin: async (purpose) => {
          if (this.signInFailure) return failure(this.signInFailure);
          this.begun.push(purpose);
          return success({ url: signInUrl, setCookie: "__Host-s=1" });
        },
      },
      randomBytes,
      now,
      monotonicNow: now,
    });
  }

  get(cookie?: string): Promise<Answer> {
    return this.#endpoints.connections(this.#request("GET", cookie));
  }

  post(form: Form | undefined, cookie?: string): Promise<Answer> {
    const request = this.#request("POST", cookie);
    return this.#endpoints.connections({
      ...request,
      ...(form && { form: success(new Map(Object.entries(form))) }),
    });
  }

  /** What the callback answers once somebody has signed in. */
  signedIn(objectId = person): Promise<Answer> {
    const tokens = { accessToken: "upstream-access", refreshToken: "upstream-refresh" };
    return this.#endpoints.onConnections(
      {
        purpose: { kind: "connections" },
        person: aCaller({ objectId }),
        tokens,
        demanded: undefined,
        setCookie: "__Host-s=; Max-Age=0",
      },
      this.#request("GET"),
    );
  }

  /** Signs in, and gives the session's cookie as the browser sends it. */
  async cookieOf(objectId = person): Promise<string> {
    return cookieOf(await this.signedIn(objectId));
  }

  audited(): LogLine[] {
    return this.lines.filter(({ event }) => event.startsWith("audit."));
  }

  #request(method: "GET" | "POST", cookie = ""): GatewayRequest {
    const [name = "", value = ""] = cookie.split("=");
    return {
      method,
      query: success(new Map()),
      cookies: new Map(name === "" ? [] : [[name, value]]),
      hasAuthorization: false,
      invocation: {
        id: "invocation",
        log: (level, event, fields) => void this.lines.push({ level, event, ...fields }),
      },
      signal: new AbortController().signal,
    };
  }
}

export function cookieOf({ headers }: Answer): string {
  return headers["set-cookie"]?.split(";", 1)[0] ?? "";
}

/** The forms of a page, in their order. */
export function formsOf({ body }: Answer): Form[] {
  return [...String(body).matchAll(/<form .*?<\/form>/gs)].map(([form]) =>
    Object.fromEntries(
      [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    ),
  );
}

/** The form of a page that does this. */
export function formOf(answer: Answer, deed: string, connection?: string): Form {
  const found = formsOf(answer).find(
    (form) => form.deed === deed && (connection === undefined || form.connection === connection),
  );
  if (!found) throw new Error(`The page has no form for ${deed}.`);
  return found;
}

/** What a page says, without markup. */
export function textOf({ body }: Answer): string {
  return String(body)
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/<\/?(?:bdi|time)\b[^>]*>/g, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");
}
