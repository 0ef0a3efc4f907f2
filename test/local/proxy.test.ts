import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { neverProxyLoopback } from "../../local/command-line.ts";
import { listenOnLoopback } from "../../local/loopback.ts";
import { verifies } from "../requirements.ts";

const loopback = "localhost,127.0.0.1,::1,[::1]";

it.each([
  [{}, loopback],
  [{ NO_PROXY: "a.example b.example" }, `a.example,b.example,${loopback}`],
  [
    { no_proxy: "a.example", NO_PROXY: "b.example,::1" },
    "a.example,b.example,::1,localhost,127.0.0.1,[::1]",
  ],
])(verifies("proxy.loopback", "%j becomes %s, in both spellings"), (given, list) => {
  const env = { ...given };
  neverProxyLoopback(env);
  expect(env).toEqual({ no_proxy: list, NO_PROXY: list });
});

/** Asks for keys and for a profile as the server does. */
const askOutward = `
  import { createKeySet } from "./src/gates/key-set.ts";
  import { createOutboundHttp } from "./src/downstream/http.ts";
  import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
  const clocks = { now: Date.now, monotonicNow: () => performance.now() };
  const keysUrl = "https://login.microsoftonline.com/keys";
  await createKeySet({ url: keysUrl, fetch, now: clocks.monotonicNow, log() {} }).reach().catch(() => {});
  const http = createOutboundHttp({ ...clocks, httpClient: createDefaultHttpClient() });
  await http.send({ method: "GET", url: "https://graph.microsoft.com/v1.0/me", signal: AbortSignal.timeout(3_000) });
`;

it(verifies("proxy.outward", "asks Entra and Graph through the proxy"), async () => {
  const asked: (string | undefined)[] = [];
  const proxy = createServer().on("connect", ({ url }, socket) => {
    asked.push(url);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  const { port, close } = await listenOnLoopback(proxy, { part: "Proxy", port: 0 });
  try {
    await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", askOutward], {
      env: {
        ...process.env,
        NODE_USE_ENV_PROXY: "1",
        HTTPS_PROXY: `http://127.0.0.1:${port}`,
      },
    });
    expect(new Set(asked)).toEqual(
      new Set(["login.microsoftonline.com:443", "graph.microsoft.com:443"]),
    );
  } finally {
    await close();
  }
});
