import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { metadataUrl } from "../../src/gates/protected-resource-metadata.ts";
import { answerTo } from "../../src/gates/rejection.ts";
import { verifies } from "../requirements.ts";

const root = join(import.meta.dirname, "../..");
const modules = join(root, "infra/modules");
const template = readFileSync(join(modules, "api-management-api.bicep"), "utf8");
const policy = readFileSync(join(modules, "api-management/policy.xml"), "utf8");
const resource = {
  url: "https://gateway.example/mcp",
  issuer: "https://issuer.example/v2.0",
  scope: "api://mcp/user_impersonation",
  name: "Test server",
  authorizationUri: "https://issuer.example/authorize",
};

/** The text of the first element, with its attributes and what it holds. */
function element(name: string, within = policy): string {
  const found = new RegExp(`<${name}\\b[^>]*?(?:/>|>[\\s\\S]*?</${name}>)`).exec(within);
  if (!found) throw new Error(`There is no <${name}>.`);
  return found[0];
}

it(verifies("infrastructure.logs", "neither queries nor keys are logged by Cosmos DB"), () => {
  const cosmos = readFileSync(join(modules, "cosmos.bicep"), "utf8");
  const categories = [...cosmos.matchAll(/category: '(\w+)'/g)].map(([, name]) => name);
  // QueryRuntimeStatistics has queries, and PartitionKey… the keys, which are people's object ids.
  expect(categories).toEqual(["DataPlaneRequests", "ControlPlaneRequests"]);
  expect(cosmos).not.toMatch(/enableFullTextQuery|categoryGroup|allLogs/);
});

describe("the policy of API Management", () => {
  it(verifies("infrastructure.gateway-policy", "has every placeholder filled in"), () => {
    const placeholders = [...policy.matchAll(/\{[A-Za-z]+\}/g)].map(([name]) => name);
    const filled = [...template.matchAll(/name: '(\{\w+\})'/g)].map(([, name]) => name);
    expect(new Set(placeholders)).toEqual(new Set(filled));
  });

  it(
    verifies(
      "infrastructure.gateway-policy",
      "takes parameters as texts, whatever characters they have",
    ),
    () => {
      const escaping = /value: (replace\(.*\))\n/.exec(template)?.[1] ?? "";
      const replaced = [...escaping.matchAll(/'([^']+)', '([^']+)'/g)].map(([, ...pair]) => pair);
      expect(replaced).toEqual([
        ["&", "&amp;"],
        ["<", "&lt;"],
        [">", "&gt;"],
        ['"', "&quot;"],
      ]);
      // What is XML itself is the project's own files, with a number in them.
      const [, elements = ""] = /var elements = \[([\s\S]*?)\n\]/.exec(template) ?? [];
      expect([...elements.matchAll(/name: '(\{\w+\})'/g)].map(([, name]) => name)).toEqual([
        "{limitByAddress}",
        "{limitByCaller}",
      ]);
      expect(template).toContain("concat(elements, escapedTexts)");
    },
  );

  it(
    verifies(
      "infrastructure.gateway-address",
      "is the one that counts by address, where it can, since the server can be told any",
    ),
    () => {
      const resources = readFileSync(join(modules, "resources.bicep"), "utf8");
      expect(resources).toContain(
        "var gatewayLimitsAddresses = gateway.deploy && gateway.skuName != 'Consumption'",
      );
      expect(resources).toMatch(
        /RATE_LIMIT_PER_ADDRESS: string\(server\.\?rateLimitPerAddress \?\? \(gatewayLimitsAddresses \? 0 : ''\)\)/,
      );
      expect(template).toContain("var limited = skuName != 'Consumption'");
      const perAddress = readFileSync(join(modules, "api-management/limit-by-address.xml"), "utf8");
      expect(perAddress).toContain('counter-key="@(context.Request.IpAddress)"');
    },
  );

  it(verifies("infrastructure.logs", "has nothing of a message logged, and no address"), () => {
    const [, nothing = ""] = /var nothingOfMessages = (\{[\s\S]*?\n\})/.exec(template) ?? [];
    expect(nothing.replace(/\s+/g, " ")).toBe(
      "{ request: { headers: [] body: { bytes: 0 } } response: { headers: [] body: { bytes: 0 } } }",
    );
    for (const setting of ["frontend", "backend"]) {
      expect(template).toContain(`${setting}: nothingOfMessages`);
    }
    expect(template).toContain("logClientIp: false");
  });

  it(verifies("infrastructure.gateway-policy", "asks for a token only where there is one"), () => {
    const [, condition] = /<when condition='([^']*)'>\s*<validate-jwt/.exec(policy) ?? [];
    expect(condition).toContain('context.Operation.Id == "mcp-post"');
    expect(condition).toContain('context.Request.Headers.ContainsKey("Authorization")');
    expect(policy.match(/<validate-jwt/g)).toHaveLength(1);
  });

  it(
    verifies("infrastructure.gateway-policy", "streams answers, and leaves them as they are"),
    () => {
      expect(element("backend")).toContain('buffer-response="false"');
      expect(element("backend")).not.toContain("fail-on-error-status-code");
      expect(element("outbound").replace(/\s/g, "")).toBe("<outbound><base/></outbound>");
    },
  );

  it(verifies("infrastructure.gateway-policy", "refuses in the server's words"), () => {
    const invalid = answerTo({ kind: "bad-signature" }, resource);
    const unavailable = answerTo({ kind: "key-set-unavailable", retryAfterSeconds: 30 }, resource);
    const [refused, unknownKey] = [
      ...policy.matchAll(/<return-response>[\s\S]*?<\/return-response>/g),
    ]
      .map(([text]) => text)
      .map((text) => ({
        status: Number(/code="(\d+)"/.exec(text)?.[1]),
        challenge: /<value>(Bearer .*)<\/value>/.exec(text)?.[1],
        body: JSON.parse(/<set-body>(.*)<\/set-body>/.exec(text)?.[1] ?? ""),
      }));
    expect(unknownKey).toEqual({
      status: unavailable.status,
      challenge: undefined,
      body: JSON.parse(String(unavailable.body)),
    });
    expect(refused).toEqual({
      status: invalid.status,
      challenge: invalid.headers["www-authenticate"]
        ?.replace(metadataUrl(resource.url), "{resourceMetadataUrl}")
        .replace(resource.scope, "{scope}"),
      body: JSON.parse(String(invalid.body)),
    });
  });

  it(
    verifies(
      "infrastructure.gateway-policy",
      "sends nobody to sign in again when the issuer's keys cannot be had",
    ),
    () => {
      const [refusal = "", outage = ""] = [
        ...element("on-error").matchAll(/<when condition='([^']*)'/g),
      ].map(([, condition]) => condition);
      expect(refusal).toContain('"TokenSignatureInvalid"');
      expect(refusal).not.toContain("KeyNotFound");
      expect(outage).toBe('@(context.LastError.Source == "validate-jwt")');
    },
  );

  it(
    verifies("infrastructure.gateway-policy", "tells the server who calls, whatever they say"),
    () => {
      const [forwarded] =
        /<set-header name="X-Forwarded-For"[\s\S]*?<\/set-header>/.exec(policy) ?? [];
      expect(forwarded).toContain('exists-action="override"');
      expect(forwarded).toContain("@(context.Request.IpAddress)");
    },
  );
});
