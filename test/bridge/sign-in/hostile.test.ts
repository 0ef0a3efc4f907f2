import { afterEach, describe, expect, it } from "vitest";
import { createAuthorityClient } from "../../../bridge/sign-in/authority/authority-client.ts";
import { bridgeClientId, tenantId } from "../../../local/directory.ts";
import { verifies } from "../../requirements.ts";
import {
  authorityUrl,
  cloud,
  serverUrl,
  startBridge,
  type TestEntra,
  testEntra,
} from "./support.ts";

/** The Azure CLI's client, which every tenant has and nobody has to consent to. */
const azureCli = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const anotherScope = "https://management.azure.com/.default";

/** Answers some addresses as a hostile server or authority would, and the others as before. */
function answering(entra: TestEntra, answer: (url: URL) => Response | undefined): typeof fetch {
  return async (input, init) => answer(new URL(String(input))) ?? entra.fetch(input, init);
}

const isMetadata = ({ pathname }: URL) => pathname.startsWith("/.well-known/oauth-protected");
const isDiscovery = ({ pathname }: URL) => pathname.endsWith("/.well-known/openid-configuration");

/** An authority on this machine, which the user has named; MSAL knows the documents of the clouds by heart. */
const ownAuthority = `https://localhost:9/${tenantId}`;

/** Serves the authority there, with changes to its discovery document. */
function takenOver(entra: TestEntra, changes: object): typeof fetch {
  return async (input, init) => {
    const url = new URL(String(input));
    const response = await entra.fetch(url.href.replace("https://localhost:9", entra.origin), init);
    if (!isDiscovery(url)) return response;
    const document = await response.text();
    const ofOwn = JSON.parse(document.replaceAll(entra.origin, "https://localhost:9"));
    return Response.json({
      ...ofOwn,
      authorization_endpoint: `${entra.base}/oauth2/v2.0/authorize`,
      ...changes,
    });
  };
}

const choices = { tenant: ownAuthority };

describe("a server that wants a token for something else", () => {
  it.each([
    ["in the browser", false],
    ["by device code", true],
  ])(
    verifies("bridge.hostile.confused", "cannot choose client, scope or resource %s"),
    async (_, deviceCode) => {
      const entra = await testEntra();
      Object.assign(entra.metadata, {
        client_id: azureCli,
        resource_name: "Azure CLI",
        scopes_supported: [anotherScope, "https://graph.microsoft.com/.default"],
        resource_parameter: "https://management.azure.com",
      });
      const bridge = await startBridge(entra, { choices: { deviceCode } });
      await bridge.token();
      const asked = [
        ...bridge.opened.map(({ searchParams }) => searchParams),
        ...entra.sent.filter(({ method }) => method === "POST").map(({ form }) => form),
      ];
      expect(asked.length).toBeGreaterThanOrEqual(2);
      for (const parameters of asked) {
        expect(parameters.get("client_id")).toBe(bridgeClientId);
        expect(parameters.getAll("resource")).toEqual([serverUrl]);
        const scopes = parameters
          .get("scope")
          ?.split(" ")
          .filter((scope) => scope.includes("/"));
        expect(scopes).toEqual([`${serverUrl}/.default`]);
      }
      expect(bridge.said.join()).not.toContain(azureCli);
    },
  );

  it(
    verifies("bridge.hostile.confused", "gets nothing where the user names no client"),
    async () => {
      const entra = await testEntra();
      Object.assign(entra.metadata, { client_id: azureCli });
      const bridge = await startBridge(entra, { choices: { clientId: undefined } });
      expect(await bridge.failure()).toMatchObject({ kind: "misconfigured" });
      expect([bridge.opened, entra.sent]).toEqual([[], []]);
    },
  );

  it(
    verifies("bridge.hostile.confused", "gets nothing with claims for another token"),
    async () => {
      const entra = await testEntra();
      const bridge = await startBridge(entra);
      const claims = JSON.stringify({
        access_token: { acrs: { value: "c1" } },
        id_token: { auth_time: { essential: true } },
        userinfo: { email: null },
      });
      await bridge.token({ claims });
      const asked = JSON.parse(bridge.opened.at(0)?.searchParams.get("claims") ?? "{}");
      expect(asked.access_token.acrs).toEqual({ value: "c1" });
      expect(JSON.stringify(asked)).not.toMatch(/auth_time|userinfo/);
    },
  );
});

describe("a server that names another authority", () => {
  it.each([
    ["another host", `https://login.evil.example/${tenantId}/v2.0`],
    ["a look-alike's subdomain", `https://login.microsoftonline.com.evil.example/${tenantId}/v2.0`],
    [
      "the right host as the user",
      `https://login.microsoftonline.com@evil.example/${tenantId}/v2.0`,
    ],
    [
      "the right host as the user, hidden",
      `https://login.microsoftonline.com%2f@evil.example/${tenantId}`,
    ],
    ["a Cyrillic letter", `https://login.micr\u043esoftonline.com/${tenantId}/v2.0`],
    ["a dash for a dot", `https://login-microsoftonline.com/${tenantId}/v2.0`],
    ["another port", `https://login.microsoftonline.com:8443/${tenantId}/v2.0`],
    ["a dot at the end", `https://login.microsoftonline.com./${tenantId}/v2.0`],
    ["http", `http://login.microsoftonline.com/${tenantId}/v2.0`],
    ["this machine", `http://localhost:1234/${tenantId}/v2.0`],
    ["everybody's tenant", "https://login.microsoftonline.com/common/v2.0"],
    ["no tenant", "https://login.microsoftonline.com/"],
    ["a domain without end", `https://login.microsoftonline.com/${"a-".repeat(100_000)}a.example`],
    ["a path that goes up", `https://login.microsoftonline.com/${tenantId}/../../evil/v2.0`],
    ["an encoded path", "https://login.microsoftonline.com/%2e%2e%2fevil/v2.0"],
    ["a query", `https://login.microsoftonline.com/${tenantId}/v2.0?to=https://evil.example`],
    ["a backslash", `https://login.microsoftonline.com\\@evil.example/${tenantId}/v2.0`],
    ["another scheme", `javascript://login.microsoftonline.com/${tenantId}/v2.0`],
    ["another scheme of the same form", `file:///${tenantId}`],
    ["this machine, by https", `https://localhost:7443/${tenantId}/v2.0`],
    ["a tenant that a shell would act on", `${cloud}/contoso.com$(touch x)/v2.0`],
    ["a tenant behind another one", `${cloud}/contoso.com/../common/v2.0`],
    ["nothing", ""],
    ["no text", ["https://login.microsoftonline.com/"]],
  ])(verifies("bridge.hostile.authority", "%s: nobody is sent there"), async (_, named) => {
    const entra = await testEntra();
    entra.metadata.authorization_servers = [named];
    const bridge = await startBridge(entra);
    expect(await bridge.failure()).toMatchObject({ kind: "misconfigured" });
    expect(bridge.opened).toEqual([]);
    expect(entra.sent.map(({ url }) => url.host)).toEqual([new URL(serverUrl).host]);
  });
});

describe("an authority that was taken over", () => {
  it.each([
    ["a file", "file:///etc/passwd"],
    ["a script", "javascript:alert(1)"],
    ["a program", "ms-msdt:/id"],
    ["a share", "\\\\evil.example\\share"],
    ["another host", "https://evil.example/authorize"],
    ["another port", "https://login.microsoftonline.com:8443/authorize"],
    ["http", "http://evil.example/authorize"],
    ["credentials", "http://user:secret@localhost/authorize"],
    ["an option of a program", "--profile=/tmp/evil"],
  ])(verifies("bridge.hostile.page", "%s as its sign-in page is not opened"), async (_, page) => {
    const entra = await testEntra();
    const bridge = await startBridge(entra, {
      choices,
      parts: { fetch: takenOver(entra, { authorization_endpoint: page }) },
    });
    expect(["refused", "unreachable"]).toContain((await bridge.failure()).kind);
    expect(bridge.opened).toEqual([]);
  });

  it(verifies("bridge.hostile.page", "hands no character of a shell to a program"), async () => {
    const entra = await testEntra();
    const traps = `&calc|calc\`id\`$(id)"&calc&"';id;'%0a^&%COMSPEC%!x!\n id`;
    const endpoint = `${entra.base}/oauth2/v2.0/authorize?x=${traps}`;
    const opened: string[] = [];
    const bridge = await startBridge(entra, {
      choices,
      parts: {
        fetch: takenOver(entra, { authorization_endpoint: endpoint }),
        openBrowser: (url, failed) => {
          opened.push(url);
          failed("No browser here.");
        },
      },
      does: { cancel: "true" },
    });
    await bridge.failure();
    expect(opened).toEqual([expect.stringMatching(/^http:\/\/localhost:\d+\/[\w.~:/?&=%+[\]-]*$/)]);
  });

  it.each([false, true])(
    verifies(
      "bridge.hostile.authority",
      "gets no code to an endpoint elsewhere: by device code, %s",
    ),
    async (deviceCode) => {
      const entra = await testEntra();
      const visited: string[] = [];
      const changed = takenOver(entra, { token_endpoint: "https://evil.example/token" });
      const bridge = await startBridge(entra, {
        choices: { ...choices, deviceCode },
        parts: {
          fetch: (input, init) => {
            visited.push(new URL(String(input)).host);
            return changed(input, init);
          },
        },
      });
      expect((await bridge.failure()).words).toContain("The authority points away from");
      expect(visited).not.toContain("evil.example");
    },
  );
});

describe("an authority that names times", () => {
  it.each([
    [{}, 900, 5],
    [{ expires_in: "soon", interval: -1 }, 900, 5],
    [{ expires_in: 1e300, interval: 1e10 }, 900, 60],
    [{ expires_in: 60, interval: 1 }, 60, 1],
  ])(
    verifies(
      "bridge.hostile.metadata",
      "is asked for a code's token at its pace within bounds: %j",
    ),
    async (times, expires_in, interval) => {
      const client = createAuthorityClient({
        authority: authorityUrl,
        resource: serverUrl,
        fetch: async () => Response.json({ user_code: "ABCD", ...times }),
        onUnreadable: () => {},
      });
      const { body } = await client.sendPostRequestAsync(`${authorityUrl}/oauth2/v2.0/devicecode`);
      expect(body).toEqual({ user_code: "ABCD", expires_in, interval });
    },
  );
});

describe("metadata that is a trap", () => {
  let poured = 0;
  const endless = () => {
    poured = 0;
    const piece = new TextEncoder().encode("x".repeat(65_536));
    return new Response(
      new ReadableStream({
        pull(controller) {
          poured += piece.length;
          controller.enqueue(piece);
        },
      }),
    );
  };
  /** Good but for the trap in it: without a guard, somebody would be sent there. */
  const good = { resource: serverUrl, authorization_servers: [`${cloud}/${tenantId}/v2.0`] };
  const traps: readonly (readonly [string, () => Response])[] = [
    ["without an end", endless],
    ["of megabytes", () => Response.json({ ...good, x: "x".repeat(4_000_000) })],
    [
      "of great depth",
      () => new Response(`{"resource":${"[".repeat(60_000)}${"]".repeat(60_000)}}`),
    ],
    [
      "for another resource",
      () => Response.json({ ...good, resource: "https://evil.example/mcp" }),
    ],
    ["that is none", () => new Response("<!doctype html>")],
    ["that is a list", () => Response.json([serverUrl])],
    ["that is an error", () => Response.json(good, { status: 500 })],
    ["that is elsewhere", () => Response.redirect("https://evil.example/metadata")],
  ];

  afterEach(() => expect(poured).toBeLessThan(2_000_000));

  it.each(traps)(verifies("bridge.hostile.metadata", "%s: words, and no page"), async (_, trap) => {
    const entra = await testEntra();
    const bridge = await startBridge(entra, {
      parts: { fetch: answering(entra, (url) => (isMetadata(url) ? trap() : undefined)) },
    });
    expect(await bridge.failure()).toMatchObject({ kind: "unreachable" });
    expect(bridge.opened).toEqual([]);
  });

  it.each(traps)(
    verifies("bridge.hostile.metadata", "of the authority, %s: words, and no page"),
    async (_, trap) => {
      const entra = await testEntra();
      const bridge = await startBridge(entra, {
        choices,
        parts: { fetch: answering(entra, (url) => (isDiscovery(url) ? trap() : undefined)) },
      });
      expect((await bridge.failure()).words).not.toContain("    at ");
      expect(bridge.opened).toEqual([]);
    },
  );
});

describe("a server that refuses every token", () => {
  it(
    verifies("bridge.hostile.tabs", "opens few pages, however many requests it refuses"),
    async () => {
      const entra = await testEntra();
      const bridge = await startBridge(entra);
      for (let round = 0; round < 10; round += 1) {
        const requests = Array.from({ length: 20 }, async (_, request) => {
          const refused = await bridge.token().catch(() => undefined);
          const claims = JSON.stringify({
            access_token: { acrs: { value: `c${round}${request}` } },
          });
          await bridge.token({ refused, ...(request % 2 === 0 && { claims }) }).catch(() => {});
        });
        await Promise.all(requests);
      }
      expect(bridge.opened.length).toBeLessThanOrEqual(4);
    },
  );
});
