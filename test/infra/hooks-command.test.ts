import { readFileSync } from "node:fs";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import parametersFile from "../../infra/main.parameters.json" with { type: "json" };
import { projectFolder } from "../../local/paths.ts";
import { verifies } from "../requirements.ts";
import { runProgram } from "../support/run-program.ts";
import { temporaryFolder } from "../support/stack.ts";
import { fakeAzdFolder } from "./hooks/azd-folder.ts";
import { serve, serveGraph } from "./hooks/servers.ts";
import { application, createTenant } from "./hooks/tenant.ts";

const api = application("mcp-abc123");

async function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  const { code, stdout, stderr } = await runProgram(command, args, { cwd, env });
  return { code, output: stdout + stderr };
}

const hookScript = join(projectFolder, "infra", "hooks", "main.ts");

/** On Windows azd is a program. */
const onWindows = process.platform === "win32";
const noStandIn = "no script can stand in for azd.exe";

describe("the hooks' command, started as azd does", () => {
  beforeEach(({ skip }) => skip(onWindows, noStandIn));

  it(
    verifies(
      ["azd.hooks-portable", "hooks.down"],
      "notes what was made, and removes it, in the environment that azd works on",
    ),
    async () => {
      await using azd = await fakeAzdFolder();
      const tenant = createTenant({ items: [api] });
      await using graph = await serveGraph(tenant);
      const env = {
        ...azd.env,
        AZURE_ENV_NAME: "staging",
        AZURE_TENANT_ID: "a-tenant",
        ENTRA_APPLICATION_CLIENT_ID: api.appId,
        ENTRA_APPLICATION_UNIQUE_NAME: "mcp-abc123",
        GRAPH_ENDPOINT: graph.url,
      };
      const hook = (name: string, more: NodeJS.ProcessEnv) =>
        run("npm", ["run", "--silent", "hook", name], projectFolder, { ...env, ...more });

      expect(await hook("predown", {})).toEqual({ code: 0, output: "" });
      const [call] = await azd.calls();
      const note = `application:${api.appId}:mcp-abc123`;
      expect(call.slice(0, 6)).toEqual([
        "env",
        "set",
        "ENTRA_OBJECTS_TO_REMOVE",
        note,
        "--environment",
        "staging",
      ]);

      const { code, output } = await hook("postdown", { ENTRA_OBJECTS_TO_REMOVE: note });
      expect(output).toContain("is removed from the Entra tenant");
      expect(output).not.toContain("an-access-token");
      expect(code).toBe(0);
      expect(tenant.deletedItems).toEqual([]);
      const [, token] = await azd.calls();
      expect(token).toEqual(
        expect.arrayContaining(["--scope", `${graph.url}/.default`, "--tenant-id", "a-tenant"]),
      );
    },
  );

  it(verifies("hooks.rights", "passes on what azd says when it is not signed in"), async () => {
    await using azd = await fakeAzdFolder();
    const { code, output } = await run(process.execPath, [hookScript, "postdown"], azd.path, {
      ...azd.env,
      FAKE_AZD_ERROR: "ERROR: not logged in, run `azd auth login` to login",
      ENTRA_OBJECTS_TO_REMOVE: `application:${api.appId}:mcp-abc123`,
    });
    expect(code).toBe(1);
    expect(output).toContain("not logged in");
    expect(output).toContain("azd hooks run postdown");
  });

  it(verifies("hooks.rights", "says so where there is no azd"), async () => {
    await using folder = await temporaryFolder();
    const { code, output } = await run(process.execPath, [hookScript, "predown"], folder.path, {
      PATH: folder.path,
      ENTRA_APPLICATION_CLIENT_ID: api.appId,
      ENTRA_APPLICATION_UNIQUE_NAME: "mcp-abc123",
    });
    expect(code).toBe(1);
    expect(output).toContain(
      "azd is not installed, or not on the PATH: https://aka.ms/azd-install",
    );
    expect(output).not.toContain("ENOENT");
  });
});

describe("around a provisioning the hooks", () => {
  beforeEach(({ skip }) => skip(onWindows, noStandIn));

  const tenantId = "0f8fad5b-d9cb-469f-a165-70867728950e";
  const own = `api://${tenantId}/mcp-abc123`;
  const url = "https://mcp.contoso.example/mcp";
  const registration = application("mcp-abc123", { identifierUris: [own, "api://by-hand"] });
  const hooksFolder = join(projectFolder, "infra", "hooks");
  const environment = {
    AZURE_ENV_NAME: "staging",
    AZURE_TENANT_ID: tenantId,
    ENTRA_APPLICATION_CLIENT_ID: registration.appId,
    ENTRA_APPLICATION_UNIQUE_NAME: "mcp-abc123",
    ACCEPTED_IDENTIFIER_URIS: url,
    MCP_URL: "https://tools.contoso.example/mcp",
  };

  /** Runs a hook's file over a tenant; gives what azd was told to keep. */
  async function runHook(name: string, folder = hooksFolder, ...nodeOptions: string[]) {
    await using azd = await fakeAzdFolder();
    const tenant = createTenant({ items: [registration] });
    await using graph = await serveGraph(tenant);
    const args = [...nodeOptions, join(folder, name)];
    const result = await run(process.execPath, args, azd.path, {
      ...azd.env,
      ...environment,
      GRAPH_ENDPOINT: graph.url,
    });
    const calls = tenant.requests.length > 0 ? await azd.calls() : [];
    const kept = calls.filter(([group]) => group === "env").map(([, , ...args]) => args);
    return { ...result, kept, list: tenant.items[0]?.identifierUris };
  }

  const withoutTypeScript = ["--no-experimental-strip-types"];

  it.each([[[]], [withoutTypeScript]])(
    verifies(
      ["hooks.identifier-uris-kept", "azd.hooks-portable"],
      "read the registration before the template runs, on Node with %j",
    ),
    async (options) => {
      const { code, output, kept } = await runHook("preprovision.mjs", hooksFolder, ...options);
      expect([code, output]).toEqual([0, ""]);
      const inStaging = ["--environment", "staging", "--no-prompt"];
      expect(kept).toEqual([
        ["REMOVED_IDENTIFIER_URIS", url, ...inStaging],
        ["ACCEPTED_IDENTIFIER_URIS", "api://by-hand", ...inStaging],
      ]);
    },
  );

  it.each([[[]], [withoutTypeScript]])(
    verifies(
      ["hooks.identifier-uris", "azd.hooks-portable"],
      "add to the registration after it, on Node with %j",
    ),
    async (options) => {
      const { code, output, list } = await runHook("postprovision.mjs", hooksFolder, ...options);
      expect(list).toEqual([own, "api://by-hand", environment.MCP_URL]);
      expect(output).toContain(`The registration has the identifier URI ${environment.MCP_URL}.`);
      expect(output).not.toContain("an-access-token");
      expect(code).toBe(0);
    },
  );

  it(
    verifies(
      ["hooks.identifier-uris-kept", "hooks.identifier-uris-refused"],
      "say so where no Node reads them, and let the deployment go on",
    ),
    async () => {
      await using clone = await temporaryFolder();
      const folder = join(clone.path, "infra", "hooks");
      await cp(join(projectFolder, "infra"), join(clone.path, "infra"), { recursive: true });
      const before = await runHook("preprovision.mjs", folder, ...withoutTypeScript);
      expect(before.output).toContain(`It keeps the last known ones: ${url}`);
      const after = await runHook("postprovision.mjs", folder, ...withoutTypeScript);
      expect(after.output).toContain("reads no TypeScript. Run: npm install");
      expect(after.output).toContain("azd hooks run postprovision");
      expect([before.code, after.code]).toEqual([0, 0]);
    },
  );
});

describe("before a deployment the hook", () => {
  beforeEach(({ skip }) => skip(onWindows, noStandIn));

  const script = join(projectFolder, "infra", "hooks", "preprovision.mjs");

  /** Runs the hook over an Azure that answers so, request by request, and then goes on. */
  async function preprovision(
    env: NodeJS.ProcessEnv,
    answers: readonly (readonly [number, string])[] = [[200, "Registered"]],
  ) {
    await using azd = await fakeAzdFolder();
    const requests: string[] = [];
    await using azure = await serve((request, response) => {
      const [status, registrationState] = answers[requests.length] ?? [500, ""];
      requests.push(`${request.method} ${request.url?.split("?")[0]}`);
      response.writeHead(request.headers.authorization === "Bearer an-access-token" ? status : 401);
      response.end(JSON.stringify({ registrationState }));
    });
    const result = await run(process.execPath, [script], azd.path, {
      ...azd.env,
      AZURE_SUBSCRIPTION_ID: "a-subscription",
      USE_VIRTUAL_NETWORK: "true",
      RESOURCE_MANAGER_ENDPOINT: azure.url,
      ...env,
    });
    return { ...result, requests };
  }

  const typed = [
    ...readFileSync(join(projectFolder, "infra", "main.bicep"), "utf8").matchAll(
      /^param (\w+) (bool|int)\b/gm,
    ),
  ].map(([, name = "", type = ""]) => {
    const { parameters } = parametersFile as { parameters: Record<string, { value: unknown }> };
    return [/\{(\w+)/.exec(String(parameters[name]?.value))?.[1] ?? name, type] as const;
  });

  it(
    verifies("hooks.values", "refuses every boolean and number that azd cannot read, at once"),
    async () => {
      const wrong = { bool: "yes", int: "1e3" };
      const env = typed.map(([variable, type]) => [variable, wrong[type as "bool" | "int"]]);
      const { code, output, requests } = await preprovision(Object.fromEntries(env));
      expect(typed.length).toBeGreaterThan(10);
      expect([code, requests]).toEqual([1, []]);
      for (const [variable] of typed) expect(output).toContain(`${variable} is n`);
      expect(output).toContain("azd env set NAME VALUE");
    },
  );

  it.each([
    ["refuses", { bool: ["yes", "tRUE", " true"], int: ["10.5", "99999999999999999999"] }],
    ["takes", { bool: ["F", "0", ""], int: ["600", "-1", ""] }],
  ])(verifies("hooks.values", "%s what azd does: %j"), async (does, values) => {
    const given = (["bool", "int"] as const).flatMap((type) => {
      const variables = typed.filter((each) => each[1] === type);
      return values[type].map((value, index) => [variables[index]?.[0] ?? "", value] as const);
    });
    const { code, output } = await preprovision({
      USE_VIRTUAL_NETWORK: "0",
      // Neither a boolean nor a number.
      API_MANAGEMENT_SKU: "yes",
      ...Object.fromEntries(given),
    });
    expect(code).toBe(does === "takes" ? 0 : 1);
    const refused = [...output.matchAll(/^(\w+) is n/gm)].map(([, variable]) => variable);
    const all = given.map(([variable]) => variable);
    expect(refused.toSorted()).toEqual(does === "takes" ? [] : all.toSorted());
  });

  it(verifies("hooks.provider", "says so where there is no azd"), async () => {
    const { code, output } = await preprovision({ PATH: "/none" });
    expect(code).toBe(1);
    expect(output).toContain("azd is not installed, or not on the PATH");
  });

  it(verifies("hooks.provider", "shows nothing of a token that is none"), async () => {
    const { code, output } = await preprovision({ FAKE_AZD_TOKEN: "a-secret\n" });
    expect(code).toBe(1);
    expect(output).toContain("no access token");
    expect(output).not.toContain("a-secret");
  });

  it(
    verifies("register-client.callback", "stops the deployment for a client's strange callback"),
    async () => {
      const set = (callback: string) =>
        preprovision({ USE_VIRTUAL_NETWORK: "0", REGISTER_CLIENTS: `chatgpt=${callback}` });
      const { code, output } = await set("https://evil.example/a");
      expect(code).toBe(1);
      expect(output).toContain("Nothing was deployed.");
      expect(await set("https://chatgpt.com/connector/oauth/a")).toMatchObject({ code: 0 });
    },
  );

  it(verifies("hooks.replaced", "refuses each that is set, and names another"), async () => {
    const values = { PREAUTHORIZED_CLIENT_IDS: api.appId, ENTRA_PROFILE: "https" };
    const { code, output, requests } = await preprovision(values);
    expect([code, requests]).toEqual([1, []]);
    expect(output).toMatch(
      /^PREAUTHORIZED_CLIENT_IDS is no longer read: .*PRE_AUTHORIZED_CLIENTS/m,
    );
    expect(output).toMatch(/^ENTRA_PROFILE is no longer read: .*SCOPE_IDENTIFIER_URI/m);
    const unset = { PREAUTHORIZED_CLIENT_IDS: "", ENTRA_PROFILE: "" };
    expect((await preprovision(unset)).code).toBe(0);
  });

  it(
    verifies("hooks.replaced", "refuses a scope's URI beside an existing app registration"),
    async () => {
      const { code, output } = await preprovision({
        ENTRA_CLIENT_ID: api.appId,
        SCOPE_IDENTIFIER_URI: "https://mcp.contoso.example/mcp",
      });
      expect(code).toBe(1);
      expect(output).toContain("set ENTRA_IDENTIFIER_URI instead");
    },
  );

  const provider = "/subscriptions/a-subscription/providers/Microsoft.App";

  it(verifies("hooks.provider", "does nothing where no virtual network is asked for"), async () => {
    const { code, output, requests } = await preprovision({ USE_VIRTUAL_NETWORK: "" });
    expect([code, output, requests]).toEqual([0, "", []]);
  });

  it(verifies("hooks.provider", "does nothing where the provider is registered"), async () => {
    const { code, output, requests } = await preprovision({});
    expect([code, output, requests]).toEqual([0, "", [`GET ${provider}`]]);
  });

  it(verifies("hooks.provider", "registers it, and waits until that is complete"), async () => {
    const { code, output, requests } = await preprovision({}, [
      [200, "NotRegistered"],
      [200, "Registering"],
      [200, "Registering"],
      [200, "Registered"],
    ]);
    expect(code).toBe(0);
    expect(output).toContain("Registering Microsoft.App");
    expect(requests).toEqual([
      `GET ${provider}`,
      `POST ${provider}/register`,
      `GET ${provider}`,
      `GET ${provider}`,
    ]);
  });

  it(verifies("hooks.provider", "says what to do where the right is lacking"), async () => {
    const { code, output } = await preprovision({}, [
      [200, "NotRegistered"],
      [403, ""],
    ]);
    expect(code).toBe(1);
    expect(output).toContain("answered 403");
    expect(output).toContain("az provider register --namespace Microsoft.App");
  });

  it(verifies("hooks.provider", "passes on what azd says when it is not signed in"), async () => {
    const { code, output } = await preprovision({ FAKE_AZD_ERROR: "ERROR: not logged in" });
    expect(code).toBe(1);
    expect(output).toContain("ERROR: not logged in");
  });

  it(verifies("hooks.provider", "leaves it at a word without a subscription"), async () => {
    const { code, output, requests } = await preprovision({ AZURE_SUBSCRIPTION_ID: "" });
    expect([code, requests]).toEqual([0, []]);
    expect(output).toContain("az provider register");
  });
});

describe("the hooks' command", () => {
  it.each([0, 3])(
    verifies("hooks.doctor", "runs the project's doctor on the deployed URL, which ends with %i"),
    async (doctorsCode) => {
      await using folder = await temporaryFolder();
      await using server = await serve((_, response) => response.end());
      const url = `${server.url}/mcp`;
      const doctor = `console.log("examines " + process.argv[2]); process.exit(${doctorsCode})`;
      await writeFile(join(folder.path, "doctor.cjs"), doctor);
      await writeFile(
        join(folder.path, "package.json"),
        JSON.stringify({ scripts: { doctor: "node doctor.cjs" } }),
      );
      const { code, output } = await run(
        process.execPath,
        [hookScript, "postdeploy"],
        folder.path,
        {
          MCP_URL: url,
          SERVICE_MCP_HOST_NAME: "",
        },
      );
      expect(output).toContain(`examines ${url}`);
      expect(output.includes("something is wrong with it")).toBe(doctorsCode !== 0);
      expect(output).toContain('Start above "azure"');
      expect(code).toBe(0);
    },
  );

  it.each([[[]], [["predeploy"]], [["constructor"]], [["predown", "now"]]])(
    verifies("azd.hooks-portable", "says what there is when it is asked for %j"),
    async (args) => {
      const { code, output } = await run(
        process.execPath,
        [hookScript, ...args],
        projectFolder,
        {},
      );
      expect(code).toBe(2);
      expect(output).toContain("Usage: npm run hook postdeploy|predown|postdown");
    },
  );
});
