import { createServer } from "node:net";
import { listenOnLoopback } from "./loopback.ts";

/**
 * A port that is free now. For a part whose port must be known before it starts.
 *
 * @param part what will listen there, as messages name it
 * @param port the one that must be free, or 0 for any
 * @throws {Error} naming the part and the port, when the port cannot be had
 */
export async function freePort(part: string, port: number): Promise<number> {
  const listening = await listenOnLoopback(createServer(), { part, port });
  await listening.close();
  return listening.port;
}

/** `ports` with 0, for any free one, where a port is in use. */
export async function freePorts<Name extends string>(
  ports: Readonly<Record<Name, number>>,
): Promise<Record<Name, number>> {
  const entries = Object.entries<number>(ports).map(async ([name, port]) => {
    const free = port !== 0 && (await freePort(name, port).catch(() => 0));
    return [name, free || 0];
  });
  return Object.fromEntries(await Promise.all(entries));
}
