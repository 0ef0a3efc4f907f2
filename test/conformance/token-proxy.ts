import { createServer, request as send } from "node:http";
import { pipeline } from "node:stream";
import { listen } from "../support/listen.ts";

export interface TokenProxy {
  /** Without a slash at the end. */
  readonly url: string;
  /** Passes requests on to this port of 127.0.0.1 from now on. */
  forwardTo(port: number): void;
  close(): Promise<void>;
}

/**
 * The suite sends no credentials: this adds them, and changes nothing else. Host and Origin reach
 * the server as the suite wrote them, so that its checks of them mean something; hence the server's
 * public URL has to be that of the proxy.
 */
export async function startTokenProxy(accessToken: string): Promise<TokenProxy> {
  let target = 0;
  const server = createServer((incoming, outgoing) => {
    const { method, url, rawHeaders } = incoming;
    const headers = [...rawHeaders, "Authorization", `Bearer ${accessToken}`];
    const passedOn = send({ host: "127.0.0.1", port: target, method, path: url, headers });
    passedOn.once("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      outgoing.flushHeaders();
      pipeline(answer, outgoing, () => undefined);
    });
    passedOn.on("error", () => outgoing.destroy());
    // A client that leaves takes its request with it, as it would without a proxy.
    outgoing.once("close", () => passedOn.destroy());
    incoming.pipe(passedOn);
  });
  const { port, close } = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    forwardTo(port) {
      target = port;
    },
    close,
  };
}
