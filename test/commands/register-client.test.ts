import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CommandError } from "../../local/command-line.ts";
import { projectFolder } from "../../local/paths.ts";
import { type Asked, registerClient } from "../../scripts/register-client/register-client.ts";
import { fakeAzdFolder } from "../infra/hooks/azd-folder.ts";
import { fakeAzd, paper } from "../infra/hooks/fakes.ts";
import { serveGraph } from "../infra/hooks/servers.ts";
import { application, createTenant, refusal, type TenantOptions } from "../infra/hooks/tenant.ts";
import { verifies } from "../requirements.ts";
import { runProgram } from "../support/run-program.ts";

const scopeId = randomUUID();
const vscode = { appId: "aebc6443-996d-45c2-90f0-388ff96faa56", delegatedPermissionIds: [scopeId] };
const program = "scripts/register-client/main.ts";
const url = "https://mcp.contoso.com/mcp";

const noAzd = "no script can stand in for azd.exe";

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
  /** What azd fails at, with what it says then. */
  readonly failing?: Parameters<typeof fakeAzd>[0];
  /** What azd has for an access token. */
  readonly token?: string;
}

/** A tenant with the server's registration, the environment of its deployment, and the command. */
function world({
  values = {},
  api = serverRegistration(),
  items = [],
  failing = {},
  token = "an-access-token",
  ...tenant
}: World = {}) {
  const tenantId = randomUUID();
  const of = createTenant({ id: tenantId, ...tenant, items: [api, ...items] });
  const deployment = {
    AZURE_ENV_NAME: "dev",
    AZURE_TENANT_ID: tenantId,
    ENTRA_APPLICATION_CLIENT_ID: api.appId,
    ENTRA_APPLICATION_UNIQUE_NAME: "mcp-abc123",
    MCP_URL: url,
    MCP_SCOPE: "api://tenant/mcp-abc123/user_impersonation",
  };
  const none = "ERROR: no project exists; to create a new project, run `azd init`";
  const azd = fakeAzd(
    { ...(values === null && { values: none }), ...failing },
    { values: values === null ? {} : { ...deployment, ...values }, accessToken: token },
  );
  return {
    api,
    of,
    tenantId,
    /** The values of the azd environment now. */
    values: azd.kept,
    async register(client: string, asked: Asked = {}) {
      const { print, text } = paper();
      const surroundings = { env: {}, createAzd: () => azd, fetch: of.fetch, print };
      const message = await messageOf(registerClient({ client, ...asked }, surroundings));
      expect(`${text()}${message}`).not.toMatch(/an-access-token| {4}at /);
      return { message, stdout: text() };
    },
    found: (name: string) => of.items.find(({ uniqueName }) => uniqueName === name),
    principals: () => of.items.filter(({ type }) => type === "servicePrincipal"),
    preAuthorized: () => {
      const { api: settings } = of.items.find(({ id }) => id === api.id) as unknown as {
        api: { preAuthorizedApplications: (typeof vscode)[] };
      };
      return settings.preAuthorizedApplications;
    },
    changes: () => of.requests.filter((request) => !request.startsWith("GET ")),
  };
}

/** What a person is told where the command stops; nothing where it comes to its end. */
async function messageOf(command: Promise<void>): Promise<string | undefined> {
  try {
    await command;
    return undefined;
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}

/** The commands as processes, with an azd that stands first on the `PATH`, and Graph behind a port. */
async function asProcesses({ of, values }: ReturnType<typeof world>, isDeployed = true) {
  const graph = await serveGraph(of);
  const azd = await fakeAzdFolder(isDeployed ? values : undefined);
  return {
    azd,
    run: async (script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
      const options = {
        cwd: projectFolder,
        env: { ...azd.env, GRAPH_ENDPOINT: graph.url, ...env },
      };
      const result = await runProgram(process.execPath, [script, ...args], options);
      expect(result.stdout + result.stderr).not.toMatch(/an-access-token| {4}at /);
      return result;
    },
    async [Symbol.asyncDispose]() {
      await graph[Symbol.asyncDispose]();
      await azd[Symbol.asyncDispose]();
    },
  };
}

describe("npm run register-client", () => {
  it(
    verifies(
      ["register-client.makes", "register-client.repeats", "register-client.notes"],
      "registers a client once, and notes it for the next provisioning",
    ),
    async () => {
      const tenant = world({ values: { REGISTER_CLIENTS: "claude" } });
      const first = await tenant.register("cursor");
      expect(first).toMatchObject({ message: undefined });
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
      expect(tenant.values).toMatchObject({
        REGISTER_CLIENTS: "claude,cursor",
        REGISTERED_CLIENTS: `cursor=${appId}`,
      });

      const changes = tenant.changes();
      const values = { ...tenant.values };
      const second = await tenant.register("cursor");
      expect(second.stdout).toContain("was registered before");
      expect(second.stdout).toContain(`--client-id ${appId}`);
      expect([tenant.changes(), tenant.values]).toEqual([changes, values]);
    },
  );

  it(
    verifies(
      ["register-client.makes", "register-client.notes", "register-client.callback"],
      "does so as a process that asks azd, by the arguments of its command line",
    ),
    async ({ skip }) => {
      skip(process.platform === "win32", noAzd);
      const tenant = world();
      await using processes = await asProcesses(tenant);
      const callback = "https://chatgpt.com/connector/oauth/OUbdUMlL15Ct";
      const args = ["chatgpt", "--callback", callback, "--environment", "dev"];
      expect(await processes.run(program, args)).toMatchObject({ code: 0, stderr: "" });
      const chatgpt = tenant.found("mcp-abc123-chatgpt");
      expect(chatgpt).toMatchObject({ publicClient: { redirectUris: [callback] } });
      expect(await processes.azd.values()).toMatchObject({
        REGISTER_CLIENTS: `chatgpt=${callback}`,
        REGISTERED_CLIENTS: `chatgpt=${chatgpt?.appId}`,
      });
    },
  );

  it(
    verifies(
      ["register-client.callback", "register-client.repeats", "register-client.notes"],
      "takes ChatGPT's callback in a second step, and keeps one that a person has added",
    ),
    async () => {
      const tenant = world();
      const first = await tenant.register("chatgpt");
      expect(first.stdout).toContain("npm run register-client -- chatgpt --callback URL");
      const callbacks = () =>
        (tenant.found("mcp-abc123-chatgpt") as { publicClient?: { redirectUris: string[] } })
          .publicClient?.redirectUris;
      expect(callbacks()).toEqual([]);
      callbacks()?.push("https://chatgpt.com/connector/oauth/by-hand");
      const callback = "https://chatgpt.com/connector/oauth/OUbdUMlL15Ct";
      const second = await tenant.register("chatgpt", { callback });
      expect(second).toMatchObject({ message: undefined });
      expect(second.stdout).toContain("is changed");
      const all = ["https://chatgpt.com/connector/oauth/by-hand", callback];
      expect(callbacks()).toEqual(all);
      expect(tenant.values.REGISTER_CLIENTS).toBe(all.map((each) => `chatgpt=${each}`).join(","));
    },
  );

  it(
    verifies("register-client.prints", "leaves Copilot Studio's secret to the person"),
    async () => {
      const tenant = world();
      const { stdout } = await tenant.register("copilot-studio");
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
      const tenant = world({ values: { SERVICE_MANAGEMENT_REFERENCE: "a-reference" } });
      const { stdout } = await tenant.register("bridge");
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
      const tenant = world({ values: { ALLOWED_CLIENT_IDS: vscode.appId } });
      const { stdout } = await tenant.register("claude");
      const { appId } = tenant.found("mcp-abc123-claude") ?? {};
      expect(stdout).toContain(`azd env set ALLOWED_CLIENT_IDS "${vscode.appId},${appId}"`);
    },
  );

  it(
    verifies(
      ["register-client.server", "register-client.notes"],
      "works without an azd environment, signed in to the Azure CLI",
    ),
    async ({ skip }) => {
      skip(process.platform === "win32", noAzd);
      const tenant = world({ values: null, accessToken: "of-the-cli" });
      const nameless = await tenant.register("cursor");
      expect(nameless.stdout).toBe("");
      expect(nameless.message).toContain("--api CLIENT_ID");

      await using processes = await asProcesses(tenant, false);
      const env = { FAKE_AZD_FAILS: "auth token", FAKE_AZD_ERROR: "ERROR: not logged in" };
      const register = (further = {}) =>
        processes.run(program, ["cursor", "--api", tenant.api.appId], { ...env, ...further });
      const signedOut = await register();
      expect(signedOut.code).toBe(1);
      for (const words of ["ERROR: not logged in", "az login", "nothing was changed"]) {
        expect(signedOut.stderr).toContain(words);
      }
      expect(tenant.changes()).toEqual([]);

      const { code, stdout } = await register({ FAKE_AZ_TOKEN: "of-the-cli" });
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
      const tenant = world({ api: existing, values });
      expect(await tenant.register("inspector")).toMatchObject({ message: undefined });
      const { appId } = tenant.found(`mcp-${api.appId}-inspector`) ?? {};
      expect(tenant.values).toMatchObject({ REGISTERED_CLIENTS: `inspector=${appId}` });
      expect(tenant.values).not.toHaveProperty("REGISTER_CLIENTS");
    },
  );

  it(
    verifies("register-client.half", "says what an administrator runs who may register clients"),
    async () => {
      const tenant = world({
        answerWith: (request) =>
          request.startsWith("PATCH ") ? refusal(403, "Insufficient privileges") : undefined,
      });
      const { message } = await tenant.register("claude");
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
        expect(message).toContain(words);
      }
    },
  );

  it(
    verifies("register-client.half", "has an administrator keep the callbacks that are there"),
    async () => {
      const publicClient = { redirectUris: ["https://claude.ai/api/mcp/by_hand"] };
      const there = application("mcp-abc123-claude", { publicClient });
      const tenant = world({
        items: [there],
        answerWith: (request) => (request.startsWith("PATCH ") ? refusal(403, "") : undefined),
      });
      const { message } = await tenant.register("claude");
      for (const words of [
        `/v1.0/applications/${there.id}"`,
        "https://claude.ai/api/mcp/by_hand",
        "https://claude.com/api/mcp/auth_callback",
        `az ad sp create --id ${there.appId}`,
      ]) {
        expect(message).toContain(words);
      }
      expect(message).not.toContain("create-if-missing");
    },
  );

  it(verifies("register-client.half", "goes on where it stopped"), async () => {
    let isRefused = true;
    const tenant = world({
      answerWith: (request) =>
        isRefused && request === `PATCH /v1.0/applications/${tenant.api.id}`
          ? refusal(403, "Insufficient privileges")
          : undefined,
    });
    const stopped = await tenant.register("cursor");
    const { appId } = tenant.found("mcp-abc123-cursor") ?? {};
    expect(stopped.message).toContain(`Cursor is registered (client id ${appId})`);
    expect(stopped.message).toContain("api.json");
    expect(stopped.message).toContain(String(appId));
    expect(stopped.message).not.toContain("client.json");
    expect(tenant.values).not.toHaveProperty("REGISTERED_CLIENTS");
    isRefused = false;
    expect(await tenant.register("cursor")).toMatchObject({ message: undefined });
    expect(tenant.preAuthorized().at(-1)?.appId).toBe(appId);
  });

  it(
    verifies(
      ["register-client.half", "register-client.notes"],
      "says what to run where azd cannot note the client",
    ),
    async () => {
      const tenant = world({ failing: { keep: "ERROR: the file is read-only" } });
      const { message } = await tenant.register("cursor");
      expect(message).toContain("the file is read-only");
      expect(message).toContain('azd env set REGISTER_CLIENTS "cursor"');
    },
  );

  it(verifies("register-client.half", "passes on what Graph refuses, as one line"), async () => {
    const tenant = world({
      answerWith: (request) =>
        request.startsWith("PATCH ") ? refusal(400, "Bad \u001b[31m redirect\nURI") : undefined,
    });
    const { message } = await tenant.register("cursor");
    expect(message).toContain("(400). Bad  [31m redirect URI\nNothing was changed.");
  });

  it.each([
    ["a token with a line break", "a-secret\n", "no access token"],
    ["a token of other characters", "a-secr\u00e9t", "no access token"],
  ])(verifies("register-client.server", "shows nothing of %s"), async (_, token, words) => {
    const tenant = world({ token });
    const { message } = await tenant.register("cursor");
    expect(message).toContain(words);
    expect(message).not.toContain("a-secr");
  });

  it(verifies("register-client.half", "shows nothing of an answer that is no JSON"), async () => {
    const tenant = world({ answerWith: () => new Response("\u001b[31mred") });
    const { message } = await tenant.register("cursor");
    expect(message).toContain("Its answer is no JSON");
    expect(message).not.toContain("[31m");
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
      const tenant = world({ api, items: [known], values });
      const { message, stdout } = await tenant.register("claude");
      expect(message).toBe(undefined);
      expect(stdout).not.toMatch(/(?!\n)\p{C}/u);
      expect(stdout).not.toMatch(/--url \S*\$/);
      expect(tenant.values.REGISTER_CLIENTS).toBe("claude");
    },
  );

  it(
    verifies("register-client.makes", "names the client by the server's id where its name is odd"),
    async () => {
      const api = serverRegistration();
      const odd = { ...api, uniqueName: "a')$(id)" };
      const tenant = world({ api: odd });
      expect(await tenant.register("claude")).toMatchObject({ message: undefined });
      expect(tenant.found(`mcp-${api.appId}-claude`)).toBeDefined();
    },
  );

  it(
    verifies("register-client.stranger", "refuses what somebody else has registered"),
    async () => {
      const stranger = randomUUID();
      const taken = application("mcp-abc123-cursor", { owners: [stranger] });
      const tenant = world({ items: [taken] });
      const { message } = await tenant.register("cursor");
      expect(message).toContain(stranger);
      expect(message).toContain(`az ad app delete --id ${taken.appId}`);
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
      const tenant = world({
        api: serverRegistration({ owners: [owner] }),
        items: [taken],
      });
      const { message } = await tenant.register("claude");
      expect(message).toContain('"https://evil.example/$(id)\\u001b[2J", which is none');
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
      const tenant = world({ api, items: [there], ...person });
      expect(await tenant.register("cursor")).toMatchObject({ message: undefined });
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
    ["a registration of another tenant", { api: randomUUID() }, {}, "no registration with"],
    [
      "an environment that is not there",
      { environment: "prod" },
      null,
      "The azd environment prod could not be read",
    ],
  ])(verifies("register-client.server", "refuses %s"), async (_, asked, values, words) => {
    const tenant = world({ values });
    const { message } = await tenant.register("cursor", asked);
    expect(tenant.changes()).toEqual([]);
    expect(message).toContain(words);
  });

  it(verifies("register-client.server", "refuses a registration that has no scope"), async () => {
    const scopeless = { oauth2PermissionScopes: [], preAuthorizedApplications: [] };
    const tenant = world({ api: serverRegistration({ api: scopeless }) });
    const { message } = await tenant.register("cursor");
    expect(tenant.changes()).toEqual([]);
    expect(message).toContain("has no scope user_impersonation");
  });

  it(verifies("connect.deployed", "lets npm run connect know the client"), async ({ skip }) => {
    skip(process.platform === "win32", noAzd);
    const tenant = world();
    await tenant.register("cursor");
    await using processes = await asProcesses(tenant);
    const { appId } = tenant.found("mcp-abc123-cursor") ?? {};
    const connect = (at: string) =>
      processes.run("scripts/connect/main.ts", ["cursor", "--url", at], { HOME: "/none" });
    const { stdout } = await connect(url);
    expect(stdout).toContain(`"CLIENT_ID": "${appId}"`);
    expect(stdout).toMatch(/"api:\/\/tenant\/mcp-abc123\/user_impersonation",\s+"offline_access"/);
    const other = await connect("https://other.contoso.com/mcp");
    expect(other.stdout).not.toContain(String(appId));
    expect(other.stdout).toContain("npm run register-client -- cursor");
  });
});

describe("npm run register-client refuses", () => {
  /** Nothing is asked before the arguments are read. */
  const refused = (client: string | undefined, asked: Asked = {}) => {
    const asks = (): never => {
      throw new Error("Something was asked.");
    };
    const surroundings = { env: {}, createAzd: asks, fetch: asks, print: asks };
    return messageOf(registerClient({ client, ...asked }, surroundings));
  };

  it.each([
    [undefined, "Name a client"],
    ["vscode", "VS Code needs no registration"],
    ["claude-desktop", "register bridge; for a connector in Claude, register claude"],
    ["notepad", "notepad is no client"],
    ["constructor", "constructor is no client"],
  ])(verifies("register-client.server", "%j: %s"), async (client, words) => {
    const message = await refused(client);
    expect(message).toContain(words);
    expect(message).toContain("claude, claude-code, chatgpt, cursor,");
  });

  it(verifies("register-client.server", "a server that is named by no GUID"), async () => {
    expect(await refused("cursor", { api: "mine" })).toContain("a GUID");
  });

  it(verifies("register-client.callback", "a callback of another place"), async () => {
    const callback = "https://chatgpt.com.evil.example/connector/oauth/a";
    expect(await refused("chatgpt", { callback })).toContain(
      "begin with https://chatgpt.com/connector/oauth/",
    );
  });

  it(verifies("register-client.server", "to go on without azd, and says where it is"), async () => {
    const { code, stdout, stderr } = await runProgram(process.execPath, [program, "cursor"], {
      cwd: projectFolder,
      env: { PATH: "/none", GRAPH_ENDPOINT: "http://127.0.0.1:9" },
    });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(
      "azd is not installed, or not on the PATH: https://aka.ms/azd-install",
    );
    expect(stderr).not.toContain("ENOENT");
  });
});
