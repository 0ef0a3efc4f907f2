import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { projectFolder } from "../../local/paths.ts";
import { fakeAzdFolder } from "../infra/hooks/azd-folder.ts";
import { serveGraph } from "../infra/hooks/servers.ts";
import { application, createTenant, refusal, type TenantOptions } from "../infra/hooks/tenant.ts";
import { verifies } from "../requirements.ts";
import { runProgram } from "../support/run-program.ts";

const scopeId = randomUUID();
const vscode = { appId: "aebc6443-996d-45c2-90f0-388ff96faa56", delegatedPermissionIds: [scopeId] };
const url = "https://mcp.contoso.com/mcp";

/** The server's registration as a deployment makes it. */
const serverRegistration = (properties = {}) =>
  application("mcp-abc123", {
    displayName: "MCP server (dev)",
    identifierUris: ["api://tenant/mcp-abc123", url],
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: [{ id: scopeId, value: "user_impersonation" }],
      preAuthorizedApplications: [vscode],
    },
    ...properties,
  });

interface World extends TenantOptions {
  /** Values of the azd environment, beside those of a deployment; `null` where there is none. */
  readonly values?: Readonly<Record<string, string>> | null;
  readonly api?: ReturnType<typeof serverRegistration>;
}

/** A tenant with the server's registration, the environment of its deployment, and the command. */
async function world({
  values = {},
  api = serverRegistration(),
  items = [],
  ...tenant
}: World = {}) {
  const tenantId = randomUUID();
  const of = createTenant({ id: tenantId, ...tenant, items: [api, ...items] });
  const graph = await serveGraph(of);
  const deployment = {
    AZURE_ENV_NAME: "dev",
    AZURE_TENANT_ID: tenantId,
    ENTRA_APPLICATION_CLIENT_ID: api.appId,
    ENTRA_APPLICATION_UNIQUE_NAME: "mcp-abc123",
    MCP_URL: url,
    MCP_SCOPE: "api://tenant/mcp-abc123/user_impersonation",
  };
  const azd = await fakeAzdFolder(values === null ? undefined : { ...deployment, ...values });
  const run = async (script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const options = { cwd: projectFolder, env: { ...azd.env, GRAPH_ENDPOINT: graph.url, ...env } };
    const { code, stdout, stderr } = await runProgram(process.execPath, [script, ...args], options);
    expect(stdout + stderr).not.toMatch(/an-access-token| {4}at /);
    return { code, stdout, stderr };
  };
  return {
    api,
    azd,
    tenantId,
    run,
    register: (args: readonly string[], env?: NodeJS.ProcessEnv) =>
      run("scripts/register-client/main.ts", args, env),
    found: (name: string) => of.items.find(({ uniqueName }) => uniqueName === name),
    principals: () => of.items.filter(({ type }) => type === "servicePrincipal"),
    preAuthorized: () => {
      const { api: settings } = of.items.find(({ id }) => id === api.id) as unknown as {
        api: { preAuthorizedApplications: (typeof vscode)[] };
      };
      return settings.preAuthorizedApplications;
    },
    changes: () => of.requests.filter((request) => !request.startsWith("GET ")),
    async [Symbol.asyncDispose]() {
      await graph[Symbol.asyncDispose]();
      await azd[Symbol.asyncDispose]();
    },
  };
}

describe("npm run register-client", () => {
  beforeEach(({ skip }) =>
    skip(process.platform === "win32", "no script can stand in for azd.exe"),
  );

  it(
    verifies(
      ["register-client.makes", "register-client.repeats", "register-client.notes"],
      "registers a client once, and notes it for the next provisioning",
    ),
    async () => {
      await using tenant = await world({ values: { REGISTER_CLIENTS: "claude" } });
      const first = await tenant.register(["cursor"]);
      expect(first).toMatchObject({ code: 0, stderr: "" });
      const cursor = tenant.found("mcp-abc123-cursor");
      expect(cursor).toMatchObject({
        displayName: "MCP server (dev): Cursor",
        signInAudience: "AzureADMyOrg",
        publicClient: {
          redirectUris: [
            "http://localhost:8787/callback",
            "cursor://anysphere.cursor-mcp/oauth/callback",
          ],
        },
      });
      const appId = String(cursor?.appId);
      expect(tenant.principals()).toMatchObject([{ appId }]);
      expect(tenant.preAuthorized()).toEqual([
        vscode,
        { appId, delegatedPermissionIds: [scopeId] },
      ]);
      expect(first.stdout).toContain(`client id       ${appId}`);
      expect(first.stdout).toContain(`npm run connect -- cursor --url ${url} --client-id ${appId}`);
      expect(first.stdout).toContain("api://tenant/mcp-abc123/user_impersonation offline_access");
      expect(first.stdout).toContain(`"CLIENT_ID": "${appId}"`);
      expect(await tenant.azd.values()).toMatchObject({
        REGISTER_CLIENTS: "claude,cursor",
        REGISTERED_CLIENTS: `cursor=${appId}`,
      });

      const changes = tenant.changes();
      const values = await tenant.azd.values();
      const second = await tenant.register(["cursor"]);
      expect(second.stdout).toContain("was registered before");
      expect(second.stdout).toContain(`--client-id ${appId}`);
      expect([tenant.changes(), await tenant.azd.values()]).toEqual([changes, values]);
    },
  );

  it(
    verifies(
      ["register-client.callback", "register-client.repeats", "register-client.notes"],
      "takes ChatGPT's callback in a second step, and keeps one that a person has added",
    ),
    async () => {
      await using tenant = await world();
      const first = await tenant.register(["chatgpt"]);
      expect(first.stdout).toContain("npm run register-client -- chatgpt --callback URL");
      const callbacks = () =>
        (tenant.found("mcp-abc123-chatgpt") as { publicClient?: { redirectUris: string[] } })
          .publicClient?.redirectUris;
      expect(callbacks()).toEqual([]);
      callbacks()?.push("https://chatgpt.com/connector/oauth/by-hand");
      const callback = "https://chatgpt.com/connector/oauth/OUbdUMlL15Ct";
      const second = await tenant.register(["chatgpt", "--callback", callback]);
      expect(second).toMatchObject({ code: 0, stderr: "" });
      expect(second.stdout).toContain("is changed");
      const all = ["https://chatgpt.com/connector/oauth/by-hand", callback];
      expect(callbacks()).toEqual(all);
      expect((await tenant.azd.values()).REGISTER_CLIENTS).toBe(
        all.map((each) => `chatgpt=${each}`).join(","),
      );
    },
  );

  it(
    verifies("register-client.prints", "leaves Copilot Studio's secret to the person"),
    async () => {
      await using tenant = await world();
      const { stdout } = await tenant.register(["copilot-studio"]);
      const signIn = `https://login.microsoftonline.com/${tenant.tenantId}/oauth2/v2.0`;
      for (const words of [
        `Client ID           ${tenant.found("mcp-abc123-copilot-studio")?.appId}`,
        `Authorization URL   ${signIn}/authorize`,
        `Token URL template  ${signIn}/token`,
        "Scopes              api://tenant/mcp-abc123/user_impersonation offline_access",
        "Certificates & secrets > New client secret",
        "npm run register-client -- copilot-studio --callback URL",
      ]) {
        expect(stdout).toContain(words);
      }
      expect(tenant.found("mcp-abc123-copilot-studio")).toMatchObject({
        web: { redirectUris: [] },
      });
      expect(tenant.changes().filter((request) => /password/i.test(request))).toEqual([]);
    },
  );

  it(
    verifies("register-client.makes", "lets the bridge sign people in by device code too"),
    async () => {
      await using tenant = await world({ values: { SERVICE_MANAGEMENT_REFERENCE: "a-reference" } });
      const { stdout } = await tenant.register(["bridge"]);
      const bridge = tenant.found("mcp-abc123-bridge");
      expect(bridge).toMatchObject({
        isFallbackPublicClient: true,
        publicClient: { redirectUris: ["http://localhost"] },
        serviceManagementReference: "a-reference",
      });
      expect(stdout).toContain(`--client-id ${bridge?.appId}`);
      expect(stdout).toMatch(/"command": "entra-mcp-bridge".*"--client-id"/s);
      expect(stdout).toMatch(/npm run connect -- claude-desktop --url .* --write/);
      expect(stdout).toContain("npm run connect -- CLIENT --bridge");
      expect(stdout).not.toContain("offline_access");
    },
  );

  it(
    verifies("register-client.notes", "says that ALLOWED_CLIENT_IDS leaves the client out"),
    async () => {
      await using tenant = await world({ values: { ALLOWED_CLIENT_IDS: vscode.appId } });
      const { stdout } = await tenant.register(["claude"]);
      const { appId } = tenant.found("mcp-abc123-claude") ?? {};
      expect(stdout).toContain(`azd env set ALLOWED_CLIENT_IDS "${vscode.appId},${appId}"`);
    },
  );

  it(
    verifies(
      ["register-client.server", "register-client.notes"],
      "works without an azd environment, signed in to the Azure CLI",
    ),
    async () => {
      await using tenant = await world({ values: null, accessToken: "of-the-cli" });
      const env = { FAKE_AZD_FAILS: "auth token", FAKE_AZD_ERROR: "ERROR: not logged in" };
      const nameless = await tenant.register(["cursor"], env);
      expect(nameless).toMatchObject({ code: 1, stdout: "" });
      expect(nameless.stderr).toContain("--api CLIENT_ID");
      const args = ["cursor", "--api", tenant.api.appId];
      const signedOut = await tenant.register(args, env);
      expect(signedOut.code).toBe(1);
      for (const words of ["ERROR: not logged in", "az login", "nothing was changed"]) {
        expect(signedOut.stderr).toContain(words);
      }
      expect(tenant.changes()).toEqual([]);

      const { code, stdout } = await tenant.register(args, { ...env, FAKE_AZ_TOKEN: "of-the-cli" });
      expect(code).toBe(0);
      expect(stdout).not.toContain("of-the-cli");
      expect(stdout).toContain(`npm run connect -- cursor --url ${url} --client-id`);
      expect(stdout).toMatch(/REGISTER_CLIENTS, separated by commas: cursor$/m);
    },
  );

  it(
    verifies(
      ["register-client.server", "register-client.notes"],
      "registers for an existing registration, of which the deployment makes no clients",
    ),
    async () => {
      const api = serverRegistration({ uniqueName: null });
      const existing = { ...api, uniqueName: null };
      const values = { ENTRA_CLIENT_ID: api.appId, ENTRA_APPLICATION_UNIQUE_NAME: "" };
      await using tenant = await world({ api: existing, values });
      expect(await tenant.register(["inspector"])).toMatchObject({ code: 0, stderr: "" });
      const { appId } = tenant.found(`mcp-${api.appId}-inspector`) ?? {};
      expect(await tenant.azd.values()).toMatchObject({ REGISTERED_CLIENTS: `inspector=${appId}` });
      expect(await tenant.azd.values()).not.toHaveProperty("REGISTER_CLIENTS");
    },
  );

  it(
    verifies("register-client.half", "says what an administrator runs who may register clients"),
    async () => {
      await using tenant = await world({
        answerWith: (request) =>
          request.startsWith("PATCH ") ? refusal(403, "Insufficient privileges") : undefined,
      });
      const { code, stderr } = await tenant.register(["claude"]);
      expect(code).toBe(1);
      for (const words of [
        "Nothing was changed.",
        "/v1.0/applications(uniqueName='mcp-abc123-claude')",
        "Prefer=create-if-missing",
        '"https://claude.ai/api/mcp/auth_callback"',
        "az ad sp create --id CLIENT_ID",
        `/v1.0/applications/${tenant.api.id}"`,
        vscode.appId,
        "run the same command again",
      ]) {
        expect(stderr).toContain(words);
      }
    },
  );

  it(
    verifies("register-client.half", "has an administrator keep the callbacks that are there"),
    async () => {
      const publicClient = { redirectUris: ["https://claude.ai/api/mcp/by_hand"] };
      const there = application("mcp-abc123-claude", { publicClient });
      await using tenant = await world({
        items: [there],
        answerWith: (request) => (request.startsWith("PATCH ") ? refusal(403, "") : undefined),
      });
      const { stderr } = await tenant.register(["claude"]);
      for (const words of [
        `/v1.0/applications/${there.id}"`,
        "https://claude.ai/api/mcp/by_hand",
        "https://claude.com/api/mcp/auth_callback",
        `az ad sp create --id ${there.appId}`,
      ]) {
        expect(stderr).toContain(words);
      }
      expect(stderr).not.toContain("create-if-missing");
    },
  );

  it(verifies("register-client.half", "goes on where it stopped"), async () => {
    let isRefused = true;
    await using tenant = await world({
      answerWith: (request) =>
        isRefused && request === `PATCH /v1.0/applications/${tenant.api.id}`
          ? refusal(403, "Insufficient privileges")
          : undefined,
    });
    const stopped = await tenant.register(["cursor"]);
    const { appId } = tenant.found("mcp-abc123-cursor") ?? {};
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toContain(`Cursor is registered (client id ${appId})`);
    expect(stopped.stderr).toContain("api.json");
    expect(stopped.stderr).toContain(String(appId));
    expect(stopped.stderr).not.toContain("client.json");
    expect(await tenant.azd.values()).not.toHaveProperty("REGISTERED_CLIENTS");
    isRefused = false;
    expect(await tenant.register(["cursor"])).toMatchObject({ code: 0 });
    expect(tenant.preAuthorized().at(-1)?.appId).toBe(appId);
  });

  it(
    verifies(
      ["register-client.half", "register-client.notes"],
      "says what to run where azd cannot note the client",
    ),
    async () => {
      await using tenant = await world();
      const env = { FAKE_AZD_FAILS: "env set", FAKE_AZD_ERROR: "ERROR: the file is read-only" };
      const { code, stderr } = await tenant.register(["cursor"], env);
      expect(code).toBe(1);
      expect(stderr).toContain("the file is read-only");
      expect(stderr).toContain('azd env set REGISTER_CLIENTS "cursor"');
    },
  );

  it(verifies("register-client.half", "passes on what Graph refuses, as one line"), async () => {
    await using tenant = await world({
      answerWith: (request) =>
        request.startsWith("PATCH ") ? refusal(400, "Bad \u001b[31m redirect\nURI") : undefined,
    });
    const { code, stderr } = await tenant.register(["cursor"]);
    expect(code).toBe(1);
    expect(stderr).toContain("(400). Bad  [31m redirect URI\nNothing was changed.");
  });

  it.each([
    ["a token with a line break", { FAKE_AZD_TOKEN: "a-secret\n" }, "no access token"],
    ["a token of other characters", { FAKE_AZD_TOKEN: "a-secr\u00e9t" }, "no access token"],
  ])(verifies("register-client.server", "shows nothing of %s"), async (_, env, words) => {
    await using tenant = await world();
    const { code, stderr } = await tenant.register(["cursor"], env);
    expect(code).toBe(1);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("a-secr");
  });

  it(verifies("register-client.half", "shows nothing of an answer that is no JSON"), async () => {
    await using tenant = await world({ answerWith: () => new Response("\u001b[31mred") });
    const { code, stderr } = await tenant.register(["cursor"]);
    expect(code).toBe(1);
    expect(stderr).toContain("Its answer is no JSON");
    expect(stderr).not.toContain("[31m");
  });

  it(
    verifies("register-client.prints", "prints nothing that acts on a terminal or a shell"),
    async () => {
      const odd = "https://claude.ai/$(id)\u001b[2J";
      const publicClient = { redirectUris: [odd] };
      const known = application("mcp-abc123-claude", { publicClient });
      const api = serverRegistration({
        displayName: "Server\u001b]0;x\u0007\u202e",
        identifierUris: ["api://tenant/\u009b31m", "https://mcp.contoso.com/$(id)/mcp"],
      });
      const values = { REGISTERED_CLIENTS: `claude=${known.appId}`, MCP_SCOPE: "", MCP_URL: "" };
      await using tenant = await world({ api, items: [known], values });
      const { code, stdout, stderr } = await tenant.register(["claude"]);
      expect(code).toBe(0);
      expect(stdout + stderr).not.toMatch(/(?!\n)\p{C}/u);
      expect(stdout).not.toMatch(/--url \S*\$/);
      expect((await tenant.azd.values()).REGISTER_CLIENTS).toBe("claude");
    },
  );

  it(
    verifies("register-client.makes", "names the client by the server's id where its name is odd"),
    async () => {
      const api = serverRegistration();
      const odd = { ...api, uniqueName: "a')$(id)" };
      await using tenant = await world({ api: odd });
      expect(await tenant.register(["claude"])).toMatchObject({ code: 0 });
      expect(tenant.found(`mcp-${api.appId}-claude`)).toBeDefined();
    },
  );

  it(
    verifies("register-client.stranger", "refuses what somebody else has registered"),
    async () => {
      const stranger = randomUUID();
      const taken = application("mcp-abc123-cursor", { owners: [stranger] });
      await using tenant = await world({ items: [taken] });
      const { code, stderr } = await tenant.register(["cursor"]);
      expect(code).toBe(1);
      expect(stderr).toContain(stranger);
      expect(stderr).toContain(`az ad app delete --id ${taken.appId}`);
      expect(tenant.changes()).toEqual([]);
    },
  );

  it.each([
    ["owns it no more", { owners: [] }],
    ["has handed it to the server's owner", {}],
  ])(
    verifies("register-client.stranger", "refuses the callback of somebody who %s"),
    async (_, owners) => {
      const owner = randomUUID();
      const publicClient = { redirectUris: ["https://evil.example/$(id)\u001b[2J"] };
      const taken = application("mcp-abc123-claude", { owners: [owner], publicClient, ...owners });
      await using tenant = await world({
        api: serverRegistration({ owners: [owner] }),
        items: [taken],
      });
      const { code, stderr } = await tenant.register(["claude"]);
      expect(code).toBe(1);
      expect(stderr).toContain('"https://evil.example/$(id)\\u001b[2J", which is none');
      expect(tenant.changes()).toEqual([]);
    },
  );

  it.each([
    ["me", (id: string) => ({ me: id, owners: [id], apiOwners: [] })],
    ["an owner of the server's", (id: string) => ({ owners: [id], apiOwners: [id] })],
    ["an administrator", () => ({ owners: [], apiOwners: [] })],
  ])(
    verifies(
      ["register-client.repeats", "register-client.stranger"],
      "takes over what %s has registered, and gives it what it lacks",
    ),
    async (_, make) => {
      const {
        owners,
        apiOwners,
        ...person
      }: { me?: string; owners: string[]; apiOwners: string[] } = make(randomUUID());
      const before = { redirectUris: ["http://localhost:8787/callback"] };
      const there = application("mcp-abc123-cursor", { owners, publicClient: before });
      const api = serverRegistration({ owners: apiOwners });
      await using tenant = await world({ api, items: [there], ...person });
      expect(await tenant.register(["cursor"])).toMatchObject({ code: 0, stderr: "" });
      expect(tenant.found("mcp-abc123-cursor")).toMatchObject({
        appId: there.appId,
        publicClient: {
          redirectUris: [
            "http://localhost:8787/callback",
            "cursor://anysphere.cursor-mcp/oauth/callback",
          ],
        },
      });
    },
  );

  it.each([
    ["a registration of another tenant", ["cursor", "--api", randomUUID()], "no registration with"],
    [
      "an environment that is not there",
      ["cursor", "--environment", "prod"],
      "The azd environment prod could not be read",
    ],
  ])(verifies("register-client.server", "refuses %s"), async (_, args, words) => {
    await using tenant = await world({ values: args.includes("prod") ? null : {} });
    const { code, stderr } = await tenant.register(args);
    expect([code, tenant.changes()]).toEqual([1, []]);
    expect(stderr).toContain(words);
  });

  it(verifies("register-client.server", "refuses a registration that has no scope"), async () => {
    const scopeless = { oauth2PermissionScopes: [], preAuthorizedApplications: [] };
    await using tenant = await world({ api: serverRegistration({ api: scopeless }) });
    const { code, stderr } = await tenant.register(["cursor"]);
    expect([code, tenant.changes()]).toEqual([1, []]);
    expect(stderr).toContain("has no scope user_impersonation");
  });

  it(verifies("connect.deployed", "lets npm run connect know the client"), async () => {
    await using tenant = await world();
    await tenant.register(["cursor"]);
    const { appId } = tenant.found("mcp-abc123-cursor") ?? {};
    const connect = (at: string) =>
      tenant.run("scripts/connect/main.ts", ["cursor", "--url", at], { HOME: "/none" });
    const { stdout } = await connect(url);
    expect(stdout).toContain(`"CLIENT_ID": "${appId}"`);
    expect(stdout).toMatch(/"api:\/\/tenant\/mcp-abc123\/user_impersonation",\s+"offline_access"/);
    const other = await connect("https://other.contoso.com/mcp");
    expect(other.stdout).not.toContain(String(appId));
    expect(other.stdout).toContain("npm run register-client -- cursor");
  });
});

describe("npm run register-client refuses", () => {
  const refused = async (...args: string[]) => {
    const program = ["scripts/register-client/main.ts", ...args];
    const { code, stdout, stderr } = await runProgram(process.execPath, program, {
      cwd: projectFolder,
      // No azd, and no Graph: nothing is asked before the arguments are read.
      env: { PATH: "/none", GRAPH_ENDPOINT: "http://127.0.0.1:9" },
    });
    expect([code, stdout]).toEqual([1, ""]);
    return stderr;
  };

  it.each([
    [[], "Name a client"],
    [["vscode"], "VS Code needs no registration"],
    [["claude-desktop"], "register bridge; for a connector in Claude, register claude"],
    [["notepad"], "notepad is no client"],
    [["cursor"], "azd is not installed, or not on the PATH: https://aka.ms/azd-install"],
    [["constructor"], "constructor is no client"],
    [["cursor", "--api", "mine"], "a GUID"],
  ])(verifies("register-client.server", "%j: %s"), async (args, words) => {
    const stderr = await refused(...args);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("ENOENT");
    if (args.length === 1 && args[0] !== "cursor")
      expect(stderr).toContain("claude, claude-code, chatgpt, cursor,");
  });

  it(verifies("register-client.callback", "a callback of another place"), async () => {
    const callback = "https://chatgpt.com.evil.example/connector/oauth/a";
    expect(await refused("chatgpt", "--callback", callback)).toContain(
      "begin with https://chatgpt.com/connector/oauth/",
    );
  });
});
