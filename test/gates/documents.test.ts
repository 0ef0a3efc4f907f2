import { describe, expect, it } from "vitest";
import type { Pieces } from "../../src/core/endpoint.ts";
import type { Log } from "../../src/core/log.ts";
import { success } from "../../src/core/result.ts";
import { domain } from "../../src/domain.ts";
import { metadataAnswer, metadataUrl } from "../../src/gates/protected-resource-metadata.ts";
import { publicEndpoint } from "../../src/gates/public-endpoint.ts";
import { createRefusalSums } from "../../src/gates/refusal-sums.ts";
import {
  createGuardedEndpoint,
  type Serve,
  unfailing,
  wholeResponse,
} from "../../src/gates/way-out.ts";
import { createReadiness, healthAnswer } from "../../src/health.ts";
import { resource } from "../mcp/serve-alone.ts";
import { verifies } from "../requirements.ts";
import { composeForTest } from "../support/composed.ts";
import { tenantId } from "./tokens.ts";

describe("the protected resource metadata", () => {
  const ask = async (host: string, environment: Record<string, string> = {}, query = "") => {
    const app = await composeForTest(domain, { environment });
    const url = `https://server.invalid/.well-known/oauth-protected-resource/mcp${query}`;
    return app.protectedResourceMetadata(new Request(url, { headers: { host } }), {
      id: "invocation",
      log: () => {},
    });
  };

  it(verifies("metadata.document", "names MCP URL, issuer and the qualified scope"), async () => {
    const response = await ask("mcp.contoso.example");
    expect(await response.json()).toEqual({
      resource: "https://mcp.contoso.example/mcp",
      authorization_servers: [`https://login.example/${tenantId}/v2.0`],
      scopes_supported: ["api://mcp/user_impersonation"],
      bearer_methods_supported: ["header"],
      resource_name: domain.title,
    });
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("cache-control")).toContain("max-age");
  });

  it(
    verifies("metadata.each-host", "is one document for each host, and none for others"),
    async () => {
      const environment = {
        WEBSITE_HOSTNAME: "func-mcp.azurewebsites.net",
        ALLOWED_HOSTS: "127.0.0.1:7071",
      };
      const resourceAt = async (host: string, further: Record<string, string> = {}) =>
        ((await (await ask(host, { ...environment, ...further })).json()) as { resource?: string })
          .resource;
      expect(await resourceAt("mcp.contoso.example:443")).toBe("https://mcp.contoso.example/mcp");
      expect(await resourceAt("127.0.0.1:7071")).toBe("http://127.0.0.1:7071/mcp");
      const platform = "func-mcp.azurewebsites.net";
      expect(await resourceAt(platform)).toBe(`https://${platform}/mcp`);
      const behindProxy = { TRUSTED_PROXY_HOPS: "2" };
      expect(await resourceAt(platform, behindProxy)).toBe("https://mcp.contoso.example/mcp");
      const listed = { ...behindProxy, ALLOWED_HOSTS: platform };
      expect(await resourceAt(platform, listed)).toBe(`https://${platform}/mcp`);
      for (const host of ["evil.example", "mcp.contoso.example:81", ""]) {
        expect((await ask(host, environment)).status).toBe(403);
      }
      const overridden = `?headers=${encodeURIComponent('{"host":"127.0.0.1:7071"}')}`;
      expect((await ask("mcp.contoso.example", environment, overridden)).status).toBe(400);
    },
  );

  it(verifies("metadata.url", "is where RFC 9728 puts it for the resource's path"), () => {
    for (const [origin, path] of [
      ["https://a.example", "/mcp"],
      ["https://a.example:8443", "/team/mcp"],
      ["https://a.example", ""],
    ]) {
      const expected = `${origin}/.well-known/oauth-protected-resource${path}`;
      expect(metadataUrl(`${origin}${path}`)).toBe(expected);
    }
  });
});

describe("what is public", () => {
  const endpoint = publicEndpoint(async () => wholeResponse(metadataAnswer(resource)));
  const ask = (method: string) =>
    endpoint(new Request(resource.url, { method }), { id: "invocation", log: () => {} });

  it(verifies("http.public", "answers HEAD as GET, to any page"), async () => {
    const [get, head] = [await ask("GET"), await ask("HEAD")];
    expect(await get.json()).toHaveProperty("resource");
    expect([get.status, head.status, head.body]).toEqual([200, 200, null]);
    expect([...head.headers]).toEqual([...get.headers]);
    expect(get.headers.get("access-control-allow-origin")).toBe("*");
  });

  it(verifies("http.public", "answers preflights, and other methods with 405"), async () => {
    const preflight = await ask("OPTIONS");
    expect([preflight.status, preflight.body]).toEqual([204, null]);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD, OPTIONS",
      "access-control-allow-headers": "*",
    });
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const { status, headers } = await ask(method);
      expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
      expect(headers.get("access-control-allow-origin")).toBe("*");
    }
  });
});

describe("health", () => {
  it(verifies("health.alive", "says that the process is alive and nothing more"), async () => {
    const response = wholeResponse(healthAnswer);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ok" });
  });

  it(verifies("health.ready", "answers 503 and names what cannot be reached alone"), async () => {
    const failures: string[] = [];
    const readiness = createReadiness({
      dependencies: {
        cosmos: async () => {
          throw new Error("secret-detail");
        },
        storage: async () => "reached",
      },
      now: () => 0,
      onUnreachable: (name) => failures.push(name),
    });
    const response = wholeResponse(await readiness());
    expect(response.status).toBe(503);
    const body = await response.text();
    expect(JSON.parse(body)).toEqual({
      status: "unavailable",
      dependencies: { cosmos: "unavailable", storage: "ok" },
    });
    expect(body).not.toContain("secret-detail");
    expect(failures).toEqual(["cosmos"]);
  });

  it(verifies("health.ready", "asks the dependencies once in ten seconds for all"), async () => {
    let asked = 0;
    let now = 0;
    const readiness = createReadiness({
      dependencies: {
        cosmos: async () => {
          asked += 1;
        },
      },
      now: () => now,
      onUnreachable: () => {},
    });
    const answers = await Promise.all(Array.from({ length: 100 }, readiness));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    now = 9_999;
    await readiness();
    expect(asked).toBe(1);
    now = 10_000;
    await readiness();
    expect(asked).toBe(2);
  });
});

describe("an answer to the platform", () => {
  /** The answer of a server behind no gates, whose body is made of these pieces. */
  const answered = (body: Pieces, log: Log = () => {}) => {
    const serve: Serve = async () => success({ status: 201, headers: { "x-kept": "yes" }, body });
    const endpoint = createGuardedEndpoint({
      gates: [],
      resource,
      serve,
      refusals: createRefusalSums(() => {}),
    });
    return endpoint(new Request(resource.url, { method: "POST" }), { id: "invocation", log });
  };

  it(verifies("http.never-throws", "is a plain 500 where the endpoint throws"), async () => {
    const lines: string[] = [];
    const response = await unfailing(
      async () => {
        throw new Error("secret-detail");
      },
      (_level, event, fields) => lines.push(`${event} ${JSON.stringify(fields)}`),
    );
    expect(response.status).toBe(500);
    expect(`${await response.text()} ${lines}`).not.toContain("secret-detail");
    expect(lines[0]).toContain("request.failed");
  });

  it(verifies("http.never-fails-midway", "ends early where its body fails"), async () => {
    const lines: string[] = [];
    const pieces = [new TextEncoder().encode("first")];
    const response = await answered(
      {
        next: async () => {
          const value = pieces.shift();
          if (!value) throw new Error("secret-detail");
          return { done: false, value };
        },
        cancel: async () => {},
      },
      (_level, event) => lines.push(event),
    );
    expect([response.status, response.headers.get("x-kept")]).toEqual([201, "yes"]);
    expect(await response.text()).toBe("first");
    expect(lines).toEqual(["response.failed"]);
  });

  it(verifies("http.never-fails-midway", "can be cancelled whatever its source says"), async () => {
    const response = await answered({
      next: async () => ({ done: false, value: new Uint8Array([1]) }),
      cancel: async () => {
        throw new Error("refuses to stop");
      },
    });
    await expect(response.body?.cancel()).resolves.toBeUndefined();
  });
});
