import { z } from "zod";
import { isObject } from "../encoding.ts";
import { failure, type Result, success } from "../result.ts";
import type { DocumentProblem } from "./problem.ts";

/** What a client says of itself, as far as it is used. */
export interface ClientDocument {
  /** Where it is, which is the `client_id` of the client. */
  readonly url: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
}

/** What is wrong with a redirect URI, as the end of a sentence; nothing if it is fine. */
export type RedirectUriJudge = (uri: string) => string | undefined;

/** Invisible characters, those that turn the direction of what follows, and those of no meaning. */
const unprintable =
  /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A stranger's name for something as one line of visible text. */
export function printableName(text: string): string {
  return text.replace(/\s/g, " ").replace(unprintable, "").replace(/ +/g, " ").trim();
}

/** What documents and registrations of clients hold alike (RFC 7591 section 2). */
export const clientMetadata = {
  redirect_uris: z.array(z.string()).min(1).max(20),
  grant_types: z
    .array(z.string())
    .refine((types) => types.includes("authorization_code"))
    .optional(),
  response_types: z
    .array(z.string())
    .refine((types) => types.includes("code"))
    .optional(),
};

/** The end of a sentence that begins with the member's name. */
export const clientMetadataRules = {
  redirect_uris: "must be a list of 1 to 20 texts",
  grant_types: "must contain authorization_code, or be left out",
  response_types: "must contain code, or be left out",
};

const members = z.object({
  client_id: z.string(),
  client_name: z
    .string()
    .max(200)
    .transform(printableName)
    .refine((name) => name !== ""),
  ...clientMetadata,
  token_endpoint_auth_method: z.string().optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
});

const rules = {
  ...clientMetadataRules,
  client_id: "must be a text",
  client_name: "must be a visible text of at most 200 characters",
  token_endpoint_auth_method:
    "must be none, or token_endpoint_auth_methods_supported must contain it: no credential is asked for here",
  token_endpoint_auth_methods_supported: "must be a list of texts",
} satisfies Record<keyof z.output<typeof members>, string>;

/**
 * Judges the document that was found at `url`. Members that are not used are ignored, as RFC 7591,
 * section 2 allows: nothing is fetched from an address within.
 *
 * Source: https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/, "Client
 * Metadata Document"; https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization,
 * which asks for the name and the redirect URIs too
 */
export function judgeDocument(
  value: unknown,
  url: string,
  redirectUriProblem: RedirectUriJudge,
): Result<ClientDocument, DocumentProblem> {
  if (!isObject(value)) return failure({ kind: "not-json" });
  const secret = Object.keys(value).find((member) => member.startsWith("client_secret"));
  if (secret !== undefined) {
    const isUsual = secret === "client_secret" || secret === "client_secret_expires_at";
    return failure({ kind: "secret", member: isUsual ? secret : "client_secret…" });
  }
  const parsed = members.safeParse(value);
  if (!parsed.success) {
    const member = parsed.error.issues[0]?.path[0] as keyof typeof rules;
    return failure({ kind: "member", member, rule: rules[member] });
  }
  const { client_id, client_name: name, redirect_uris: redirectUris } = parsed.data;
  if (!canDoWithoutCredential(parsed.data)) {
    const member = "token_endpoint_auth_method";
    return failure({ kind: "member", member, rule: rules[member] });
  }
  if (client_id !== url) return failure({ kind: "other-client-id" });
  for (const [index, uri] of redirectUris.entries()) {
    const rule = redirectUriProblem(uri);
    if (rule) return failure({ kind: "member", member: `redirect_uris[${index}]`, rule });
  }
  return success({ url, name, redirectUris });
}

/**
 * Whether the client can be a public one. Some name the method that they prefer, and in a list beside it
 * those that they can do with, as ChatGPT does.
 */
function canDoWithoutCredential({
  token_endpoint_auth_method: preferred = "none",
  token_endpoint_auth_methods_supported: supported = [],
}: z.output<typeof members>): boolean {
  return [preferred, ...supported].includes("none");
}
