import { cp, readdir, readFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFunctionsHost } from "../../local/functions-host/start.ts";
import { applicationFolder, projectFolder } from "../../local/paths.ts";
import { serverSettings } from "../../local/settings.ts";
import { verifies } from "../requirements.ts";
import { temporaryFolder } from "../support/stack.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  await cp(applicationFolder, join(folder.path, "app"), { recursive: true });
});

afterAll(() => folder?.[Symbol.asyncDispose]());

/** Starts what would be deployed, with nothing of the project around it. */
async function startDeployed(environment: NodeJS.ProcessEnv) {
  const lines: string[] = [];
  const host = await startFunctionsHost({
    appDirectory: join(folder.path, "app"),
    port: 0,
    env: { ...process.env, ...environment },
    onLog: (line) => lines.push(line),
  });
  return { host, lines };
}

describe("what would be deployed", () => {
  it(
    verifies("deploy.contents", "has no dependencies, and nothing of the laptop in it"),
    async () => {
      const manifest = JSON.parse(await readFile(join(folder.path, "app", "package.json"), "utf8"));
      expect(manifest).toMatchObject({ main: "main.mjs", type: "module" });
      expect(manifest).not.toHaveProperty("dependencies");
      const host = JSON.parse(await readFile(join(folder.path, "app", "host.json"), "utf8"));
      expect(host).not.toHaveProperty("extensionBundle");
      const parts = await readdir(join(folder.path, "app", "parts"));
      for (const name of ["main.mjs", ...parts.map((part) => join("parts", part))]) {
        const bundle = await readFile(join(folder.path, "app", name), "utf8");
        expect(bundle).not.toContain(projectFolder);
        expect(bundle).not.toContain("contoso.example");
      }
    },
  );

  it(
    verifies(
      "deploy.misconfigured",
      "still loads all its routes where settings are missing, says which, and answers 503",
    ),
    async () => {
      const none = Object.fromEntries(
        Object.keys(serverSettings(emptyServices, "http://localhost/mcp", "")).map((name) => [
          name,
          "",
        ]),
      );
      const { host, lines } = await startDeployed({ ...none, NODE_EXTRA_CA_CERTS: undefined });
      try {
        const statuses = await Promise.all(
          ["/health", "/health/ready", "/.well-known/oauth-protected-resource/mcp"].map(
            async (path) => (await fetch(host.url + path)).status,
          ),
        );
        expect(statuses).toEqual([200, 503, 503]);
        const mcp = await fetch(`${host.url}/mcp`, { method: "POST" });
        expect(mcp.status).toBe(503);
        expect(await mcp.text()).not.toContain("ENTRA_");
        expect(lines.join("\n")).toContain("ENTRA_TENANT_ID is missing");
        expect(lines.join("\n")).toContain("COSMOS_ENDPOINT is missing");
      } finally {
        await host.close();
      }
    },
  );

  it(
    verifies(
      ["deploy.routes", "http.public"],
      "serves both metadata paths, and only the methods and routes it should",
    ),
    async () => {
      const settings = serverSettings(emptyServices, "http://localhost:7071/mcp", "");
      const { host } = await startDeployed({ ...settings, NODE_EXTRA_CA_CERTS: undefined });
      try {
        for (const path of ["/mcp", ""]) {
          for (const name of ["localhost:7071", "127.0.0.1:7071", "[::1]:7071"]) {
            const document = await metadataOf(host.url, name, path);
            expect(document).toMatchObject({ resource: `http://${name}/mcp` });
          }
        }
        const own = { host: "localhost:7071" };
        expect(await statusOf(host.url, "GET", own, "/health")).toBe(200);
        expect(await statusOf(host.url, "GET", own, "/api/mcp")).toBe(404);
        expect(await statusOf(host.url, "POST", own, "/health")).toBe(405);
        for (const path of ["/health", "/.well-known/oauth-protected-resource/mcp"]) {
          expect(await statusOf(host.url, "HEAD", own, path)).toBe(200);
          expect(await statusOf(host.url, "OPTIONS", own, path)).toBe(204);
        }
        expect(await statusOf(host.url, "GET", own)).toBe(401);
        expect(await statusOf(host.url, "DELETE", own)).toBe(401);
        expect(await statusOf(host.url, "POST", own)).toBe(401);
        expect(await statusOf(host.url, "POST", { host: "evil.example" })).toBe(403);
      } finally {
        await host.close();
      }
    },
  );
});

it.each([
  ["api://mcp-abc123", "https://mcp.contoso.example/mcp"],
  ["https://mcp.contoso.example/mcp", "https://mcp.contoso.example/mcp"],
])(
  verifies("deploy.scope-prefix", "metadata and challenge follow the identifier URI %s"),
  async (identifierUri, publicUrl) => {
    const { host } = await startDeployed({
      ...serverSettings(emptyServices, publicUrl, ""),
      ENTRA_IDENTIFIER_URI: identifierUri,
      NODE_EXTRA_CA_CERTS: undefined,
    });
    try {
      const scope = `${identifierUri}/user_impersonation`;
      expect(await metadataOf(host.url, "mcp.contoso.example", "/mcp")).toMatchObject({
        resource: publicUrl,
        authorization_servers: [emptyServices.issuer],
        scopes_supported: [scope],
      });
      const challenge = await challengeOf(host.url, { host: "mcp.contoso.example" });
      expect(challenge).toContain(`scope="${scope}"`);
      expect(challenge).toContain(
        'resource_metadata="https://mcp.contoso.example/.well-known/oauth-protected-resource/mcp"',
      );
    } finally {
      await host.close();
    }
  },
);

const emptyServices = {
  issuer: "http://localhost:1/tenant/v2.0",
  authorityHost: "https://localhost:1",
  managedIdentity: { endpoint: "http://127.0.0.1:1", header: "none" },
  graph: "http://localhost:1",
  cosmos: "https://localhost:1",
  storage: "https://localhost:1",
};

async function statusOf(
  url: string,
  method: string,
  headers: Record<string, string>,
  path = "/mcp",
) {
  return (await ask(url, method, headers, path)).resume().statusCode;
}

async function challengeOf(url: string, headers: Record<string, string>) {
  return (await ask(url, "POST", headers)).resume().headers["www-authenticate"];
}

async function metadataOf(url: string, host: string, path: string): Promise<unknown> {
  const response = await ask(`${url}/.well-known/oauth-protected-resource`, "GET", { host }, path);
  return json(response);
}

/** `fetch` sets `Host` itself, so this asks with `node:http`. */
async function ask(url: string, method: string, headers: Record<string, string>, path = "/mcp") {
  return new Promise<IncomingMessage>((resolve, reject) => {
    request(`${url}${path}`, { method, headers }, resolve).once("error", reject).end();
  });
}
