import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startAuthority } from "../../local/authority/authority.ts";
import { startLocalhostServer } from "../../local/authority/localhost-server.ts";
import { localTenant } from "../../local/authority/tenant.ts";
import { resourceTokenIssuer } from "../../local/authority/tokens/tokens.ts";
import { ensureCertificate } from "../../local/certificate.ts";
import {
  accounts,
  apiClientId,
  apiClientSecret,
  apiIdentifierUri,
  gatewayClientId,
  gatewayClientSecret,
  tenantId,
} from "../../local/directory.ts";
import { startGraph } from "../../local/graph/graph.ts";
import { composeGateway } from "../gateway/composed-gateway.ts";
import { verifies } from "../requirements.ts";
import { clientKinds, textOf } from "../support/clients.ts";
import { type DocumentHost, startDocumentHost } from "../support/document-host.ts";
import { connectSigningIn, createSigningInProvider } from "../support/person.ts";
import { temporaryFolder } from "../support/stack.ts";

const closing: (() => Promise<void>)[] = [];
async function open<Part extends { close(): Promise<void> }>(part: Promise<Part>): Promise<Part> {
  const started = await part;
  closing.unshift(() => started.close());
  return started;
}

let host: DocumentHost;
/** `/gateway/mcp` of an application in this process: a deployed one fetches from public addresses alone. */
let gateway: URL;
/** The paths of the gateway that were asked for. */
const paths: string[] = [];

beforeAll(async () => {
  const folder = await temporaryFolder();
  closing.unshift(async () => folder[Symbol.asyncDispose]());
  host = await open(startDocumentHost());
  const handler = Promise.withResolvers<(request: Request) => Promise<Response>>();
  const part = "MCP server";
  const server = await open(startLocalhostServer({ part, port: 0, handler: handler.promise }));
  gateway = new URL("/gateway/mcp", server.origin);

  const certificate = await ensureCertificate(folder.path);
  const redirectUris = [`${server.origin}/gateway/callback`];
  const tenant = { ...localTenant, gateway: { ...localTenant.gateway, redirectUris } };
  const authority = await open(startAuthority({ certificate, tenant }));
  const graph = await open(
    startGraph({
      ...{ port: 0, issuer: resourceTokenIssuer(tenant), jwksUrl: authority.keysUrl, accounts },
    }),
  );
  const httpClient = createDefaultHttpClient();
  const app = await composeGateway({
    environment: {
      MCP_PUBLIC_URL: `${server.origin}/mcp`,
      ENTRA_TENANT_ID: tenantId,
      ENTRA_CLIENT_ID: apiClientId,
      ENTRA_CLIENT_SECRET: apiClientSecret,
      ENTRA_IDENTIFIER_URI: apiIdentifierUri,
      ENTRA_AUTHORITY_HOST: authority.authorityHost,
      ENTRA_ISSUER: authority.issuer,
      GATEWAY_CLIENT_ID: gatewayClientId,
      GATEWAY_CLIENT_SECRET: gatewayClientSecret,
      GATEWAY_REGISTRATION: "off",
      GRAPH_ENDPOINT: graph.url,
    },
    adapters: {
      now: Date.now,
      monotonicNow: () => performance.now(),
      fetch: () => fetch(authority.keysUrl),
      httpClient: {
        sendRequest(request) {
          request.tlsSettings = { ca: certificate.cert };
          return httpClient.sendRequest(request);
        },
      },
      documentNetwork: host.network,
    },
  });
  handler.resolve((request) => {
    paths.push(new URL(request.url).pathname);
    return app.fetch(request);
  });
});
afterAll(async () => {
  for (const end of closing) await end();
});

it.each(clientKinds)(
  verifies("gateway.client-document", "gets from the 401 to a call, and refreshes: %s"),
  async (kind) => {
    paths.length = 0;
    const url = host.publish(`/${kind}.json`);
    const person = createSigningInProvider("user1@contoso.example", { clientMetadataUrl: url });
    const client = await connectSigningIn(kind, gateway, person);
    expect(person.asked().searchParams.get("client_id")).toBe(url);
    const whoAmI = async () =>
      textOf(await client.callTool({ name: "get_user_details", arguments: {} }));
    expect(await whoAmI()).toContain("Uma First");

    person.spoilAccessToken();
    expect(await whoAmI()).toContain("Uma First");
    expect(person.signIns()).toBe(1);
    await client.close();
    expect(paths.filter((path) => path === "/gateway/token")).toHaveLength(2);
    expect(paths).not.toContain("/gateway/register");
    expect(host.requests.filter((path) => path === `/${kind}.json`)).toHaveLength(1);
  },
);
