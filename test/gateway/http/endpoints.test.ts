import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Endpoint, jsonAnswer } from "../../../src/core/endpoint.ts";
import { ownHost } from "../../../src/gates/own-hosts.ts";
import { addressLimit } from "../../../src/gates/rate-limits.ts";
import { createRefusalSums } from "../../../src/gates/refusal-sums.ts";
import { createGatewayEndpoints } from "../../../src/gateway/http/endpoints.ts";
import { registrationLimit, registrationsPerMinute } from "../../../src/gateway/http/gates.ts";
import type { GatewayRequest } from "../../../src/gateway/http/handler.ts";
import { verifies } from "../../requirements.ts";

const host = "mcp.contoso.example";
const form = "application/x-www-form-urlencoded";

/** An endpoint of each sort, and what their handlers were asked. */
function setUp(perAddress = 0) {
  const asked: GatewayRequest[] = [];
  const lines: string[] = [];
  const log = (_level: string, event: string) => {
    lines.push(event);
  };
  const url = `https://${host}/gateway/mcp`;
  const endpoints = createGatewayEndpoints({
    hosts: [ownHost(url)],
    address: addressLimit("requests of the address", perAddress, 1),
    registrations: registrationLimit(perAddress, 1),
    resource: {
      url,
      issuer: `https://${host}/gateway`,
      scope: "s",
      name: "",
      authorizationUri: "",
    },
    refusals: createRefusalSums(log),
  });
  const handler = async (request: GatewayRequest) => {
    asked.push(request);
    return jsonAnswer(200, {}, { "set-cookie": "__Host-a=1" });
  };
  const sorts = {
    page: endpoints.page(handler, "GET, POST"),
    callback: endpoints.page(handler, "GET"),
    client: endpoints.client(handler),
    registration: endpoints.registration(handler),
    document: endpoints.document(() => jsonAnswer(200, {}, { "cache-control": "public" })),
  };
  const invocation = { id: "invocation", log };
  const send = (
    sort: keyof typeof sorts,
    method: string,
    {
      query = "",
      body,
      ...headers
    }: Record<string, string> & { query?: string; body?: string } = {},
  ) =>
    (sorts[sort] as Endpoint)(
      new Request(`https://server.invalid/gateway/x${query}`, {
        method,
        headers: { host, ...headers },
        ...(body === undefined ? {} : { body }),
      }),
      invocation,
    );
  return { send, asked, lines, invocation, sorts };
}

let fixture: ReturnType<typeof setUp>;
beforeEach(() => {
  fixture = setUp();
});

const sorts = ["page", "callback", "client", "registration", "document"] as const;
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

describe("the gateway's endpoints", () => {
  it.each([
    ["page", "GET POST", "GET, POST"],
    ["callback", "GET", "GET"],
    ["client", "POST OPTIONS", "POST, OPTIONS"],
    ["registration", "POST OPTIONS", "POST, OPTIONS"],
    ["document", "GET HEAD OPTIONS", "GET, HEAD, OPTIONS"],
  ] as const)(
    verifies("gateway.methods", "serve on %s the methods %s"),
    async (sort, served, allow) => {
      for (const method of methods) {
        const { status, headers } = await fixture.send(sort, method);
        if (served.split(" ").includes(method)) expect(status, method).toBeLessThan(300);
        else expect([status, headers.get("allow")], method).toEqual([405, allow]);
      }
    },
  );

  it(verifies("gateway.methods", "answer HEAD without a body"), async () => {
    expect(await (await fixture.send("document", "HEAD")).text()).toBe("");
  });

  it(verifies("gateway.cors", "let any page read what clients need, and no page"), async () => {
    const origin = "https://evil.example";
    for (const sort of sorts) {
      const isShared = sort !== "page" && sort !== "callback";
      for (const method of methods) {
        const { headers } = await fixture.send(sort, method, { origin });
        const shared = headers.get("access-control-allow-origin");
        expect(shared, `${method} ${sort}`).toBe(isShared ? "*" : null);
        expect(headers.get("access-control-allow-credentials")).toBeNull();
      }
      const foreign = await fixture.send(sort, sort === "client" ? "POST" : "GET", {
        host: "evil.example",
      });
      expect(foreign.headers.get("access-control-allow-origin")).toBe(isShared ? "*" : null);
    }
  });

  it(
    verifies("gateway.own-forms", "take no form of a foreign page, and visits from it"),
    async () => {
      for (const [site, ofForm] of [
        ["same-origin", 200],
        ["none", 200],
        ["same-site", 403],
        ["cross-site", 403],
        ["", 403],
      ] as const) {
        const sent = { "sec-fetch-site": site, "content-type": form, body: "a=1" };
        expect((await fixture.send("page", "POST", sent)).status, site).toBe(ofForm);
        const visit = { "sec-fetch-site": site };
        expect((await fixture.send("callback", "GET", visit)).status, site).toBe(200);
        expect((await fixture.send("client", "POST", sent)).status, site).toBe(200);
      }
    },
  );

  it(verifies("gateway.hosts", "answer under the issuer's host alone"), async () => {
    for (const sort of sorts) {
      const method = sort === "client" || sort === "registration" ? "POST" : "GET";
      const foreign = await fixture.send(sort, method, { host: "api.contoso.example" });
      expect(foreign.status).toBe(403);
      expect((await fixture.send(sort, method, { host: `${host}:443` })).status).toBe(200);
    }
    expect(fixture.asked).toHaveLength(4);
  });

  it(verifies("gateway.headers", "judge no headers but the request's own"), async () => {
    for (const sort of sorts) {
      const method = sort === "client" || sort === "registration" ? "POST" : "GET";
      const { status } = await fixture.send(sort, method, {
        query: "?Headers[cookie]=1&headers=2",
      });
      expect(status).toBe(400);
    }
    const inBody = { body: '{"Headers":{"host":"x"}}', "content-type": "application/json" };
    expect((await fixture.send("registration", "POST", inBody)).status).toBe(400);
    const request = new Request("https://server.invalid/", { headers: { host } });
    const overridden = { ...fixture.invocation, hasForeignHeaders: true };
    expect((await fixture.sorts.page(request, overridden)).status).toBe(400);
    const large = { "x-large": "x".repeat(17_000) };
    expect((await fixture.send("page", "GET", large)).status).toBe(431);
    expect(fixture.asked).toHaveLength(0);
  });

  it(verifies("gateway.bodies", "read small forms, or small JSON, and nothing else"), async () => {
    const post = async (sort: "client" | "registration", type: string, body: string) => {
      const { status } = await fixture.send(sort, "POST", { "content-type": type, body });
      return status;
    };
    expect(await post("client", form, "a=1")).toBe(200);
    expect(await post("client", `${form}; charset=UTF-8`, "a=1")).toBe(200);
    expect(await post("registration", "application/json", '{"a":1}')).toBe(200);
    expect(fixture.asked.map(({ form, json }) => [form?.ok, json])).toEqual([
      [true, undefined],
      [true, undefined],
      [undefined, { a: 1 }],
    ]);
    for (const type of ["text/plain", "application/json", "", `${form}; charset=latin1`]) {
      expect(await post("client", type, "a=1")).toBe(400);
    }
    for (const type of ["text/plain", form, "application/jsonp"]) {
      expect(await post("registration", type, "{}")).toBe(400);
    }
    expect(await post("client", form, `a=${"x".repeat(65_536)}`)).toBe(413);
    expect(fixture.asked).toHaveLength(3);
    expect(await post("registration", "application/json", "{")).toBe(200);
    expect(fixture.asked.at(-1)?.json).toBeUndefined();
  });

  it(verifies("gateway.bodies", "hand on query, cookies and what else there is"), async () => {
    const { headers } = await fixture.send("page", "GET", {
      query: "?a=1&a=2",
      cookie: "__Host-a=1",
      authorization: "Basic eA==",
    });
    expect(headers.get("set-cookie")).toBe("__Host-a=1");
    expect(headers.get("cache-control")).toContain("no-store");
    expect(fixture.asked[0]).toMatchObject({
      method: "GET",
      query: { ok: false, reason: { kind: "repeated", name: "a" } },
      hasAuthorization: true,
    });
    expect(fixture.asked[0]?.form).toBeUndefined();
    expect(fixture.asked[0]?.cookies.get("__Host-a")).toBe("1");
  });

  it(verifies("gateway.rates", "count an address's requests, registrations sooner"), async () => {
    vi.useFakeTimers();
    fixture = setUp(20);
    const from = { "x-forwarded-for": "203.0.113.7" };
    const post = async (sort: "client" | "registration", headers: Record<string, string>) =>
      (await fixture.send(sort, "POST", headers)).status;
    for (let count = 0; count < registrationsPerMinute; count += 1)
      expect(await post("registration", from)).toBe(200);
    expect(await post("registration", from)).toBe(429);
    expect(await post("registration", { "x-forwarded-for": "203.0.113.8" })).toBe(200);
    for (let count = registrationsPerMinute + 1; count < 20; count += 1)
      expect(await post("client", from)).toBe(200);
    expect(await post("client", from)).toBe(429);
    vi.useRealTimers();
  });
});
