import type { Answer, DocumentHost } from "../../support/document-host.ts";
import { PublicClient, redirectUri } from "../public-client.ts";
import type { Cases } from "./authorization-cases.ts";

/** At the authorization endpoint, of clients whose id is the URL of a document. */
export function documentCases(host: () => DocumentHost): Cases {
  let published = 0;
  const publish = (served: Readonly<Record<string, unknown>> | Answer, query = "") => {
    published += 1;
    const what =
      typeof served === "function" ? served : { redirect_uris: [redirectUri], ...served };
    return host().publish(`/client-${published}.json${query}`, what);
  };

  const serving =
    (served: Readonly<Record<string, unknown>> | Answer): Cases[string] =>
    (server) =>
      PublicClient.known(server, publish(served)).authorize();
  const answering = (status: number, body: string, headers = { "content-type": "text/html" }) =>
    serving((_request, response) => void response.writeHead(status, headers).end(body));
  /** What somebody makes of the URL of a good document. */
  const called =
    (change: (url: string) => string): Cases[string] =>
    (server) =>
      PublicClient.known(server, change(publish({}))).authorize();

  return {
    "a document as it should be": serving({}),
    "a document, the whole way": async (server) =>
      PublicClient.known(server, publish({})).comeBack(),
    "a document with another client's id": serving({ client_id: "https://a.example/client" }),
    "a document without an id": serving({ client_id: undefined }),
    "a document with a secret": serving({ client_secret: "secret" }),
    "a document with when its secret expires": serving({ client_secret_expires_at: 0 }),
    "a document of client_secret_basic": serving({
      token_endpoint_auth_method: "client_secret_basic",
    }),
    "a document of private_key_jwt": serving({
      token_endpoint_auth_method: "private_key_jwt",
      jwks_uri: "https://client.example/keys",
    }),
    "a document without redirect URIs": serving({ redirect_uris: undefined }),
    "a document without this redirect URI": serving({ redirect_uris: ["https://b.example/cb"] }),
    "a document with javascript:": serving({ redirect_uris: [redirectUri, "javascript:alert(1)"] }),
    "a document without a name": serving({ client_name: undefined }),
    "a document whose name is no text": serving({ client_name: ["An agent"] }),
    "a document with a logo over http": serving({ logo_uri: "http://client.example/logo.png" }),
    "a document without the code grant": serving({ grant_types: ["implicit"] }),
    "a document with a further grant type": serving({
      grant_types: ["authorization_code", "refresh_token", "urn:example:another"],
    }),
    "a document that is a list": answering(200, "[]", { "content-type": "application/json" }),
    "a document that is no JSON": answering(200, "{", { "content-type": "application/json" }),
    "a document that is a page": answering(200, "<h1>Client</h1>"),
    "a document of 100 KiB": serving({ more: "a".repeat(100 * 1024) }),
    "a document that is not there": answering(404, "{}"),
    "a document whose host fails": answering(500, "{}"),
    "a document elsewhere": (server) => {
      const elsewhere = publish({});
      const redirecting: Answer = (_request, response) =>
        void response.writeHead(302, { location: elsewhere }).end();
      return PublicClient.known(server, publish(redirecting)).authorize();
    },
    "a document's URL over http": called((url) => url.replace("https:", "http:")),
    "a document's URL with a fragment": called((url) => `${url}#part`),
    "a document's URL with a query": (server) =>
      PublicClient.known(server, publish({}, "?part=1")).authorize(),
    "a document's URL with a user": called((url) => url.replace("//", "//user@")),
    "a document's URL with dot segments": called((url) => url.replace("/client-", "/a/../client-")),
    "a document's URL in capitals": called((url) => url.replace("client.ex", "CLIENT.EX")),
    "a document's URL without a path": called((url) => new URL("/", url).href),
    "a document on a host that is not there": called(() => "https://nobody.example/client.json"),
  };
}
