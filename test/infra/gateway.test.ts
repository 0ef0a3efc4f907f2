import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { gatewayRoutes } from "../../src/gateway/routes.ts";
import { gatewaySettingsShape } from "../../src/gateway/settings.ts";
import { gatewayContainer } from "../../src/gateway/store/container.ts";
import { verifies } from "../requirements.ts";
import { currentCompiler, root, withoutCompiler } from "./bicep/compiler.ts";
import { snapshotWith, wholeDeployments } from "./bicep/deployments.ts";
import { isObject, type JsonObject, listAt, objectAt, textAt } from "./bicep/json.ts";
import { Workspace } from "./bicep/workspace.ts";

/** On a busy machine, Azure's types take long to load. */
const timeout = 300_000;
const ids = {
  api: "22222222-2222-4222-8222-222222222222",
  gateway: "22222222-2222-4222-8222-22222222222a",
};

it(verifies("gateway.infrastructure.api-management", "applies Entra's keys to /mcp alone"), () => {
  const policy = readFileSync(join(root, "infra/modules/api-management/policy.xml"), "utf8");
  const [, condition = ""] = /<when condition='([^']*)'>\s*<validate-jwt/.exec(policy) ?? [];
  // An operation's whole name, and no path.
  expect(condition).toContain('context.Operation.Id == "mcp-post"');
  // What writes the caller's address stands before, and under no condition.
  const inbound = policy.slice(0, policy.indexOf("<validate-jwt"));
  const written = inbound.indexOf('name="X-Forwarded-For"');
  expect(written).toBeGreaterThan(0);
  expect(inbound.slice(0, written).split("<choose>")).toHaveLength(
    inbound.slice(0, written).split("</choose>").length,
  );
});

const compiler = currentCompiler();
if (compiler === undefined) {
  it(
    verifies(
      [
        "gateway.infrastructure.off",
        "gateway.infrastructure.on",
        "gateway.infrastructure.container",
        "gateway.infrastructure.existing",
        "gateway.infrastructure.registration",
        "gateway.infrastructure.watched",
        "gateway.infrastructure.name",
      ],
      "the gateway's templates are compiled and judged",
    ),
    (context) => {
      context.skip(withoutCompiler);
    },
  );
} else {
  describe("the gateway in the templates", { timeout }, () => {
    // Opened once, by the first test that asks.
    let opened: Promise<Workspace> | undefined;
    const workspace = () => (opened ??= Workspace.open(compiler));
    // Each takes seconds.
    const taken = new Map<string, Promise<JsonObject>>();
    const deployed = (...[name, changed = {}]: [Name, Values?]) => {
      const key = JSON.stringify([name, changed]);
      const snapshot = taken.get(key) ?? workspace().then((at) => snapshotWith(at, name, changed));
      taken.set(key, snapshot);
      return snapshot;
    };
    afterAll(async () => (await opened)?.close());

    it(
      verifies("gateway.infrastructure.off", "is in no deployment that does not ask for it"),
      async () => {
        for (const name of wholeDeployments.filter((each) => each !== "gateway")) {
          const made = JSON.stringify(resourcesOf(await deployed(name)));
          const traces = /'GATEWAY|\/gateway\/|\/containers\/gateway|mcp-gateway|: gateway"/g;
          expect(made.match(traces), name).toBeNull();
        }
        const outputs = objectAt(await deployed("defaults"), "outputs");
        expect([outputs.GATEWAY_URL, outputs.ENTRA_GATEWAY_CLIENT_ID]).toEqual(["", ""]);
      },
    );

    it(
      verifies("gateway.infrastructure.on", "adds what is listed, and changes what has to name it"),
      async () => {
        const [off, on] = [
          await deployed("gateway", { gateway: "off" }),
          await deployed("gateway"),
        ];
        const before = new Map(resourcesOf(off).map((each) => [keyOf(each), JSON.stringify(each)]));
        const after = resourcesOf(on);
        const added = after.filter((each) => !before.has(keyOf(each)));
        const operations = "Microsoft.ApiManagement/service/apis/operations";
        expect(added.map(keyOf).filter((key) => !key.startsWith(operations))).toEqual([
          expect.stringMatching(/^Microsoft\.DocumentDB\/.*\/expenses\/containers\/gateway$/),
          "Microsoft.Graph/applications MCP server (sample): gateway",
        ]);
        const count = (of: JsonObject, type: string) =>
          resourcesOf(of).filter((each) => textAt(each, "type").startsWith(type)).length;
        for (const type of ["applications/federatedIdentityCredentials", "servicePrincipals"]) {
          const graph = `Microsoft.Graph/${type}@`;
          expect(count(on, graph), type).toBe(count(off, graph) + 1);
        }
        const changed = after.filter((each) => {
          const its = before.get(keyOf(each));
          return its !== undefined && its !== JSON.stringify(each);
        });
        expect(changed.map((each) => textAt(each, "type").replace(/@.*/, "")).sort()).toEqual([
          // Pre-authorises the gateway's.
          "Microsoft.Graph/applications",
          // Counts the gateway's MCP requests too, as the workbook does.
          "Microsoft.Insights/scheduledQueryRules",
          "Microsoft.Insights/workbooks",
          "Microsoft.Web/sites",
        ]);
        // Nothing is lost.
        expect(
          [...before.keys()].filter((key) => !after.some((each) => keyOf(each) === key)),
        ).toEqual([]);
      },
    );

    it(verifies("gateway.infrastructure.api-management", "has its paths there"), async () => {
      const operations = resourcesOf(await deployed("gateway"))
        .filter((each) => textAt(each, "type").endsWith("/apis/operations"))
        .map((each) => [textAt(each, "properties.urlTemplate"), textAt(each, "properties.method")])
        .filter(([path]) => /\/gateway\b/.test(path ?? ""));
      const methods: Record<string, string> = {};
      for (const [path = "", method] of operations) {
        methods[path] = [...(methods[path]?.split(" ") ?? []), method].join(" ");
      }
      const document = "GET HEAD OPTIONS";
      expect(Object.keys(methods).sort()).toEqual(
        gatewayRoutes.map(({ route }) => `/${route}`).sort(),
      );
      expect(methods).toEqual({
        "/gateway/mcp": "GET HEAD POST PUT PATCH DELETE OPTIONS",
        "/.well-known/oauth-protected-resource/gateway/mcp": document,
        "/.well-known/oauth-authorization-server/gateway": document,
        "/gateway/.well-known/openid-configuration": document,
        "/gateway/jwks": document,
        "/gateway/authorize": "GET POST",
        "/gateway/callback": "GET",
        "/gateway/token": "POST OPTIONS",
        "/gateway/revoke": "POST OPTIONS",
        "/gateway/register": "POST OPTIONS",
        "/gateway/connections": "GET POST",
      });
    });

    it(
      verifies("gateway.infrastructure.on", "is told the server by its settings alone"),
      async () => {
        const [site] = resourcesOf(await deployed("gateway")).filter(
          (each) => textAt(each, "type") === "Microsoft.Web/sites",
        );
        const list = textAt(site, "properties.siteConfig.appSettings");
        const set = [...list.matchAll(/'key', '(GATEWAY\w*)', 'value', ('[^']*')?/g)];
        const values = Object.fromEntries(set.map(([, name, value]) => [name, value]));
        expect(values).toEqual({
          GATEWAY: "'on'",
          GATEWAY_ABSOLUTE_DAYS: "'90'",
          GATEWAY_CLIENT_DOMAINS: "'claude.ai, .contoso.com'",
          // What Entra makes up.
          GATEWAY_CLIENT_ID: undefined,
          GATEWAY_CLIENTS: "'portal=https://portal.contoso.com/callback'",
          GATEWAY_IDLE_DAYS: "'7'",
          GATEWAY_REDIRECT_SCHEMES: "'cursor'",
          GATEWAY_REGISTRATION: "'on'",
        });
        // The secret is for development.
        const { GATEWAY_CLIENT_SECRET: _, ...read } = gatewaySettingsShape;
        expect(Object.keys(values).sort()).toEqual(Object.keys(read).sort());
      },
    );

    it(verifies("gateway.infrastructure.container", "has the source's container"), async () => {
      const [container] = resourcesOf(await deployed("gateway")).filter((each) =>
        textAt(each, "id").endsWith(`/containers/${gatewayContainer.name}`),
      );
      expect(objectAt(container, "properties.resource")).toEqual({
        id: gatewayContainer.name,
        ...gatewayContainer.definition,
      });
      expect(gatewayContainer.definition.defaultTtl).toBe(-1);
    });

    it.each([
      ["that was given", {}, "https://mcp.contoso.com"],
      [
        "that is the function app's",
        { mcpPublicUrl: "", deployApiManagement: false },
        /'https:\/\/func-\{0\}\.\{1\}', '\w{13}', createObject\('AzureCloud', 'azurewebsites\.net'/,
      ],
      [
        "that is API Management's",
        { mcpPublicUrl: "" },
        /^\[format\('\{0\}\/gateway\/callback', .*apiManagement.*outputs\.gatewayUrl\.value/,
      ],
    ])(
      verifies("gateway.infrastructure.registration", "sends people back to the URL %s"),
      async (_, changed, origin) => {
        const application = gatewayRegistrationIn(await deployed("gateway", changed));
        const [callback, ...others] = listAt(application, "web.redirectUris").map(String);
        expect(others).toEqual([]);
        if (typeof origin === "string") expect(callback).toBe(`${origin}/gateway/callback`);
        else expect(callback).toMatch(origin);
      },
    );

    it(
      verifies("gateway.infrastructure.registration", "signs people in as nobody else could"),
      async () => {
        const snapshot = await deployed("gateway");
        expect(gatewayRegistrationIn(snapshot)).toMatchObject({
          signInAudience: "AzureADMyOrg",
          isFallbackPublicClient: false,
          publicClient: { redirectUris: [] },
          spa: { redirectUris: [] },
          web: {
            implicitGrantSettings: {
              enableAccessTokenIssuance: false,
              enableIdTokenIssuance: false,
            },
          },
        });
        expect(JSON.stringify(gatewayRegistrationIn(snapshot))).not.toMatch(/Credentials/);
        const subjects = resourcesOf(snapshot)
          .filter((each) => textAt(each, "type").includes("federatedIdentityCredentials"))
          .map((each) => textAt(each, "properties.subject"));
        expect(subjects).toHaveLength(2);
        expect(new Set(subjects).size).toBe(1);
        expect(subjects[0]).toMatch(/userAssignedIdentities\/[^']*', '[^']*'\)\.principalId\]$/);
      },
    );

    it(
      verifies(
        "gateway.infrastructure.registration",
        "is pre-authorised by the API's registration",
      ),
      async () => {
        const values = { existingGatewayClientId: ids.gateway, preAuthorizedClients: "" };
        const api = resourcesOf(await deployed("gateway", values)).find((each) =>
          textAt(each, "type").startsWith("Microsoft.Graph/applications@"),
        );
        const preAuthorized = listAt(api, "properties.api.preAuthorizedApplications");
        expect(preAuthorized.map((each) => textAt(each, "appId"))).toEqual([ids.gateway]);
        // One that the template makes comes the same way.
        const resources = readFileSync(join(root, "infra/modules/resources.bicep"), "utf8");
        expect(resources).toMatch(
          /preAuthorizedClientIds: gateway\.enabled\s*\? union\(entra\.preAuthorizedClientIds, \[gatewayClientId\]\)/,
        );
        expect(resources).toMatch(
          /gatewayClientId = [^?]*\?[^:]*: empty\(gateway\.existingClientId\) \? gatewayRegistration!\.outputs\.clientId/,
        );
      },
    );

    it(
      verifies(
        "gateway.infrastructure.watched",
        "has its requests counted, and a panel of its own",
      ),
      async () => {
        const queries = resourcesOf(await deployed("gateway")).flatMap((each) => [
          textAt(each, "properties.criteria.allOf.0.query"),
          ...listAt(JSON.parse(textAt(each, "properties.serializedData") || "{}"), "items").map(
            (item) => textAt(item, "content.query"),
          ),
        ]);
        expect(queries.filter((query) => query.includes('Name == "mcp"'))).toEqual([]);
        // Slow answers; requests and latency in the workbook.
        const counted = queries.filter((query) => query.includes('in ("mcp", "gateway-mcp")'));
        expect(counted).toHaveLength(3);
        expect(queries.filter((query) => query.startsWith("// The gateway:"))).toHaveLength(1);
      },
    );

    it(
      verifies("gateway.infrastructure.name", "has a name that the directory does not give away"),
      async () => {
        const name = textAt(gatewayRegistrationIn(await deployed("gateway")), "uniqueName");
        expect(name).toMatch(
          /^\[format\('mcp-gateway-\{0\}', uniqueString\(reference\('[^']*\/userAssignedIdentities\/[^']*', '[^']*'\)\.principalId, reference\('[^']*\/databaseAccounts\/[^']*', '[^']*'\)\.instanceId\)\)\]$/,
        );
      },
    );

    it(
      verifies("gateway.infrastructure.existing", "takes one that there is, and makes none"),
      async () => {
        const values = { existingClientId: ids.api, existingGatewayClientId: ids.gateway };
        const snapshot = await deployed("gateway", values);
        expect(JSON.stringify(resourcesOf(snapshot))).not.toContain("Microsoft.Graph");
        expect(objectAt(snapshot, "outputs")).toMatchObject({
          ENTRA_GATEWAY_CLIENT_ID: ids.gateway,
          ENTRA_GATEWAY_UNIQUE_NAME: "",
        });
      },
    );

    it.each([
      [{ existingClientId: ids.api }, /needs GATEWAY_CLIENT_ID/],
      [
        { existingClientId: ids.api, existingGatewayClientId: ids.api.toUpperCase() },
        /GATEWAY_CLIENT_ID must be a registration of its own/,
      ],
      [{ gatewayIdleDays: 91 }, /GATEWAY_IDLE_DAYS must not be more/],
    ])(
      verifies("gateway.infrastructure.existing", "is not deployed with %j"),
      async (values, why) => {
        await expect(deployed("gateway", values)).rejects.toThrow(why);
      },
    );
  });
}

type Name = Parameters<typeof snapshotWith>[1];
type Values = Parameters<typeof snapshotWith>[2];

function resourcesOf(snapshot: JsonObject): JsonObject[] {
  return listAt(snapshot, "predictedResources").filter(isObject);
}

/** What tells a resource from the others. Those of Entra have no id; of each there are few. */
function keyOf(each: JsonObject): string {
  const type = textAt(each, "type").replace(/@.*/, "");
  if (!type.startsWith("Microsoft.Graph/")) return `${type} ${textAt(each, "id")}`;
  return `${type} ${textAt(each, "properties.displayName")}`;
}

function gatewayRegistrationIn(snapshot: JsonObject): JsonObject {
  const found = resourcesOf(snapshot).find(
    (each) => textAt(each, "properties.displayName") === "MCP server (sample): gateway",
  );
  return objectAt(found, "properties");
}
