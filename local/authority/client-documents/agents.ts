import { createHmac } from "node:crypto";
import type { ClientDocument } from "../../../src/core/client-documents/document.ts";
import type { Client } from "../clients/clients.ts";
import type { StateStore } from "../state.ts";

/** Of each list: more than a machine keeps in use. Those used or granted last stay. */
const most = 200;

/**
 * The agent identities that stand for clients with a document, as in Entra's preview: which of them
 * somebody has signed in with, and which ones the administrator has granted.
 *
 * Source: https://learn.microsoft.com/entra/agent-id/client-id-metadata-documents
 */
export class AgentIdentities {
  readonly #store: StateStore;

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** The client that a document describes. */
  clientOf({ url, name, redirectUris }: ClientDocument): Client {
    return {
      kind: "public",
      clientId: this.#applicationIdOf(url),
      documentUrl: url,
      name,
      redirectUris,
    };
  }

  /** Whether somebody has signed in with the client of that document. */
  isKnown(documentUrl: string): boolean {
    return this.#store.state.knownDocuments.includes(documentUrl);
  }

  /** Somebody signs in with it. */
  async confirm(documentUrl: string): Promise<void> {
    const { knownDocuments } = this.#store.state;
    if (knownDocuments.at(-1) === documentUrl) return;
    await this.#store.save({ knownDocuments: withLast(knownDocuments, documentUrl) });
  }

  isGranted(documentUrl: string): boolean {
    return this.#store.state.grantedDocuments.includes(documentUrl);
  }

  async grant(documentUrl: string): Promise<void> {
    const { grantedDocuments } = this.#store.state;
    await this.#store.save({ grantedDocuments: withLast(grantedDocuments, documentUrl) });
  }

  async revoke(documentUrl: string): Promise<void> {
    const { grantedDocuments } = this.#store.state;
    const others = grantedDocuments.filter((granted) => granted !== documentUrl);
    await this.#store.save({ grantedDocuments: others });
  }

  /**
   * The application id: the same for the same document as long as the authority's data lives, and
   * another one for every other authority. Version 8 of RFC 9562, section 5.8.
   */
  #applicationIdOf(documentUrl: string): string {
    const key = Buffer.from(this.#store.state.sealingKey, "base64url");
    const digest = createHmac("sha256", key).update(`agent identity ${documentUrl}`).digest("hex");
    const variant = "89ab"[Number.parseInt(digest.charAt(16), 16) % 4];
    const parts = [
      digest.slice(0, 8),
      digest.slice(8, 12),
      `8${digest.slice(13, 16)}`,
      `${variant}${digest.slice(17, 20)}`,
      digest.slice(20, 32),
    ];
    return parts.join("-");
  }
}

function withLast(list: readonly string[], last: string): readonly string[] {
  return [...list.filter((other) => other !== last), last].slice(-most);
}
