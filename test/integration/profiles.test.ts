import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Authority, startAuthority } from "../../local/authority/authority.ts";
import { localTenant } from "../../local/authority/tenant.ts";
import { resourceTokenIssuer } from "../../local/authority/tokens/tokens.ts";
import { combinedCaFile, ensureCertificate } from "../../local/certificate.ts";
import { accounts } from "../../local/directory.ts";
import { startFunctionsHost } from "../../local/functions-host/start.ts";
import { startGraph } from "../../local/graph/graph.ts";
import { startManagedIdentityEndpoint } from "../../local/managed-identity/endpoint.ts";
import { applicationFolder } from "../../local/paths.ts";
import { serverSettings } from "../../local/settings.ts";
import { signIn } from "../../local/sign-in.ts";
import { verifies } from "../requirements.ts";
import { type ClientOptions, connectClient, textOf } from "../support/clients.ts";
import { connectSigningIn, createSigningInProvider } from "../support/person.ts";
import { temporaryFolder } from "../support/stack.ts";

const publicUrl = new URL("https://mcp.contoso.example/mcp");
const username = "user1@contoso.example";
/** Neither is needed to find out who is signed in. */
const nowhere = "https://localhost:1";

interface ProfileStack {
  readonly authority: Authority;
  /** Reaches the server under its public name, as what terminates TLS in front of it does. */
  readonly fetch: NonNullable<ClientOptions["fetch"]>;
  close(): Promise<void>;
}

/** The deployed build under an identifier URI, with an authority that is as strict as Entra. */
async function startProfile(folder: string, identifierUri: string): Promise<ProfileStack> {
  const closing: (() => Promise<void>)[] = [];
  const open = async <Part extends { close(): Promise<void> }>(part: Promise<Part>) => {
    const started = await part;
    closing.unshift(() => started.close());
    return started;
  };
  const certificate = await ensureCertificate(folder);
  const tenant = { ...localTenant, api: { ...localTenant.api, identifierUri } };
  const authority = await open(startAuthority({ certificate, tenant, resourceCheck: "entra" }));
  const managedIdentity = await open(startManagedIdentityEndpoint({ authority, port: 0 }));
  const graph = await open(
    startGraph({
      port: 0,
      issuer: resourceTokenIssuer(tenant),
      jwksUrl: authority.keysUrl,
      accounts,
      log: () => undefined,
    }),
  );
  const { issuer, authorityHost } = authority;
  const services = { issuer, authorityHost, managedIdentity, graph: graph.url };
  const settings = serverSettings(
    { ...services, cosmos: nowhere, storage: nowhere },
    publicUrl.href,
    await combinedCaFile(folder, process.env.NODE_EXTRA_CA_CERTS),
  );
  const { port } = await open(
    startFunctionsHost({
      appDirectory: applicationFolder,
      port: 0,
      env: { ...process.env, ...settings, ENTRA_IDENTIFIER_URI: identifierUri },
      onLog: () => undefined,
    }),
  );
  return {
    authority,
    fetch: (input, init) => {
      const asked = new Request(input, init);
      return new URL(asked.url).origin === publicUrl.origin ? sendTo(port, asked) : fetch(asked);
    },
    async close() {
      for (const end of closing) await end();
    },
  };
}

/** `fetch` sets `Host` itself, so this sends with `node:http`. */
async function sendTo(port: number, asked: Request): Promise<Response> {
  const { pathname, host } = new URL(asked.url);
  const body = Buffer.from(await asked.arrayBuffer());
  const headers = { ...Object.fromEntries(asked.headers), host };
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path: pathname, method: asked.method, headers })
      .once("response", (answer) => {
        const { statusCode: status = 0, headers: answered } = answer;
        const pairs = Object.entries(answered).map(([name, value]) => [name, String(value)]);
        buffer(answer).then(
          (content) =>
            resolve(
              new Response(content.length === 0 ? null : new Uint8Array(content), {
                status,
                headers: Object.fromEntries(pairs),
              }),
            ),
          reject,
        );
      })
      .once("error", reject)
      .end(body);
  });
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let stack: ProfileStack;

async function start(identifierUri: string): Promise<void> {
  folder = await temporaryFolder();
  stack = await startProfile(folder.path, identifierUri);
}

async function stop(): Promise<void> {
  await stack?.close();
  await folder?.[Symbol.asyncDispose]();
}

describe("with the server's own https URL as the identifier URI", () => {
  beforeAll(() => start(publicUrl.href));
  afterAll(stop);

  it(verifies("profiles.https", "serves a client that sends the resource parameter"), async () => {
    const memory = createSigningInProvider(username);
    let resource: string | null = null;
    const provider = {
      ...memory.provider,
      redirectToAuthorization(url: URL) {
        resource = url.searchParams.get("resource");
        return memory.provider.redirectToAuthorization(url);
      },
    };
    const client = await connectSigningIn("modern", publicUrl, { ...memory, provider }, stack);
    expect(resource).toBe(publicUrl.href);
    const details = await client.callTool({ name: "get_user_details", arguments: {} });
    expect(textOf(details)).toContain("Uma First");
    await client.close();
  });
});

describe("with an api:// identifier URI", () => {
  const identifierUri = "api://mcp-abc123";
  const scope = `${identifierUri}/user_impersonation`;
  const signInWith = (parameters: { resource?: string }) =>
    signIn({
      issuer: stack.authority.issuer,
      username,
      scope,
      clientName: "Profile test",
      ...parameters,
    });
  beforeAll(() => start(identifierUri));
  afterAll(stop);

  it(verifies("profiles.api", "serves a client that leaves the resource out"), async () => {
    const { accessToken } = await signInWith({});
    const options = { accessToken, fetch: stack.fetch };
    const client = await connectClient("modern", publicUrl, options);
    const details = await client.callTool({ name: "get_user_details", arguments: {} });
    expect(textOf(details)).toContain("Uma First");
    await client.close();
  });

  it(verifies("profiles.api", "refuses clients that send the server's URL"), async () => {
    await expect(signInWith({ resource: publicUrl.href })).rejects.toThrow("AADSTS9010010");
  });
});
