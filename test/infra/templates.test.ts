import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { registrableClients } from "../../infra/client-registrations/known-clients.ts";
import { verifies } from "../requirements.ts";
import { Bicep, currentCompiler, oldestCompiler, root, withoutCompiler } from "./bicep/compiler.ts";
import { snapshotOf, snapshotWith } from "./bicep/deployments.ts";
import { isType, parametersFile, predicted, readInfrastructure } from "./bicep/infrastructure.ts";
import { type JsonObject, listAt, textAt } from "./bicep/json.ts";
import { mainTemplate, readTemplateFiles, Workspace } from "./bicep/workspace.ts";
import {
  compilerMistakes,
  expectedOf,
  languageRequirements,
  policyMistakes,
  withMistake,
} from "./planted/mistakes.ts";
import { checkInfrastructure } from "./policies/check.ts";
import { describeFinding, requirementOf } from "./policies/finding.ts";
import { variablesOf } from "./policies/parameters-file.ts";
import { settingsOf, sitesOf } from "./policies/settings.ts";
import { readCode } from "./source-names.ts";

const provedByTheCompiler = ["infrastructure.compiles", ...languageRequirements] as const;
const provedByPolicies = [...new Set(Object.values(requirementOf))];
/** On a busy machine, Azure's types take long to load. */
const timeout = 300_000;

it(
  verifies("infrastructure.parameters-documented", "docs/deploy.md explains every parameter"),
  async () => {
    const page = await readFile(join(root, "docs", "deploy.md"), "utf8");
    const file = JSON.parse(await readFile(join(root, parametersFile), "utf8"));
    const names = variablesOf(file).map(({ variable }) => variable);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  },
);

it(verifies("infrastructure.api-management-paths", "the triggers' routes are known"), () => {
  const { routes } = readCode();
  const metadata = "GET /.well-known/oauth-protected-resource/mcp";
  expect(routes).toEqual(expect.arrayContaining(["POST /mcp", "GET /health/ready", metadata]));
});

it(
  verifies(
    "infrastructure.compiles",
    "the Graph extension at hand is the one that is deployed with",
  ),
  async () => {
    const read = async (...path: string[]) =>
      JSON.parse(await readFile(join(root, ...path), "utf8"));
    const { extensions } = await read("infra", "bicepconfig.json");
    const { settings } = await read("test", "infra", "bicep", "graph-extension", "index.json");
    expect(extensions.microsoftGraphV1).toMatch(/\/microsoftgraph\/v1\.0:[\d.]+$/);
    expect(extensions.microsoftGraphV1.split(":").at(-1)).toBe(settings.version);
  },
);

const compiler = currentCompiler();
if (compiler === undefined) {
  const ids = [...provedByTheCompiler, ...provedByPolicies, "infrastructure.checks-bite"] as const;
  it(
    verifies(
      [
        ...new Set([
          ...ids,
          "infrastructure.oldest-compiler",
          "infrastructure.concurrency",
          "infrastructure.user-data",
          "infrastructure.identifier-uris",
          "clients.names",
          "register-client.deployed",
          "infrastructure.api-management-host",
        ] as const),
      ],
      "the templates are compiled and judged",
    ),
    (context) => {
      context.skip(withoutCompiler);
    },
  );
} else {
  describe("the templates", { timeout }, () => {
    // Built once, by the first test that asks.
    const workspace = once(() => Workspace.open(compiler));
    const built = once(async () => {
      const opened = await workspace();
      return opened.bicep.compile(opened.pathOf(mainTemplate));
    });
    const infrastructure = once(async () => {
      const { template } = await built();
      if (template === undefined) throw new Error("The templates do not compile.");
      return readInfrastructure(await workspace(), template);
    });
    afterAll(async () => (await workspace()).close());

    it(verifies(provedByTheCompiler, "are built and linted without a warning"), async () => {
      const { diagnostics } = await built();
      const opened = await workspace();
      expect(diagnostics.map((each) => opened.describe(each))).toEqual([]);
    });

    it(verifies("infrastructure.compiles", "are formatted"), async () => {
      const opened = await workspace();
      for (const [file, text] of Object.entries(await readTemplateFiles())) {
        if (!file.endsWith(".bicep")) continue;
        expect(await opened.bicep.format(opened.pathOf(file)), file).toBe(text);
      }
    });

    it(
      verifies("infrastructure.oldest-compiler", "come to the same with the oldest compiler"),
      async (context) => {
        const path = oldestCompiler();
        if (path === undefined) return context.skip(withoutCompiler);
        const oldest = new Bicep(path);
        try {
          const { diagnostics, template } = await oldest.compile(
            (await workspace()).pathOf(mainTemplate),
          );
          expect(diagnostics).toEqual([]);
          expect(withoutGenerator(template)).toBe(withoutGenerator((await built()).template));
        } finally {
          oldest.close();
        }
      },
    );

    describe.each(compilerMistakes)("held to $requirement", ({ requirement, mistakes }) => {
      it.each(mistakes.map((each) => [each.mistake, each] as const))(
        verifies([requirement, "infrastructure.checks-bite"], "do without %s"),
        async (_mistake, { found, ...edit }) => {
          const opened = await workspace();
          const path = opened.pathOf(edit.file);
          const seen = await opened.edited(edit, async () => {
            const lines = (await readFile(path, "utf8")).split("\n");
            const built = await opened.bicep.compile(path);
            return built.diagnostics.map(
              ({ code, line }) => [code, lines[line - 1] ?? ""] as const,
            );
          });
          const named = seen.map(([code, line]) => {
            const wanted = found.find((each) => each[0] === code && line.includes(each[1]));
            return JSON.stringify(wanted ?? [code, line]);
          });
          expect(named.sort()).toEqual(found.map((each) => JSON.stringify(each)).sort());
        },
      );
    });

    it(
      verifies("infrastructure.resources", "do without a child that names no parent"),
      async () => {
        // What the compiler's types do not tell, and Azure's own evaluation of the template does.
        const file = "infra/modules/private-dns-zone.bicep";
        const withoutParent = { file, find: "  parent: existingZone\n", replace: "" };
        const opened = await workspace();
        await expect(
          opened.edited(withoutParent, () => snapshotOf(opened, "everything")),
        ).rejects.toThrow(/has an invalid name.*'2' segment\(s\) were expected/);
      },
    );

    it(
      verifies("infrastructure.concurrency", "tell the server what an instance is given at once"),
      async () => {
        const [site] = sitesOf(await infrastructure(), "defaults");
        if (site === undefined) throw new Error("There is no function app.");
        expect(JSON.stringify(site.body)).toContain('"perInstanceConcurrency":16');
        expect(settingsOf(site).get("HTTP_CONCURRENCY")).toBe("16");
      },
    );

    it(
      verifies(
        "infrastructure.user-data",
        "make a container for people's files only where there are any",
      ),
      async () => {
        // One of its own: a compiler reads what templates load once.
        const opened = await (await workspace()).another();
        try {
          const path = opened.pathOf("infra/domain.json");
          const domain = JSON.parse(await readFile(path, "utf8"));
          await writeFile(path, JSON.stringify({ ...domain, blobs: {} }));
          const { diagnostics } = await opened.bicep.compile(opened.pathOf(mainTemplate));
          expect(diagnostics.map((each) => opened.describe(each))).toEqual([]);
          expect(mentions((await infrastructure()).snapshots.everything)).toEqual([true, true]);
          expect(mentions(await snapshotOf(opened, "everything"))).toEqual([true, false]);
        } finally {
          await opened.remove();
        }
      },
    );

    describe("give the registration", () => {
      const own = "api://00000000-0000-0000-0000-000000000001/mcp-unique";
      const url = "https://mcp.contoso.com/mcp";
      const others = [url, "api://auth-1/2"];
      const registered = async (changed: Parameters<typeof snapshotWith>[2]) => {
        const snapshot = await snapshotWith(await workspace(), "registration", changed);
        const [application] = listAt(snapshot, "predictedResources").filter(
          (each) => textAt(each, "type").split("@")[0] === "Microsoft.Graph/applications",
        );
        return {
          list: listAt(application, "properties.identifierUris"),
          scope: textAt(snapshot, "outputs.identifierUri"),
        };
      };

      it.each([
        [others, "", [own, ...others], own],
        [[], "", [own], own],
        [[own, url, url], url, [own, url], url],
      ])(
        verifies("infrastructure.identifier-uris", "its own URI and %j, for a scope of %j"),
        async (acceptedIdentifierUris, scopeIdentifierUri, list, scope) => {
          expect(await registered({ acceptedIdentifierUris, scopeIdentifierUri })).toEqual({
            list,
            scope,
          });
        },
      );

      it(
        verifies("infrastructure.identifier-uris", "no scope of a URI that it does not have"),
        async () => {
          await expect(registered({ scopeIdentifierUri: `${url}/` })).rejects.toThrow(
            /SCOPE_IDENTIFIER_URI must be one of.*mcp-unique, https:\/\/mcp\.contoso\.com\/mcp.*azd provision/s,
          );
        },
      );

      it(
        verifies("infrastructure.identifier-uris", "what the environment holds as one text"),
        async () => {
          const text = JSON.stringify((await infrastructure()).snapshots.everything);
          for (const uri of others) expect(text).toContain(uri);
        },
      );
    });

    describe("give clients", () => {
      const ids = {
        vscode: "aebc6443-996d-45c2-90f0-388ff96faa56",
        "azure-cli": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        own: "c0ffee00-0000-4000-8000-000000000001",
      };

      it.each([
        ["vscode", [ids.vscode]],
        [` azure-cli ,${ids.own},`, [ids["azure-cli"], ids.own]],
      ])(
        verifies("clients.names", "the server's scope by names and ids: %j"),
        async (preAuthorizedClients, clientIds) => {
          const opened = await workspace();
          const snapshot = await snapshotWith(opened, "defaults", { preAuthorizedClients });
          const text = JSON.stringify(snapshot);
          expect(Object.values(ids).filter((id) => text.includes(id))).toEqual(clientIds);
        },
      );

      it.each([
        [{ preAuthorizedClients: "vscode,cursor" }, /cursor is neither .*azure-cli, .*vscode\./s],
        [{ preAuthorizedClients: "aebc6443-996d" }, /is neither a client id nor one of/],
        [{ registerClients: "vscode" }, /vscode is none of .*claude, .*cursor/s],
        [
          { registerClients: "cursor", existingClientId: ids.own },
          /npm run register-client -- cursor/,
        ],
      ])(verifies("clients.names", "nothing for %j"), async (changed, message) => {
        await expect(snapshotWith(await workspace(), "defaults", changed)).rejects.toThrow(message);
      });

      it(verifies("register-client.callback", "no callback of another place"), async () => {
        const refused = [
          "https://chatgpt.com/connector/oauth/*",
          "https://chatgpt.com@evil.example/connector/oauth/a",
          "https://chatgpt.com\\.evil.example/connector/oauth/a",
          "http://chatgpt.com/connector/oauth/a",
          "HTTP://localhost.evil.example/a",
          "chatgpt.com/connector/oauth/a",
          "https://chatgpt.com/$(id)",
        ];
        const entries = refused.map((callback) => `chatgpt=${callback}`);
        const registerClients = ["cursor=http://localhost:1/a", ...entries].join(",");
        await expect(
          snapshotWith(await workspace(), "defaults", { registerClients }),
        ).rejects.toThrow(`: ${refused.join(", ")} cannot be a callback`);
      });

      it(verifies("register-client.deployed", "registrations of their own"), async () => {
        const callbacks = predicted(await infrastructure(), "everything")
          .filter((each) => isType(each, "Microsoft.Graph/applications"))
          .filter(({ body }) => !textAt(body, "properties.displayName").endsWith(")"))
          .map(({ body }) => [
            textAt(body, "properties.displayName"),
            listAt(body, "properties.publicClient.redirectUris"),
            listAt(body, "properties.web.redirectUris"),
          ]);
        const copilotStudio = "https://global.consent.azure-apim.net/redirect/a?b=c";
        expect(callbacks).toEqual([
          ["MCP server (sample): Claude", registrableClients.claude?.callbacks, []],
          ["MCP server (sample): stdio bridge", ["http://localhost"], []],
          ["MCP server (sample): Copilot Studio", [], [copilotStudio]],
        ]);
      });

      it(
        verifies("register-client.deployed", "that are pre-authorised like the others"),
        async () => {
          const snapshot = await snapshotWith(await workspace(), "registration", {
            preAuthorizedClientIds: [ids.vscode],
            registeredClientIds: [ids.own, ids.vscode],
          });
          const [application] = listAt(snapshot, "predictedResources").filter(
            (each) => textAt(each, "type").split("@")[0] === "Microsoft.Graph/applications",
          );
          const preAuthorized = listAt(application, "properties.api.preAuthorizedApplications");
          expect(preAuthorized.map((each) => textAt(each, "appId"))).toEqual([ids.vscode, ids.own]);
        },
      );
    });

    it.each([
      [{ allowedHosts: "tools.contoso.com, func-TOKEN.azurewebsites.net" }, "ALLOWED_HOSTS must"],
      [{ trustedProxyHops: 1 }, "TRUSTED_PROXY_HOPS must be 2 or more"],
    ])(
      verifies("infrastructure.api-management-host", "refuse %j with API Management"),
      async (changed, message) => {
        const opened = await workspace();
        const [site] = sitesOf(await infrastructure(), "consumption");
        const name = textAt(site?.body ?? {}, "name");
        const values = JSON.parse(JSON.stringify(changed).replace("func-TOKEN", name));
        await expect(snapshotWith(opened, "consumption", values)).rejects.toThrow(message);
        await snapshotWith(opened, "defaults", values);
      },
    );

    for (const requirement of provedByPolicies) {
      it(verifies(requirement, `hold what ${requirement} asks`), async () => {
        const breaches = checkInfrastructure(await infrastructure()).filter(
          ({ kind }) => requirementOf[kind] === requirement,
        );
        expect(breaches.map(describeFinding)).toEqual([]);
      });
    }

    it.each(policyMistakes.map((each) => [each.mistake, each] as const))(
      verifies("infrastructure.checks-bite", "compiled, do without %s"),
      async (_mistake, planted) => {
        const findings = checkInfrastructure(withMistake(await infrastructure(), planted));
        const seen = findings.map(({ kind, place }) => `${place}: ${kind}`);
        expect(seen.sort(), findings.map(describeFinding).join("\n")).toEqual(expectedOf(planted));
      },
    );
  });
}

/** Whether a deployment speaks of used approvals, and of people's files. */
function mentions(snapshot: JsonObject): boolean[] {
  const text = JSON.stringify(snapshot);
  return ["used-approvals", "user-data"].map((name) => text.includes(name));
}

/** A compiled template without what tells which compiler made it. */
function withoutGenerator(template: JsonObject | undefined): string {
  return JSON.stringify(template, (name, value) => (name === "_generator" ? undefined : value));
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
