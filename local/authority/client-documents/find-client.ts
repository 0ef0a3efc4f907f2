import { isTransient, problemInWords } from "../../../src/core/client-documents/problem.ts";
import { excerpt } from "../../../src/core/log.ts";
import type { Client } from "../clients/clients.ts";
import type { Context } from "../context.ts";
import { type Refusal, unknownClient } from "../refusal.ts";
import { DocumentRefusal } from "./document-refusal.ts";

/** When the document of a client that nobody has signed in with yet is fetched. */
export interface FindOptions {
  /** Only where a person opened a page: anything else, a foreign web page can do unseen. */
  readonly fetchesUnknown: boolean;
}

/** The client of that id, which may be the URL of a document that describes it. */
export async function findClient(
  context: Context,
  clientId: string,
  { fetchesUnknown }: FindOptions,
): Promise<Client | Refusal> {
  if (!clientId.startsWith("https:")) {
    return context.clients.find(clientId) ?? unknownClient(context.tenant.id, clientId);
  }
  const isKnown = context.agents.isKnown(clientId);
  if (!isKnown && !fetchesUnknown) return unknownClient(context.tenant.id, clientId);
  const document = await context.clientDocuments.load(clientId, isKnown);
  if (document.ok) return context.agents.clientOf(document.value);

  const { reason } = document;
  const explanation = {
    cause: reason.kind,
    document: excerpt(clientId),
    reason: problemInWords(reason),
  };
  if (isTransient(reason)) return new DocumentRefusal("AADSTS90033", undefined, explanation);
  const advice = " Its document is refused: the authority's log says why.";
  const { code, message } = unknownClient(context.tenant.id, clientId, advice);
  return new DocumentRefusal(code, message, explanation);
}

/** Somebody signs in with it. */
export async function confirmClient(context: Context, client: Client): Promise<void> {
  if (client.kind !== "public" || client.documentUrl === undefined) {
    return context.clients.confirm(client.clientId);
  }
  const { documentUrl, clientId } = client;
  if (!context.agents.isKnown(documentUrl)) {
    context.log("agent-identity.created", { document: documentUrl, applicationId: clientId });
  }
  await context.agents.confirm(documentUrl);
}
