import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { generate } from "selfsigned";

export type Stranger = Awaited<ReturnType<typeof createStranger>>;

export interface StrangerOptions {
  /** What the authority signs with. */
  readonly algorithm: string;
  /** Whether the server under test could reach a web site on this machine; else there is none. */
  readonly hasWebSite: boolean;
}

type KeyKind = "rsa" | "P-256" | "P-384" | "P-521";

export const strangersKeyId = "authsuite-stranger";
/** Reserved by RFC 6761: it leads nowhere. */
const nowhere = "https://authsuite.invalid";
const curves: ReadonlyMap<string, KeyKind> = new Map([
  ["ES256", "P-256"],
  ["ES384", "P-384"],
  ["ES512", "P-521"],
]);
const keyPairs = new Map<KeyKind, ReturnType<typeof generate>>();

/** One key of a kind is as good as another: it takes a while to make, so a process makes one. */
function keyPairOf(kind: KeyKind): ReturnType<typeof generate> {
  const known = keyPairs.get(kind);
  if (known) return known;
  const made = generate([{ name: "commonName", value: "authsuite" }], {
    algorithm: "sha256",
    ...(kind === "rsa" ? { keySize: 2048 } : { keyType: "ec", curve: kind }),
  });
  keyPairs.set(kind, made);
  return made;
}

/**
 * Somebody who is not the authority: a key like the authority's (a server that expects another
 * algorithm would look no further), a certificate over it, and a web site that offers both to whoever
 * lets a token say where its key is to be found.
 */
export async function createStranger({ algorithm: wanted, hasWebSite }: StrangerOptions) {
  const kind = curves.get(wanted) ?? "rsa";
  const algorithm = kind === "rsa" && !/^[RP]S(?:256|384|512)$/.test(wanted) ? "RS256" : wanted;
  const pair = await keyPairOf(kind);
  const privateKey = createPrivateKey(pair.private);
  const publicJwk = createPublicKey(privateKey).export({ format: "jwk" });
  const keys = { keys: [{ ...publicJwk, kid: strangersKeyId, use: "sig", alg: algorithm }] };

  const visited: string[] = [];
  const server = createServer((request, response) => {
    visited.push(request.url ?? "");
    if (request.url === "/certificate") return response.end(pair.cert);
    const document = request.url === "/keys" ? keys : { issuer: site, jwks_uri: `${site}/keys` };
    response.setHeader("content-type", "application/json").end(JSON.stringify(document));
  });
  if (hasWebSite) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  const address = server.address();
  const site =
    typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : nowhere;

  return {
    privateKey,
    /** What the key signs with. */
    algorithm,
    /** Without a key id. */
    publicJwk,
    /** As the header parameter `x5c` has it (RFC 7515 section 4.1.6): base64 of the DER. */
    certificate: new X509Certificate(pair.cert).raw.toString("base64"),
    /** A key set (RFC 7517) with the key under {@link strangersKeyId}. */
    keysUrl: `${site}/keys`,
    /** The certificate in PEM. */
    certificateUrl: `${site}/certificate`,
    /** An authority of its own, with a discovery document that leads to the key set. */
    issuer: site,
    /** The paths that somebody has asked the web site for. */
    visited,
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}
