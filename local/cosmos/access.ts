import type { IncomingMessage } from "node:http";

/** Why a request is refused, in the words of Azure Cosmos DB. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly substatus?: number;
  readonly code: "Unauthorized" | "Forbidden";
  readonly message: string;
}

const container = "/dbs/[^/]+/colls/[^/]+";

/**
 * What a data-plane role allows: reading metadata, and everything on items. Source:
 * https://learn.microsoft.com/azure/cosmos-db/nosql/reference-data-plane-security
 */
const metadata = new RegExp(`^(?:/|/dbs/[^/]+|${container}|${container}/pkranges)$`);
const items = new RegExp(`^${container}/docs(?:/[^/]+)?$`);

/** `type=aad&ver=1.0&sig=TOKEN`; clients URL-encode it as a whole, or not. */
const authorizationForm =
  /^type(?:=|%3d)(?<type>[a-z]+)(?:&|%26)ver(?:=|%3d)1\.0(?:&|%26)sig(?:=|%3d)(?<signature>.+)$/i;

/**
 * Refuses what an account with `disableLocalAuth` refuses a principal with the built-in data
 * contributor role: no credential, an account key, and every operation on databases and containers.
 * Tokens are not verified.
 */
export function refusalOf(request: IncomingMessage): Refusal | undefined {
  const { authorization } = request.headers;
  if (!authorization) {
    return unauthorized(
      "Required Header authorization is missing. Ensure a valid Authorization token is passed.",
    );
  }
  const { type, signature } = authorizationForm.exec(authorization)?.groups ?? {};
  if (type === "master") {
    return {
      ...unauthorized(
        "Local Authorization is disabled. Use an AAD token to authorize all requests.",
      ),
      substatus: 5202,
    };
  }
  if (type !== "aad" || !signature) {
    return unauthorized(
      "The input authorization token can't serve the request. Ensure a valid Authorization token is passed.",
    );
  }

  const path = pathOf(request);
  // Whatever a router might read another way, a backslash or a fragment, is nobody's to send.
  const isPlain = /^[\w/.~%?=&+:@!$'()*,;-]*$/.test(request.url ?? "");
  if (isPlain && ((request.method === "GET" && metadata.test(path)) || items.test(path)))
    return undefined;
  return {
    status: 403,
    substatus: 5300,
    code: "Forbidden",
    message: `The given request [${request.method} ${path}] cannot be authorized by AAD token in data plane. Learn more: https://aka.ms/cosmos-native-rbac.`,
  };
}

function unauthorized(message: string): Refusal {
  return { status: 401, code: "Unauthorized", message };
}

/** Clients send doubled and trailing slashes. */
function pathOf(request: IncomingMessage): string {
  const [path = ""] = (request.url ?? "").split("?");
  return path.replace(/^\/+/, "/").replace(/(?<=.)\/+$/, "");
}
