import { beforeEach, describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { client, errorOf, type Form, Instance, redirectUri, resource, World } from "./world.ts";

let world: World;
let instance: Instance;
let good: Form;
beforeEach(async () => {
  world = new World();
  instance = new Instance(world);
  good = {
    grant_type: "authorization_code",
    code: await instance.begin(),
    client_id: client.id,
    redirect_uri: redirectUri,
    code_verifier: "verifier-of-the-client-verifier-of-the-client",
  };
});

describe("the answer", () => {
  it(
    verifies("gateway.token.answer", "has a Bearer token, its time, scope and successor"),
    async () => {
      const told = await instance.token(good);
      expect(told.status).toBe(200);
      expect(told.content).toEqual({
        access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        token_type: "Bearer",
        expires_in: 600,
        refresh_token: expect.stringMatching(/^gwr_[\w-]+$/),
        scope: "user_impersonation",
      });
    },
  );

  it(verifies("gateway.token.no-store", "is kept by no cache, good or bad"), async () => {
    for (const form of [good, { ...good, code: "invented" }, {}]) {
      const { headers } = await instance.token(form);
      expect(headers).toMatchObject({
        "content-type": "application/json",
        "cache-control": "no-store",
        pragma: "no-cache",
      });
    }
  });

  it(verifies("gateway.token.answer", "says that the client is in use"), async () => {
    await instance.token({ ...good, client_id: "other" });
    expect(world.inUse).toEqual([]);
    await instance.token({ ...good, code: await instance.begin() });
    expect(world.inUse).toEqual([client.id]);
  });
});

describe("what is no request for tokens", () => {
  it.each([["grant_type"], ["client_id"], ["code"], ["code_verifier"]])(
    verifies("gateway.token.request", "has no %s"),
    async (name) => {
      for (const nothing of [undefined, ""]) {
        const told = await instance.token({ ...good, [name]: nothing });
        expect(errorOf(told)).toEqual([400, "invalid_request"]);
        expect(told.content.error_description).toContain(name);
      }
      // None of it has spent the code.
      expect((await instance.token(good)).status).toBe(200);
    },
  );

  it(verifies("gateway.code.redirect-uri", "is not what leaves the redirect URI out"), async () => {
    const told = await instance.token({ ...good, redirect_uri: undefined });
    expect(told.status).toBe(200);
  });

  it(verifies("gateway.token.request", "has no refresh token to refresh with"), async () => {
    const told = await instance.token({ grant_type: "refresh_token", client_id: client.id });
    expect(errorOf(told)).toEqual([400, "invalid_request"]);
  });

  it(verifies("gateway.token.request", "has a parameter twice, whichever"), async () => {
    const text = new URLSearchParams(good as Record<string, string>).toString();
    for (const more of ["client_id=other", "resource=a&resource=b", "whatever=1&whatever=1"]) {
      expect(errorOf(await instance.token(`${text}&${more}`))).toEqual([400, "invalid_request"]);
    }
    expect((await instance.token(good)).status).toBe(200);
  });

  it(verifies("gateway.token.request", "is no form"), async () => {
    for (const form of [undefined, "%zz=1"]) {
      expect(errorOf(await instance.token(form))).toEqual([400, "invalid_request"]);
    }
  });
});

describe("a client that authenticates", () => {
  it.each(["client_secret", "client_assertion", "client_assertion_type"])(
    verifies("gateway.token.public", "with %s is told that there is no such thing"),
    async (name) => {
      const told = await instance.token({ ...good, [name]: "anything" });
      expect(errorOf(told)).toEqual([400, "invalid_client"]);
      expect(told.content.error_description).toContain("public");
      expect(told.headers["www-authenticate"]).toBeUndefined();
    },
  );

  it(
    verifies("gateway.token.public", "by the Authorization header gets 401 and a challenge"),
    async () => {
      const told = await instance.token(good, true);
      expect(errorOf(told)).toEqual([401, "invalid_client"]);
      expect(told.headers["www-authenticate"]).toMatch(/^Basic /);
      expect((await instance.token(good)).status).toBe(200);
    },
  );
});

describe("a client whose registration is gone", () => {
  beforeEach(() => void world.forgotten.add(client.id));

  it.each<[string, Form]>([
    ["a code", { code: "invented" }],
    ["a refresh token", { grant_type: "refresh_token", refresh_token: "invented" }],
  ])(verifies("gateway.token.forgotten", "is told so where %s is refused"), async (_what, form) => {
    const told = await instance.token({ ...good, ...form });
    expect(errorOf(told)).toEqual([400, "invalid_client"]);
  });

  it(verifies("gateway.token.forgotten", "gets tokens all the same while it may"), async () => {
    expect((await instance.token(good)).status).toBe(200);
  });
});

describe("other grants", () => {
  it.each([
    "password",
    "client_credentials",
    "implicit",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "Authorization_Code",
  ])(verifies("gateway.token.grants", "are not supported: %s"), async (grantType) => {
    const told = await instance.token({ ...good, grant_type: grantType });
    expect(errorOf(told)).toEqual([400, "unsupported_grant_type"]);
  });
});

describe("the resource", () => {
  it(verifies("gateway.token.resource", "may be named, and is this server's"), async () => {
    expect((await instance.token({ ...good, resource })).status).toBe(200);
  });

  it.each([
    `${resource}/`,
    "https://mcp.example/mcp",
    "https://mcp.example",
    "https://other.example/gateway/mcp",
  ])(verifies("gateway.token.resource", "is no other: %s"), async (other) => {
    const told = await instance.token({ ...good, resource: other });
    expect(errorOf(told)).toEqual([400, "invalid_target"]);
    expect((await instance.token(good)).status).toBe(200);
  });

  it(verifies("gateway.token.resource", "is no other at a refresh either"), async () => {
    const { content } = await instance.token(good);
    const token = String(content.refresh_token);
    const told = await instance.refresh(token, { resource: "https://other.example" });
    expect(errorOf(told)).toEqual([400, "invalid_target"]);
    expect(world.entra.asked).toEqual([]);
    expect((await instance.refresh(token, { resource })).status).toBe(200);
  });
});

describe("a client that may not use the server", () => {
  it(
    verifies("gateway.token.allowed", "gets no tokens, for a code or a refresh token"),
    async () => {
      const { content } = await instance.token(good);
      world.allowedClientIds = ["https://allowed.example/client.json"];
      const again = { ...good, code: await instance.begin() };
      expect(errorOf(await instance.token(again))).toEqual([400, "unauthorized_client"]);
      const refreshed = await instance.refresh(String(content.refresh_token));
      expect(errorOf(refreshed)).toEqual([400, "unauthorized_client"]);
      expect(world.entra.asked).toEqual([]);
    },
  );
});
