import { randomBytes } from "node:crypto";
import { createRequestStateCodec, type ServerOptions } from "@modelcontextprotocol/server";

/** What a fixture tool remembers from one round to the next. */
export interface RoundState {
  readonly tool: string;
  readonly round: number;
  readonly name?: string;
}

const codec = createRequestStateCodec<RoundState>({ key: randomBytes(32) });

export const signState = (state: RoundState): Promise<string> => codec.mint(state);

export const requestState: ServerOptions["requestState"] = { verify: codec.verify };
