import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Authority, startAuthority } from "../../local/authority/authority.ts";
import { localTenant } from "../../local/authority/tenant.ts";
import { resourceTokenIssuer } from "../../local/authority/tokens/tokens.ts";
import { combinedCaFile, ensureCertificate } from "../../local/certificate.ts";
import { accounts } from "../../local/directory.ts";
import { reservePort } from "../../local/free-port.ts";
import { startFunctionsHost } from "../../local/functions-host/start.ts";
import { startGraph } from "../../local/graph/graph.ts";
import { startManagedIdentityEndpoint } from "../../local/managed-identity/endpoint.ts";
import { applicationFolder } from "../../local/paths.ts";
import { notForTheLaptop, serverSettings } from "../../local/settings.ts";
import { verifies } from "../requirements.ts";
import { clientKinds, connectClient, textOf } from "../support/clients.ts";
import { type DocumentHost, startDocumentHost } from "../support/document-host.ts";
import { connectSigningIn, createSigningInProvider } from "../support/person.ts";
import { control } from "../support/shared-stack.ts";
import { runCommand, startStack, temporaryFolder } from "../support/stack.ts";

const username = "user1@contoso.example";
/** Not needed to find out who is signed in. */
const nowhere = "https://localhost:1";
const minutes = 60 * 1000;

const closing: (() => Promise<void>)[] = [];
async function open<Part extends { close(): Promise<void> }>(part: Promise<Part>): Promise<Part> {
  const started = await part;
  closing.unshift(() => started.close());
  return started;
}

let host: DocumentHost;
let authority: Authority;
/** What the authority's clock is ahead, in milliseconds. */
let ahead = 0;
/** Starts the deployed build over the authority; says where, and what it has printed. */
let serve: (settings?: Record<string, string>) => Promise<{ mcp: URL; lines: string[] }>;
let mcp: URL;
let lines: readonly string[];

beforeAll(async () => {
  const folder = await temporaryFolder();
  closing.unshift(async () => folder[Symbol.asyncDispose]());
  host = await open(startDocumentHost());
  const certificate = await ensureCertificate(folder.path);
  const certificateAuthorities = await combinedCaFile(folder.path, process.env.NODE_EXTRA_CA_CERTS);
  const reserved = await reservePort("MCP server", 0);
  mcp = new URL(`http://localhost:${reserved.port}/mcp`);
  const { api } = localTenant;
  const tenant = {
    ...localTenant,
    api: { ...api, identifierUris: [api.identifierUri, mcp.href] },
  };
  authority = await open(
    startAuthority({
      certificate,
      tenant,
      clientDocuments: { advertised: true, network: host.network },
      now: () => Date.now() + ahead,
    }),
  );
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
  const start = async (port: number, settings: Record<string, string>) => {
    const printed: string[] = [];
    const url = new URL(`http://localhost:${port}/mcp`);
    const endpoints = { ...services, cosmos: nowhere, storage: nowhere };
    await open(
      startFunctionsHost({
        appDirectory: applicationFolder,
        port,
        env: {
          ...process.env,
          ...notForTheLaptop,
          ...serverSettings(endpoints, url.href, certificateAuthorities),
          ...settings,
        },
        onLog: (line) => printed.push(line),
      }),
    );
    return { mcp: url, lines: printed };
  };
  await reserved.release();
  ({ lines } = await start(reserved.port, {}));
  serve = async (settings = {}) => {
    const other = await reservePort("MCP server", 0);
    await other.release();
    return start(other.port, settings);
  };
});
afterAll(async () => {
  for (const end of closing) await end();
});

/** A person beside a client whose id is the URL of its document. */
const personWith = (clientMetadataUrl: string) =>
  createSigningInProvider(username, { clientMetadataUrl });

async function whoIs(client: Awaited<ReturnType<typeof connectClient>>): Promise<string> {
  return textOf(await client.callTool({ name: "get_user_details", arguments: {} }));
}

const accessTokenOf = async ({ provider }: ReturnType<typeof personWith>) =>
  (await provider.tokens())?.access_token ?? "";

const azpOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).azp;

describe("the official client with a document", () => {
  it.each(clientKinds)(
    verifies("client-documents.circle", "gets from the 401 to a call as its person, and on: %s"),
    async (kind) => {
      const url = host.publish(`/${kind}.json`);
      const person = personWith(url);
      const client = await connectSigningIn(kind, mcp, person);
      const { searchParams } = person.asked();
      expect(searchParams.get("client_id")).toBe(url);
      expect(searchParams.get("resource")).toBe(mcp.href);
      expect(host.requests.filter((path) => path === `/${kind}.json`)).toHaveLength(1);

      person.spoilAccessToken();
      expect(await whoIs(client)).toContain("Uma First");
      expect(person.signIns()).toBe(1);
      await client.close();

      const clientId = azpOf(await accessTokenOf(person));
      const call = lines.find((line) => line.includes(clientId) && line.includes("audit.tool"));
      expect(JSON.parse(call ?? "{}")).toMatchObject({
        tool: "get_user_details",
        clientId,
        agent: "for-person",
        outcome: "success",
      });
    },
  );

  it(verifies("client-documents.circle", "is let in by its application id alone"), async () => {
    const person = personWith(host.publish("/limited.json"));
    await (await connectSigningIn("modern", mcp, person)).close();
    const accessToken = await accessTokenOf(person);
    const { mcp: limited } = await serve({ ALLOWED_CLIENT_IDS: azpOf(accessToken) });
    const client = await connectClient("modern", limited, { accessToken });
    expect(await whoIs(client)).toContain("Uma First");
    await client.close();

    const others = personWith(host.publish("/others.json"));
    await (await connectSigningIn("modern", mcp, others)).close();
    for (const other of [await accessTokenOf(others), await authority.issueAccessToken()]) {
      const refused = connectClient("modern", limited, { accessToken: other });
      await expect(refused).rejects.toThrow(/403|not allowed|access_denied/);
    }
  });

  it(
    verifies(
      ["client-documents.circle", "client-documents.administrator"],
      "waits for the administrator, and gets in once it is granted",
    ),
    async () => {
      const url = host.publish("/waiting.json");
      const decide = (body: object) => control(authority.issuer, "/_local/client-documents", body);
      await decide({ administratorGrants: true });
      onTestFinished(() => decide({ administratorGrants: false }));
      const refused = personWith(url);
      await expect(connectSigningIn("modern", mcp, refused)).rejects.toThrow("AADSTS90094");
      expect(refused.callback().searchParams.get("error")).toBe("access_denied");

      await decide({ grant: url });
      const granted = personWith(url);
      const client = await connectSigningIn("modern", mcp, granted);
      expect(await whoIs(client)).toContain("Uma First");

      await decide({ revoke: url });
      granted.spoilAccessToken();
      await expect(whoIs(client)).rejects.toThrow("AADSTS65001");
      await client.close();
    },
  );

  it(
    verifies(
      ["client-documents.circle", "client-documents.changed"],
      "is signed out once its document is gone",
    ),
    async () => {
      const url = host.publish("/gone.json");
      const person = personWith(url);
      const client = await connectSigningIn("modern", mcp, person);
      host.withdraw("/gone.json");
      ahead += 10 * minutes;
      person.spoilAccessToken();
      await expect(whoIs(client)).rejects.toThrow("AADSTS700016");
      await client.close();
    },
  );
});

describe("the laptop stack", () => {
  it(verifies("client-documents.switch", "says in discovery that it takes documents"), async () => {
    await using folder = await temporaryFolder();
    const stack = await startStack(folder.path, { options: ["--client-documents"] });
    try {
      const response = await fetch(`${stack.authority}/.well-known/openid-configuration`);
      expect(await response.json()).toMatchObject({ client_id_metadata_document_supported: true });
    } finally {
      await stack.stop();
    }
  });

  it.each(["local/start.ts", "local/emulators.ts"])(
    verifies("client-documents.switch", "tells of the option: %s"),
    async (command) => {
      const { stdout } = await runCommand(command, ["--help"]);
      expect(stdout).toContain("  --client-documents ");
    },
  );
});
