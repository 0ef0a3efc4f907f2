import { lookup } from "node:dns/promises";
import { connect as connectTcp } from "node:net";
import {
  checkServerIdentity,
  connect as connectTls,
  type PeerCertificate,
  type TLSSocket,
} from "node:tls";
import { codeOf } from "../../src/core/error-code.ts";

/** Why there is no connection: a code of Node's or OpenSSL's, or `timeout`. */
export interface ConnectionProblem {
  readonly code: string;
}

/** What a server shows of itself in the TLS handshake (RFC 8446). */
export interface Handshake {
  readonly protocol: string;
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  /** Milliseconds since the epoch. */
  readonly validTo: number;
  /** The names that the certificate is for. */
  readonly names: string;
  /** Node's or OpenSSL's code, where this machine does not trust the certificate for that name. */
  readonly distrust: string | undefined;
}

/** Node's code for a certificate that is for another name. */
export const wrongName = "ERR_TLS_CERT_ALTNAME_INVALID";

/** A URL's host as Node's own interfaces take it: an IPv6 address without brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

export function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

/** The addresses that the host's name stands for. */
export async function resolveName(
  url: URL,
): Promise<{ readonly addresses: readonly string[] } | ConnectionProblem> {
  try {
    const found = await lookup(hostOf(url), { all: true });
    return { addresses: found.map(({ address }) => address) };
  } catch (error) {
    return { code: codeOf(error) };
  }
}

/** Whether something listens at the URL's host and port. */
export function openPort(
  url: URL,
  timeout: number,
): Promise<{ readonly address: string } | ConnectionProblem> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: hostOf(url), port: portOf(url) });
    socket.setTimeout(timeout, () => {
      resolve({ code: "timeout" });
      socket.destroy();
    });
    socket.once("connect", () => {
      resolve({ address: String(socket.remoteAddress) });
      socket.destroy();
    });
    socket.once("error", (error) => resolve({ code: codeOf(error) }));
  });
}

/** Shakes hands with whoever answers, trusted or not, so that what is wrong can be named. */
export function shakeHands(url: URL, timeout: number): Promise<Handshake | ConnectionProblem> {
  const host = hostOf(url);
  return new Promise((resolve) => {
    const socket = connectTls({
      host,
      port: portOf(url),
      rejectUnauthorized: false,
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    });
    const settle = (result: Handshake | ConnectionProblem): void => {
      clearTimeout(timer);
      resolve(result);
      socket.destroy();
    };
    // In all: the socket's own timeout begins anew with every byte, however slowly they come.
    const timer = setTimeout(() => settle({ code: "timeout" }), timeout);
    socket.once("secureConnect", () => settle(shownBy(socket, host)));
    socket.once("error", (error) => settle({ code: codeOf(error) }));
  });
}

function shownBy(socket: TLSSocket, host: string): Handshake | ConnectionProblem {
  const certificate = socket.getPeerCertificate();
  const { valid_from, valid_to, subjectaltname, subject } = certificate;
  const validFrom = Date.parse(valid_from);
  const validTo = Date.parse(valid_to);
  if (Number.isNaN(validFrom) || Number.isNaN(validTo)) return { code: "ERR_TLS_CERT_DATES" };
  const untrusted = socket.authorized ? undefined : String(socket.authorizationError);
  return {
    protocol: socket.getProtocol() ?? "unknown",
    validFrom,
    validTo,
    names: subjectaltname ?? String(subject?.CN),
    // A wrong name says more than a lack of trust, so it is reported first.
    distrust: isFor(host, certificate) ? untrusted : wrongName,
  };
}

/** Names that cannot be read are nobody's. */
function isFor(host: string, certificate: PeerCertificate): boolean {
  try {
    return checkServerIdentity(host, certificate) === undefined;
  } catch {
    return false;
  }
}
