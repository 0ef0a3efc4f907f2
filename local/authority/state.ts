import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { JWK } from "jose";
import { z } from "zod";
import { parseJson } from "../../src/core/encoding.ts";
import { codeOf } from "../../src/core/error-code.ts";
import { writeFileAtomically } from "../files.ts";
import { generateSigningKey } from "./tokens/keys.ts";

/** A client that registered itself (RFC 7591). */
const clientSchema = z.object({
  clientId: z.string(),
  name: z.string(),
  redirectUris: z.array(z.string()).readonly(),
  /** Seconds since the epoch. */
  issuedAt: z.int(),
  hasSignedIn: z.boolean().default(false),
});

export type RegisteredClient = Readonly<z.output<typeof clientSchema>>;

const stateSchema = z.object({
  signingKey: z.looseObject({ kty: z.literal("RSA"), kid: z.string(), d: z.string() }),
  /** 256 bits, base64url: what refresh tokens are encrypted with. */
  sealingKey: z.base64url().length(43),
  clients: z.array(clientSchema).readonly(),
  /** By object id: how often the person's sign-ins were revoked. */
  sessions: z.record(z.string(), z.int()).readonly().default({}),
  /** URLs of the documents of clients that somebody has signed in with, the last at the end. */
  knownDocuments: z.array(z.string()).readonly().default([]),
  /** URLs of the documents of clients that the administrator has granted. */
  grantedDocuments: z.array(z.string()).readonly().default([]),
});

/** What the authority keeps across restarts. */
export interface State extends Readonly<Omit<z.output<typeof stateSchema>, "signingKey">> {
  readonly signingKey: JWK;
}

const fileName = "authority.json";

/**
 * Reads what an earlier run left in `dataDirectory`, or makes what a first run needs.
 *
 * @param dataDirectory without it everything stays in memory
 * @throws when the file there is not one of ours
 */
export async function openState(dataDirectory: string | undefined) {
  const path = dataDirectory === undefined ? undefined : join(dataDirectory, fileName);
  if (dataDirectory !== undefined) await mkdir(dataDirectory, { recursive: true });
  const stored = await readState(path);
  let state = stored ?? (await freshState());
  if (!stored) await writeState(path, state);

  let writing = Promise.resolve();
  return {
    get state(): State {
      return state;
    },
    save(changes: Partial<Omit<State, "signingKey" | "sealingKey">>): Promise<void> {
      state = { ...state, ...changes };
      const saved = state;
      // One write after the other, or an older state could replace a newer one.
      const written = writing.then(() => writeState(path, saved));
      writing = written.catch(() => undefined);
      return written;
    },
  };
}

export type StateStore = Awaited<ReturnType<typeof openState>>;

async function freshState(): Promise<State> {
  return {
    signingKey: await generateSigningKey(),
    sealingKey: randomBytes(32).toString("base64url"),
    clients: [],
    sessions: {},
    knownDocuments: [],
    grantedDocuments: [],
  };
}

async function readState(path: string | undefined): Promise<State | undefined> {
  if (path === undefined) return undefined;
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

async function writeState(path: string | undefined, state: State): Promise<void> {
  if (path === undefined) return;
  await writeFileAtomically(path, JSON.stringify(state, null, 2), { mode: 0o600 });
}
