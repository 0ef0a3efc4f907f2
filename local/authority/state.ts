import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { JWK } from "jose";
import { z } from "zod";
import { writeFileAtomically } from "../atomic-file.ts";
import { codeOf } from "../error-code.ts";
import { parseJson } from "./json.ts";
import { generateSigningKey } from "./keys.ts";

/** What the authority keeps across restarts. */
export interface State {
  readonly signingKey: JWK;
  /** 256 bits, base64url: what refresh tokens are encrypted with. */
  readonly sealingKey: string;
  readonly clients: readonly RegisteredClient[];
}

/** A client that registered itself (RFC 7591). */
export interface RegisteredClient {
  readonly clientId: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
  /** Seconds since the epoch. */
  readonly issuedAt: number;
}

export interface StateStore {
  readonly state: State;
  saveClients(clients: readonly RegisteredClient[]): Promise<void>;
}

const stateSchema = z.object({
  signingKey: z.looseObject({ kty: z.literal("RSA"), kid: z.string(), d: z.string() }),
  sealingKey: z.base64url().length(43),
  clients: z.array(
    z.object({
      clientId: z.string(),
      name: z.string(),
      redirectUris: z.array(z.string()),
      issuedAt: z.int(),
    }),
  ),
});

const fileName = "authority.json";

/**
 * Reads what an earlier run left in `dataDirectory`, or makes what a first run needs.
 *
 * @param dataDirectory without it everything stays in memory
 * @throws when the file there is not one of ours
 */
export async function openState(dataDirectory: string | undefined): Promise<StateStore> {
  if (dataDirectory === undefined) {
    let state = await freshState();
    return {
      get state() {
        return state;
      },
      async saveClients(clients) {
        state = { ...state, clients };
      },
    };
  }

  await mkdir(dataDirectory, { recursive: true });
  const path = join(dataDirectory, fileName);
  const stored = await readState(path);
  let state = stored ?? (await freshState());
  if (!stored) await writeState(path, state);

  let writing = Promise.resolve();
  return {
    get state() {
      return state;
    },
    saveClients(clients) {
      state = { ...state, clients };
      const saved = state;
      // One write after the other, or an older state could replace a newer one.
      const written = writing.then(() => writeState(path, saved));
      writing = written.catch(() => undefined);
      return written;
    },
  };
}

async function freshState(): Promise<State> {
  return {
    signingKey: await generateSigningKey(),
    sealingKey: randomBytes(32).toString("base64url"),
    clients: [],
  };
}

async function readState(path: string): Promise<State | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined;
    throw cause;
  }
  const parsed = stateSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new Error(`${path} does not hold the authority's state. Delete it to start afresh.`);
  }
  return parsed.data;
}

function writeState(path: string, state: State): Promise<void> {
  return writeFileAtomically(path, JSON.stringify(state, null, 2), { mode: 0o600 });
}
