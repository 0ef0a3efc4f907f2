import { z } from "zod";
import { parseJson } from "../../core/encoding.ts";
import type { RandomBytes } from "../../keys/signing-key.ts";
import type { UpstreamTokens } from "../upstream/upstream-answer.ts";
import { type GrantIdentity, open, seal } from "./sealing.ts";

const upstreamTokens: z.ZodType<UpstreamTokens> = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
});

/** Entra's tokens of a grant, for whoever has its data key. */
export function sealUpstream(
  { accessToken, refreshToken }: UpstreamTokens,
  dataKey: Uint8Array,
  grant: GrantIdentity,
  randomBytes: RandomBytes,
): string {
  const content = Buffer.from(JSON.stringify({ accessToken, refreshToken }));
  return seal(content, dataKey, "upstream tokens", grant, randomBytes);
}

/** Undefined for what is not sealed under this key for this grant. */
export function openUpstream(
  sealed: string,
  dataKey: Uint8Array,
  grant: GrantIdentity,
): UpstreamTokens | undefined {
  const content = open(sealed, dataKey, "upstream tokens", grant);
  if (!content) return undefined;
  return upstreamTokens.safeParse(parseJson(Buffer.from(content).toString())).data;
}
