import { createServer } from "node:net";
import { listenOnLoopback } from "./loopback.ts";

/** A port that nobody else can take until it is released. */
export interface ReservedPort {
  readonly port: number;
  release(): Promise<void>;
}

/**
 * Reserves a port for a part whose port must be known before it starts.
 *
 * @param part what will listen there, as messages name it
 * @param port the one that must be free, or 0 for any
 * @throws {Error} naming the part and the port, when the port cannot be had
 */
export async function reservePort(part: string, port: number): Promise<ReservedPort> {
  const listening = await listenOnLoopback(createServer(), { part, port });
  return { port: listening.port, release: () => listening.close() };
}

/** `ports` with 0, for any free one, where a port is in use. */
export async function freePorts<Name extends string>(
  ports: Readonly<Record<Name, number>>,
): Promise<Record<Name, number>> {
  const entries = Object.entries<number>(ports).map(async ([name, port]) => {
    const reserved = port === 0 ? undefined : await reservePort(name, port).catch(() => undefined);
    await reserved?.release();
    return [name, reserved?.port ?? 0];
  });
  return Object.fromEntries(await Promise.all(entries));
}
