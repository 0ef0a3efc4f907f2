import { createPrivateKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { startAuthority } from "../../../local/authority/authority.ts";
import { openState } from "../../../local/authority/state.ts";
import type { Tenant } from "../../../local/authority/tenant.ts";
import { ensureCertificate } from "../../../local/certificate.ts";
import { startFunctionsHost } from "../../../local/functions-host/start.ts";
import { applicationFolder } from "../../../local/paths.ts";
import { type Services, startServices } from "../../../local/services.ts";
import { notForTheLaptop, serverSettings } from "../../../local/settings.ts";
import { anyPorts } from "../../../local/stack-record.ts";
import { examine, type Report } from "../../../probe/doctor/examination.ts";
import type { Subject } from "../../../probe/doctor/patient.ts";
import { type Claims, decodeJwt, type JwtHeader, signJwt } from "../../../probe/shared/jwt.ts";
import { accessTokenOf } from "../../support/shared-stack.ts";
import { temporaryFolder } from "../../support/stack.ts";
import { type BreakingProxy, type Fault, startBreakingProxy } from "./breaking-proxy.ts";

export const username = "user1@contoso.example";

export type BreakableStack = ReturnType<typeof breakableStack>;

export interface ServerOptions {
  /** Settings to change; `undefined` leaves one out. */
  readonly settings?: Readonly<Record<string, string | undefined>>;
  /** The deployed host.json, in place of ours. */
  readonly hostJson?: unknown;
}

/**
 * Starts a laptop stack, whose server is reached through a proxy that breaks one thing at a time,
 * before the file's tests, and ends it after them.
 */
export function breakableStack() {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let services: Services;
  let proxy: BreakingProxy;
  let token: string;
  let signingKey: KeyObject;
  let healthyServer: string;
  const closing: (() => PromiseLike<unknown>)[] = [];

  beforeAll(async () => {
    folder = await temporaryFolder();
    closing.push(() => folder[Symbol.asyncDispose]());
    proxy = await startBreakingProxy();
    closing.push(() => proxy.close());
    services = await startServices({
      dataFolder: folder.path,
      stackFolder: folder.path,
      ports: anyPorts,
      serverUrl: `${proxy.origin}/mcp`,
      log: () => undefined,
    });
    closing.push(() => services.close());
    const host = await startHost();
    closing.push(() => host.close());
    healthyServer = host.url;
    proxy.forwardTo(host.url);
    token = await accessTokenOf({ authority: services.issuer }, username);
    const { state } = await openState(join(folder.path, "authority"));
    signingKey = createPrivateKey({ key: state.signingKey as JsonWebKey, format: "jwk" });
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  async function startHost({ settings, hostJson }: ServerOptions = {}) {
    const env = {
      ...process.env,
      ...notForTheLaptop,
      // What a shell may name as the way out of its network.
      NO_PROXY: "localhost,127.0.0.1",
      ...serverSettings(services, `${proxy.origin}/mcp`, services.certificateAuthorities),
      ...settings,
    };
    let appDirectory = applicationFolder;
    if (hostJson) {
      appDirectory = join(folder.path, "app");
      await cp(applicationFolder, appDirectory, { recursive: true });
      await writeFile(join(appDirectory, "host.json"), JSON.stringify(hostJson));
    }
    return startFunctionsHost({ appDirectory, port: 0, env, onLog: () => undefined });
  }

  return {
    /** The MCP URL, the proxy's; only within tests. */
    mcp: () => `${proxy.origin}/mcp`,
    services: () => services,
    /** What the doctor says of it, with that fault. */
    async examine(fault: Fault, subject?: Partial<Subject>): Promise<Report> {
      proxy.breakBy(fault);
      return await examine(subjectOf(`${proxy.origin}/mcp`, subject));
    },
    /** What the doctor says where the metadata leads to the authority of another tenant. */
    async examineTenant(
      tenantOf: (mcp: string) => Tenant,
      subject?: Partial<Subject>,
    ): Promise<Report> {
      const mcp = `${proxy.origin}/mcp`;
      const certificate = await ensureCertificate(folder.path);
      const authority = await startAuthority({ tenant: tenantOf(mcp), certificate });
      try {
        proxy.breakBy({
          alter: (reply, { path }) =>
            path.startsWith("/.well-known/")
              ? {
                  ...reply,
                  body: {
                    ...JSON.parse(String(reply.body)),
                    authorization_servers: [authority.issuer],
                  },
                }
              : reply,
        });
        return await examine(subjectOf(mcp, subject));
      } finally {
        await authority.close();
      }
    },
    /** An access token of somebody who has signed in. */
    token: () => token,
    /** A token of the authority like that one, but for what is changed. */
    mint(changes: Claims, headerChanges?: JwtHeader): string {
      const good = decodeJwt(token);
      if (!good) throw new Error("The stack's token is no JWT.");
      const header = { ...good.header, ...headerChanges };
      return signJwt(signingKey, header, { ...good.claims, ...changes });
    },
    /** What the doctor says of a further server over the same services, told something else. */
    async examineServer(options: ServerOptions, subject?: Partial<Subject>): Promise<Report> {
      const host = await startHost(options);
      proxy.breakBy({});
      proxy.forwardTo(host.url);
      try {
        return await examine(subjectOf(`${proxy.origin}/mcp`, subject));
      } finally {
        proxy.forwardTo(healthyServer);
        await host.close();
      }
    },
  };
}

function subjectOf(mcp: string, subject: Partial<Subject> = {}): Subject {
  return {
    target: new URL(mcp),
    token: undefined,
    origin: undefined,
    call: false,
    timeout: 5_000,
    now: Date.now,
    ...subject,
  };
}
