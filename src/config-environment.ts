import { z } from "zod";
import { publicAuthorityHost } from "./clouds.ts";
import { guid, list, listOf, trueOrFalse, wholeNumber } from "./core/setting-types.ts";
import { readHost, readOrigin } from "./gates/own-hosts.ts";
import { gatewaySettingsShape } from "./gateway/settings.ts";

/** Environment variables with values: what is empty counts as absent. */
export type Given = Readonly<Record<string, string | undefined>>;

const loopbackHosts = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function isLoopback(host: string): boolean {
  return loopbackHosts.has(URL.parse(`https://${readHost(host, "https:")}`)?.hostname ?? "");
}

/**
 * An absolute https URL, or http on the loopback interface where `allowLoopback` says so. What follows
 * from it is made of its text, so nothing is accepted that a URL parser repairs or drops.
 */
function endpoint({ allowLoopback }: { allowLoopback: boolean }) {
  return z
    .string()
    .refine(
      (text) => {
        const isWhole = /^https?:\/\/[^/?#@\\\s\p{Cc}][^?#@\\\s\p{Cc}]*$/u.test(text);
        const url = isWhole ? URL.parse(text) : null;
        if (url?.protocol === "https:") return true;
        return allowLoopback && url?.protocol === "http:" && loopbackHosts.has(url.hostname);
      },
      `must be an https URL, https://HOST, without query, fragment, @, backslash or white space${allowLoopback ? " (http is accepted on localhost)" : ""}`,
    )
    .transform(withoutFinalSlashes);
}

export function withoutFinalSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === "/") end -= 1;
  return url.slice(0, end);
}

/** What the server itself is told from outside, each value for itself. */
export const environmentSchema = z.object({
  // Clients ask for it to the letter, and the server has no other path.
  MCP_PUBLIC_URL: z
    .string()
    .regex(
      /^[^:]+:\/\/[^/\\]+\/mcp$/,
      "must have the path /mcp and end there, such as https://mcp.contoso.com/mcp",
    )
    .pipe(endpoint({ allowLoopback: true }))
    .optional(),
  WEBSITE_HOSTNAME: z
    .string()
    .refine((text) => readHost(text, "https:") !== undefined, "must be a host name")
    .optional(),
  ALLOWED_HOSTS: listOf(
    // The scheme, which a default port depends on, follows later.
    (entry) => readHost(entry, "https:") && entry,
    "must be a comma-separated list of host names, such as api.contoso.com,localhost:8080",
  ).default([]),
  ALLOWED_ORIGINS: listOf(
    readOrigin,
    "must be a comma-separated list of origins without a path, such as https://app.contoso.com",
  ).default([]),
  ENTRA_TENANT_ID: guid,
  ENTRA_CLIENT_ID: guid,
  ENTRA_IDENTIFIER_URI: z
    .string()
    .regex(
      /^(?:api|https):\/\/[\w.~!$&'()*+,;=:@%/-]*[\w.~!$&'()*+,;=:@%-]$/,
      "must be the registration's identifier URI without a trailing slash, such as api://mcp",
    ),
  ENTRA_AUTHORITY_HOST: endpoint({ allowLoopback: false })
    .refine((text) => URL.parse(text)?.pathname === "/", {
      message: "must be an https URL without a path, such as https://login.microsoftonline.com",
      abort: true,
    })
    // Issuers in tokens have the host in this form.
    .transform((text) => new URL(text).origin)
    .default(publicAuthorityHost),
  ENTRA_ISSUER: endpoint({ allowLoopback: true }).optional(),
  ENTRA_ADMIN_GROUP_ID: guid.optional(),
  ENTRA_CLIENT_SECRET: z.string().optional(),
  AZURE_FUNCTIONS_ENVIRONMENT: z.string().optional(),
  AZURE_CLIENT_ID: guid.optional(),
  GRAPH_ENDPOINT: endpoint({ allowLoopback: true }).optional(),
  COSMOS_ENDPOINT: endpoint({ allowLoopback: false }),
  COSMOS_DATABASE: z.string().optional(),
  STORAGE_BLOB_ENDPOINT: endpoint({ allowLoopback: false }),
  CUSTOM_CLOUD: trueOrFalse.default(false),
  APPROVALS: z.enum(["any", "strict"], "must be any or strict").default("any"),
  ALLOWED_CLIENT_IDS: list.default([]),
  ALLOW_AGENT_USERS: trueOrFalse.default(false),
  RATE_LIMIT_PER_CALLER: wholeNumber(1_000_000).default(600),
  RATE_LIMIT_PER_ADDRESS: wholeNumber(1_000_000).default(1200),
  HTTP_CONCURRENCY: wholeNumber(1000, 1).default(16),
  TRUSTED_PROXY_HOPS: wholeNumber(10).default(1),
  ...gatewaySettingsShape,
});

export type Environment = z.output<typeof environmentSchema>;

/** Every environment variable that the server itself looks at; a domain has further ones. */
export const settingNames: readonly string[] = Object.keys(environmentSchema.shape);
