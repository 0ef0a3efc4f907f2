import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { domain } from "../../src/domain.ts";
import { metadataUrl } from "../../src/gates/protected-resource-metadata.ts";
import { answerTo } from "../../src/gates/rejection.ts";
import { verifies } from "../requirements.ts";
import { composeForTest } from "../support/composed.ts";

const modules = join(import.meta.dirname, "../../infra/modules");
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

describe("the policy of API Management", () => {
  it(
    verifies("infrastructure.api-management-policy", "asks for a token only where there is one"),
    () => {
      const [, condition] = /<when condition='([^']*)'>\s*<validate-jwt/.exec(policy) ?? [];
      expect(condition).toContain('context.Operation.Id == "mcp-post"');
      expect(condition).toContain('context.Request.Headers.ContainsKey("Authorization")');
      expect(policy.match(/<validate-jwt/g)).toHaveLength(1);
    },
  );

  it(verifies("key-set.registration", "asks for the keys of the registration itself"), () => {
    const resources = readFileSync(join(modules, "resources.bicep"), "utf8");
    expect(element("openid-config")).toContain('url="{openIdConfigurationUrl}"');
    expect(resources).toMatch(
      /openIdConfigurationUrl: .*openid-configuration\?appid=\$\{clientId\}'/,
    );
  });

  it(
    verifies(
      "infrastructure.api-management-policy",
      "streams answers, and leaves them as they are",
    ),
    () => {
      expect(element("backend")).toContain('buffer-response="false"');
      expect(element("backend")).not.toContain("fail-on-error-status-code");
      expect(element("outbound").replace(/\s/g, "")).toBe("<outbound><base/></outbound>");
    },
  );

  it(verifies("infrastructure.api-management-policy", "refuses in the server's words"), () => {
    const invalid = answerTo({ kind: "bad-signature" }, resource);
    const unavailable = answerTo({ kind: "key-set-unavailable", retryAfterSeconds: 30 }, resource);
    const [refused, unknownKey] = [
      ...element("on-error").matchAll(/<return-response>[\s\S]*?<\/return-response>/g),
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
      "infrastructure.api-management-policy",
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
    verifies("infrastructure.api-management-hang", "keeps away what the Functions host hangs on"),
    () => {
      expect(element("inbound")).toContain(
        '<set-header name="x-ms-invocation-id" exists-action="delete" />',
      );
      const [, condition, refusal = ""] =
        /<when condition='([^']*character > 126[^']*)'>\s*(<return-response>[\s\S]*?<\/return-response>)/.exec(
          element("inbound"),
        ) ?? [];
      expect(condition).toContain("context.Request.Headers.Any(");
      expect(refusal).toContain('code="400"');
      // Before anything is counted or judged.
      expect(policy.indexOf(refusal)).toBeLessThan(policy.indexOf("{limitByAddress}"));
    },
  );

  it(
    verifies(
      "metadata.each-host",
      "leads to the public URL, though the server is called by the platform's name",
    ),
    async () => {
      const resources = readFileSync(join(modules, "resources.bicep"), "utf8");
      const [, TRUSTED_PROXY_HOPS = ""] =
        /TRUSTED_PROXY_HOPS: .*apiManagementOptions\.deploy \? (\d)/.exec(resources) ?? [];
      const platform = "func-mcp.azurewebsites.net";
      const app = await composeForTest(domain, {
        environment: {
          MCP_PUBLIC_URL: resource.url,
          WEBSITE_HOSTNAME: platform,
          TRUSTED_PROXY_HOPS,
        },
      });
      // What the policy writes anew takes the place of what the gateway sends by itself.
      const headers = new Headers({ host: platform });
      const written = /<set-header name="([^"]+)"[^>]*>\s*<value>([^<]*)/g;
      for (const [, name = "", value = ""] of element("inbound").matchAll(written)) {
        headers.set(name, value.replace("@(context.Request.IpAddress)", "203.0.113.7"));
      }
      const request = new Request("https://server.invalid/mcp", { method: "POST", headers });
      expect((await app.send(request)).headers.get("www-authenticate")).toContain(
        `resource_metadata="${metadataUrl(resource.url)}"`,
      );
      const invocation = { id: "invocation", log: () => {} };
      const metadata = await app.protectedResourceMetadata(
        new Request("https://server.invalid/", { headers }),
        invocation,
      );
      expect(await metadata.json()).toMatchObject({ resource: resource.url });
    },
  );

  it(
    verifies(
      "infrastructure.api-management-policy",
      "tells the server who calls, whatever they say",
    ),
    () => {
      const [forwarded] =
        /<set-header name="X-Forwarded-For"[\s\S]*?<\/set-header>/.exec(policy) ?? [];
      expect(forwarded).toContain('exists-action="override"');
      expect(forwarded).toContain("@(context.Request.IpAddress)");
    },
  );
});
