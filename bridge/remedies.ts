const remedies: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Nothing listens there: does the server run, and is the port right?",
  ENOTFOUND: "There is no host of that name, or no network.",
  EAI_AGAIN: "Names cannot be looked up: is there a network?",
  ENETUNREACH: "There is no network.",
  EHOSTUNREACH: "There is no way to that host: is a VPN needed?",
  ETIMEDOUT: "It took too long: is there a network, and is a proxy or VPN needed?",
  ERR_TLS_CERT_ALTNAME_INVALID: "Its certificate is for another host name.",
  CERT_HAS_EXPIRED: "Its certificate has expired; or this machine's clock is wrong.",
  CERT_NOT_YET_VALID: "Its certificate is not valid yet; or this machine's clock is wrong.",
  EPROTO: "It does not speak TLS there: is it http?",
};
const untrusted =
  "Who signed its certificate is not known here: name a file with theirs in NODE_EXTRA_CA_CERTS, or set NODE_USE_SYSTEM_CA=1.";
const untrustedCodes: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
]);

/** What to do about a connection that failed. @param code Node's or OpenSSL's */
export function remedyOf(code: string): string {
  return untrustedCodes.has(code) ? untrusted : (remedies[code] ?? "Try again.");
}
