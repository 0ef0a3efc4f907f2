import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import type { ApiRegistration } from "../../local/authority/tenant.ts";
import { vscodeClientId } from "../../local/directory.ts";
import { startFunctionsHost } from "../../local/functions-host/start.ts";
import { applicationFolder } from "../../local/paths.ts";
import { type Services, startServices } from "../../local/services.ts";
import { notForTheLaptop, serverSettings } from "../../local/settings.ts";
import { signIn } from "../../local/sign-in.ts";
import { anyPorts } from "../../local/stack-record.ts";
import { verifies } from "../requirements.ts";
import {
  type ClientKind,
  type ClientOptions,
  clientKinds,
  connectClient,
  textOf,
} from "../support/clients.ts";
import {
  connectSigningIn,
  createSigningInProvider,
  type SignInChanges,
} from "../support/person.ts";
import { sharedStack } from "../support/shared-stack.ts";
import { temporaryFolder } from "../support/stack.ts";

const username = "user1@contoso.example";
const { running } = sharedStack();

/** Watches what is sent to the authority, and passes it on. */
function watchingFetch() {
  const resources: (string | null)[] = [];
  const watching: NonNullable<ClientOptions["fetch"]> = (input, init) => {
    if (new URL(input).pathname.endsWith("/token")) {
      resources.push(new URLSearchParams(String(init?.body)).get("resource"));
    }
    return fetch(input, init);
  };
  return { fetch: watching, resources };
}

/** Signs in from the 401 on, calls as the person, and renews the token once. */
async function signInAndCall(kind: ClientKind, url: string, changes: SignInChanges = {}) {
  const person = createSigningInProvider(username, changes);
  const { fetch: watched, resources } = watchingFetch();
  const client = await connectSigningIn(kind, new URL(url), person, { fetch: watched });
  person.spoilAccessToken();
  const details = await client.callTool({ name: "get_user_details", arguments: {} });
  expect(textOf(details)).toContain("Uma First");
  await client.close();
  expect(person.signIns()).toBe(1);
  return { asked: person.asked(), resources };
}

it.each(["http://127.0.0.1:33418/", "http://localhost:33418/", "https://vscode.dev/redirect"])(
  verifies("sign-in-ways.pre-registered", "VS Code's way, with its id and %s"),
  async (redirectUrl) => {
    const changes = { clientId: vscodeClientId, redirectUrl };
    const { asked } = await signInAndCall("modern", running().mcp, changes);
    expect(asked.searchParams.get("client_id")).toBe(vscodeClientId);
    expect(asked.searchParams.get("redirect_uri")).toBe(redirectUrl);
  },
);

it.each(clientKinds)(
  verifies("sign-in-ways.resource", "registered by itself, with resource at every step: %s"),
  async (kind) => {
    const { mcp } = running();
    const { asked, resources } = await signInAndCall(kind, mcp);
    expect(asked.searchParams.get("client_id")).not.toBe(vscodeClientId);
    expect(asked.searchParams.get("resource")).toBe(mcp);
    expect(resources).toEqual([mcp, mcp]);
  },
);

it.each(clientKinds)(
  verifies("sign-in-ways.no-resource", "without resource at any step: %s"),
  async (kind) => {
    const changes = { resource: () => undefined };
    const { asked, resources } = await signInAndCall(kind, running().mcp, changes);
    expect(asked.searchParams.has("resource")).toBe(false);
    expect(resources).toEqual([null, null]);
  },
);

it.each(["127.0.0.1", "[::1]"])(
  verifies("sign-in-ways.resource", "with the resource of the address %s"),
  async (address) => {
    const url = running().mcp.replace("localhost", address);
    const { asked } = await signInAndCall("modern", url);
    expect(asked.searchParams.get("resource")).toBe(url);
  },
);

it.each<readonly [string, SignInChanges, string]>([
  [
    "uri-not-listed",
    { resource: (url) => new URL(`${url}/`) },
    "what differs: the slash at the end",
  ],
  ["other-registration", { scope: "User.Read" }, "the scope https://graph.microsoft.com/User.Read"],
])(
  verifies(
    "sign-in-ways.refused",
    "%s: the log of npm start says so, the client does not learn it",
  ),
  async (cause, changes, explained) => {
    const { mcp, logged, logs } = running();
    const person = createSigningInProvider(username, changes);
    await expect(connectSigningIn("modern", new URL(mcp), person)).rejects.toThrow("refused");
    expect(person.callback().searchParams.get("error")).toBe("invalid_target");
    expect(person.callback().searchParams.get("error_description")).toBe(
      "AADSTS9010010: The resource parameter provided in the request doesn't match with the requested scopes.",
    );
    await logged(`"cause":"${cause}"`);
    const line = logs()
      .split("\n")
      .find((text) => text.includes(`"cause":"${cause}"`));
    expect(JSON.parse(String(line))).toMatchObject({
      event: "authorization.refused",
      code: "AADSTS9010010",
      reason: expect.stringContaining(explained),
    });
  },
);

const publicUrl = new URL("https://mcp.contoso.example/mcp");

interface PublicServerOptions {
  readonly registration?: Partial<ApiRegistration>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly onLog?: (line: string) => void;
}

interface PublicServer {
  readonly services: Services;
  /** What the authority has refused: lines of JSON. */
  readonly refusals: readonly string[];
  /** Reaches the server under its public name, as what terminates TLS in front of it does. */
  readonly fetch: NonNullable<ClientOptions["fetch"]>;
}

/** The deployed build under an https name, until the test ends. */
async function publicServer({
  registration = {},
  settings = {},
  onLog = () => undefined,
}: PublicServerOptions): Promise<PublicServer> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const refusals: string[] = [];
  const services = await startServices({
    dataFolder: folder.path,
    stackFolder: folder.path,
    ports: anyPorts,
    serverUrl: publicUrl.href,
    registration,
    log: () => undefined,
    refusalLog: (line) => refusals.push(line),
  });
  onTestFinished(() => services.close());
  const { port, close } = await startFunctionsHost({
    appDirectory: applicationFolder,
    port: 0,
    env: {
      ...process.env,
      ...notForTheLaptop,
      ...serverSettings(services, publicUrl.href, services.certificateAuthorities),
      ...settings,
    },
    onLog,
  });
  onTestFinished(close);
  return {
    services,
    refusals,
    fetch: (input, init) => {
      const asked = new Request(input, init);
      return new URL(asked.url).origin === publicUrl.origin ? sendTo(port, asked) : fetch(asked);
    },
  };
}

/** `fetch` sets `Host` itself, so this sends with `node:http`. */
async function sendTo(port: number, asked: Request): Promise<Response> {
  const { pathname, host } = new URL(asked.url);
  const body = Buffer.from(await asked.arrayBuffer());
  const headers = { ...Object.fromEntries(asked.headers), host };
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path: pathname, method: asked.method, headers })
      .once("response", (answer) => {
        const { statusCode: status = 0, headers: answered } = answer;
        const pairs = Object.entries(answered).map(([name, value]) => [name, String(value)]);
        buffer(answer).then(
          (content) =>
            resolve(
              new Response(content.length === 0 ? null : new Uint8Array(content), {
                status,
                headers: Object.fromEntries(pairs),
              }),
            ),
          reject,
        );
      })
      .once("error", reject)
      .end(body);
  });
}

it(
  verifies("sign-in-ways.scope", "with the server's https URL before the scope, and as resource"),
  async () => {
    const server = await publicServer({ settings: { ENTRA_IDENTIFIER_URI: publicUrl.href } });
    const person = createSigningInProvider(username);
    const client = await connectSigningIn("modern", publicUrl, person, server);
    const { searchParams } = person.asked();
    expect(searchParams.get("scope")).toContain(`${publicUrl.href}/user_impersonation`);
    expect(searchParams.get("resource")).toBe(publicUrl.href);
    const details = await client.callTool({ name: "get_user_details", arguments: {} });
    expect(textOf(details)).toContain("Uma First");
    await client.close();
  },
);

it(
  verifies(
    ["sign-in-ways.refused", "authority.version-1"],
    "tokens-not-v2: with the URL at the authority, without it at the server",
  ),
  async () => {
    const named = Promise.withResolvers<void>();
    const server = await publicServer({
      registration: { requestedAccessTokenVersion: 1 },
      onLog: (line) => {
        if (line.includes("version-1-token")) named.resolve();
      },
    });
    const person = createSigningInProvider(username);
    const connecting = connectSigningIn("modern", publicUrl, person, server);
    await expect(connecting).rejects.toThrow("refused");
    expect(person.callback().searchParams.get("error_description")).toContain("AADSTS9010010");
    expect(server.refusals.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ code: "AADSTS9010010", cause: "tokens-not-v2" }),
    ]);

    const { accessToken } = await signIn({
      issuer: server.services.issuer,
      username,
      scope: "api://mcp-local/user_impersonation",
      clientName: "Sign-in test",
    });
    const options = { accessToken, fetch: server.fetch };
    await expect(connectClient("modern", publicUrl, options)).rejects.toThrow(/401|nauthorized/);
    await named.promise;
  },
);
