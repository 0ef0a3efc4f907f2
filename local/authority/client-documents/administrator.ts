import { z } from "zod";
import { problemInWords } from "../../../src/core/client-documents/problem.ts";
import { readDocumentUrl } from "../../../src/core/client-documents/url.ts";
import type { Client } from "../clients/clients.ts";
import type { Context } from "../context.ts";
import { badRequest, noContent, readControl } from "../controls.ts";
import type { Refusal } from "../refusal.ts";
import { DocumentRefusal } from "./document-refusal.ts";

/**
 * Why a client with a document has to wait, if so: the switch is on, and the administrator has not
 * granted it. Entra shows "Need admin approval" on a page of its own first, and answers the client
 * when the person goes back; here the client is answered at once.
 *
 * Source: https://learn.microsoft.com/entra/identity/enterprise-apps/configure-user-consent
 *
 * @param code at sign-in AADSTS90094, for tokens AADSTS65001
 */
export function grantRefusal(
  context: Context,
  client: Client,
  code: "AADSTS90094" | "AADSTS65001",
): Refusal | undefined {
  if (client.kind !== "public" || client.documentUrl === undefined) return undefined;
  if (!context.controls.administratorGrants || context.agents.isGranted(client.documentUrl)) {
    return undefined;
  }
  // A URL may hold an apostrophe, which would end the text in a shell.
  const body = JSON.stringify({ grant: client.documentUrl }).replaceAll("'", "'\\''");
  const message =
    code === "AADSTS65001"
      ? `The user or administrator has not consented to use the application with ID '${client.clientId}' named '${client.name}'. Send an interactive authorization request for this user and resource.`
      : `${client.name} needs permission to access resources in your organization that only an admin can grant. Ask an admin to grant permission to this app before you can use it.`;
  return new DocumentRefusal(code, message, {
    cause: "administrator",
    document: client.documentUrl,
    reason: `It waits for the administrator. To grant it: curl -H "Content-Type: application/json" -d '${body}' ${new URL(context.issuer).origin}/_local/client-documents`,
  });
}

const requestSchema = z.strictObject({
  /** Whether clients with a document wait for an administrator from now on. */
  administratorGrants: z.boolean().optional(),
  /** The URL of a document whose client the administrator lets in, seen before or not. */
  grant: z.string().optional(),
  revoke: z.string().optional(),
});

/** `POST /_local/client-documents`: the switch, and what the administrator decides. */
export async function answerClientDocuments(context: Context, request: Request): Promise<Response> {
  const asked = await readControl(request, requestSchema);
  if (asked instanceof Response) return asked;
  for (const name of ["grant", "revoke"] as const) {
    const url = asked[name] === undefined ? undefined : readDocumentUrl(asked[name]);
    if (url && !url.ok) return badRequest(`${name}: ${problemInWords(url.reason)}`);
  }
  const { controls, agents } = context;
  controls.administratorGrants = asked.administratorGrants ?? controls.administratorGrants;
  if (asked.grant !== undefined) await agents.grant(asked.grant);
  if (asked.revoke !== undefined) await agents.revoke(asked.revoke);
  return noContent();
}
