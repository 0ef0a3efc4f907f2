import type { Requirements } from "./requirement.ts";

export const clientDocumentsRequirements = {
  "https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/": {
    "client-documents.url":
      "A client id that is to be a document's URL is an https URL in normal form with a path, and without user name, query, fragment or dot segments; ids are compared as strings.",
    "client-documents.fetched":
      "A document is fetched over https from a host whose certificate is trusted, without redirects, whole, within 5 seconds and 5 KiB, as JSON.",
    "client-documents.judged":
      "A document has the URL as its client_id, a name, redirect URIs that the authority accepts, and no secret; it is that of a client that needs no credential, whichever it prefers.",
    "client-documents.cached":
      "A document is held under the exact text of its URL, as long as its host says, between a minute and an hour, a refusal for ten seconds; concurrent requests share one fetch.",
    "client-documents.changed":
      "A document that is gone or changed counts as it is now, for sign-ins and for refreshing, once the time for which it was held is over.",
    "client-documents.advertised":
      "Discovery says that clients may be known by a document only where the authority is started so.",
  },
  "https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/; RFC 6890": {
    "client-documents.address":
      "A document is fetched from public addresses alone: what is this machine, a private network, link-local, a cloud's metadata or no server is refused before a connection is made, in every IPv6 disguise, as the host itself or as what its name leads to.",
    "client-documents.names":
      "The names of documents' hosts are resolved by the system's name servers, apart from every other name, and no longer than the time allowed: names that are never answered keep the process from nobody else.",
    "client-documents.rebinding":
      "The name of a document's host is resolved once, all its addresses are judged, and the connection goes to those.",
  },
  "docs/local-authority.md, Clients known by a document": {
    "client-documents.strict":
      "No setting, argument or control changes which addresses are asked; only a composition in code, which tests alone have, can.",
    "client-documents.bounded":
      "A flood of made-up client ids makes the authority fetch at most 20 documents a minute, and keeps out no client that somebody has signed in with.",
    "client-documents.only-pages":
      "The document of a client that nobody has signed in with is fetched only for a page that a person sees: neither for what a foreign page embeds nor at the token endpoint.",
    "client-documents.page":
      "The sign-in page shows the client's name as visible text, the host of its document and where it returns to.",
    "client-documents.told":
      "The authority's log says why a document is refused, in words of its own, and which application id a client has.",
    "client-documents.switch":
      "npm start and npm run emulators have an option that makes discovery say that clients may be known by a document.",
  },
  "https://learn.microsoft.com/entra/agent-id/client-id-metadata-documents; https://github.com/MicrosoftDocs/entra-docs/blob/main/docs/agent-id/agent-token-claims.md":
    {
      "client-documents.agent":
        "The tokens of a client with a document are those of an agent identity that acts for a person: azp its application id, xms_act_fct with 11, idtyp user, oid the person's.",
      "client-documents.application-id":
        "The application id of such a client is the same after a restart, differs from document to document, and is no client id by itself.",
      "client-documents.administrator":
        "With the switch on, such a client is refused at sign-in (AADSTS90094) and for tokens (AADSTS65001) until the administrator grants its URL; the log says how.",
    },
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization": {
    "client-documents.circle":
      "The official client, whose client_id is a URL, gets from the 401 to a tool call on behalf of its person, and refreshes its token, in both eras; the server sees an agent that acts for a person, and can be limited to it.",
  },
} satisfies Requirements;
