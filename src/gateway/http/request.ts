import { failure } from "../../core/result.ts";
import type { Arrival } from "../../gates/gate.ts";
import { formType, isOfType, textOf } from "./body.ts";
import { readCookies } from "./cookies.ts";
import type { GatewayRequest } from "./handler.ts";
import { readParameters } from "./parameters.ts";

/** What a request asks of a handler, once it has passed the gates. */
export function readGatewayRequest(
  { request, body, invocation }: Pick<Arrival, "request" | "body" | "invocation">,
  signal: AbortSignal,
): GatewayRequest {
  return {
    method: request.method === "POST" ? "POST" : "GET",
    query: readParameters(queryOf(request)),
    ...bodyOf(request, body),
    cookies: readCookies(request.headers.get("cookie")),
    hasAuthorization: request.headers.has("authorization"),
    invocation,
    signal,
  };
}

/** As it came: `URL` keeps what is malformed in a query. */
function queryOf({ url }: Request): string {
  const start = url.indexOf("?");
  return start < 0 ? "" : url.slice(start + 1);
}

function bodyOf(
  request: Request,
  { bytes, json }: Arrival["body"],
): Pick<GatewayRequest, "form" | "json"> {
  if (bytes.length === 0) return {};
  if (!isOfType(request, formType)) return { json };
  try {
    return { form: readParameters(textOf(bytes)) };
  } catch {
    return { form: failure({ kind: "malformed" }) };
  }
}
