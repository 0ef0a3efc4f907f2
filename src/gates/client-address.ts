import { isIP, SocketAddress } from "node:net";

/** What stands for all that is no address, so that inventing some does not escape a count. */
const noAddress = "none";

/**
 * The address a request comes from, or nothing where no trusted hop has written one (on a laptop).
 *
 * Each hop appends the address that it was called from to `X-Forwarded-For`, so that the rightmost
 * entries are the trusted hops' own words, and whatever stands left of them may be invented. With
 * one hop, the platform's front end, that is the rightmost entry; with API Management in front, the
 * one before it, or the only one where somebody has gone past it. An IPv6 address counts by its /64,
 * which is what one customer gets.
 *
 * @param trustedHops how many hops in front of this process append to the header
 */
export function clientAddress(headers: Headers, trustedHops: number): string | undefined {
  const forwarded = headers.get("x-forwarded-for");
  if (!forwarded || trustedHops === 0) return undefined;
  const entries = forwarded.split(",");
  const entry = entries.at(-Math.min(trustedHops, entries.length)) ?? "";
  return networkOf(withoutPort(entry.trim()));
}

/** `1.2.3.4:5678` and `[2001:db8::1]:5678`, as the platform's front end writes them. */
function withoutPort(entry: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(entry);
  if (bracketed?.[1]) return bracketed[1];
  const parts = entry.split(":");
  return parts.length === 2 ? String(parts[0]) : entry;
}

function networkOf(text: string): string {
  switch (isIP(text)) {
    case 4:
      return text;
    case 6:
      return networkOfIpv6(String(text.split("%")[0]));
    default:
      return noAddress;
  }
}

function networkOfIpv6(text: string): string {
  const { address } = new SocketAddress({ address: text, family: "ipv6" });
  // An IPv4 client of a socket for both (RFC 4291 section 2.5.5.2): all of them share one /64.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  if (mapped?.[1]) return mapped[1];
  const [head = "", tail = ""] = address.split("::");
  const leading = head === "" ? [] : head.split(":");
  const trailing = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - leading.length - trailing.length }, () => "0");
  return `${[...leading, ...zeros, ...trailing].slice(0, 4).join(":")}::/64`;
}
