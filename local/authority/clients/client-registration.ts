import { z } from "zod";
import { printableName } from "../../../src/core/client-documents/document.ts";
import { parseJson } from "../../../src/core/encoding.ts";
import { redirectUriProblem } from "../../../src/core/redirect-uri.ts";
import type { Context } from "../context.ts";

const metadataSchema = z.object({
  redirect_uris: z.array(z.string()).min(1).max(20),
  client_name: z.string().max(200).optional(),
  grant_types: z.array(z.string()).optional(),
  response_types: z.array(z.string()).optional(),
});

const supportedGrantTypes = ["authorization_code", "refresh_token"];

/**
 * Registers a public client. Entra has no such endpoint; locally it lets any client connect. Other
 * metadata than what is answered is ignored, as RFC 7591, section 2 allows: nothing is ever shown
 * or fetched from a client's own addresses.
 *
 * Source: RFC 7591, section 3
 */
export async function answerRegistration(context: Context, request: Request): Promise<Response> {
  const parsed = metadataSchema.safeParse(parseJson(await request.text()));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join(".") || "The body";
    return refuse(
      issue?.path[0] === "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata",
      `${where}: ${issue?.message ?? "not valid"}`,
    );
  }
  const { redirect_uris, client_name = "", grant_types, response_types } = parsed.data;
  for (const uri of redirect_uris) {
    const problem = redirectUriProblem(uri);
    if (problem) return refuse("invalid_redirect_uri", `The redirect URI ${uri} ${problem}.`);
  }
  if (grant_types && !grant_types.includes("authorization_code")) {
    return refuse("invalid_client_metadata", "The grant type authorization_code is needed.");
  }
  if (response_types && !response_types.includes("code")) {
    return refuse("invalid_client_metadata", "The response type code is needed.");
  }

  const name = printableName(client_name) || "An application without a name";
  const client = await context.clients.register(name, redirect_uris);
  context.log("client.registered", { client: name });
  return Response.json(
    {
      client_id: client.clientId,
      client_id_issued_at: client.issuedAt,
      client_name: name,
      redirect_uris,
      grant_types: supportedGrantTypes,
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    { status: 201, headers: { "Cache-Control": "no-store" } },
  );
}

function refuse(error: string, description: string): Response {
  return Response.json(
    { error, error_description: description },
    { status: 400, headers: { "Cache-Control": "no-store" } },
  );
}
