/**
 * The address a request comes from, or nothing where no trusted hop has written one (on a laptop).
 *
 * Each hop appends the address that it was called from to `X-Forwarded-For`, so that the rightmost
 * entries are the trusted hops' own words, and whatever stands left of them may be invented. With
 * one hop, the platform's front end, that is the rightmost entry; with API Management in front, the
 * one before it. An IPv6 address counts by its /64, which is what one customer gets.
 *
 * @param trustedHops how many hops in front of this process append to the header
 */
export function clientAddress(headers: Headers, trustedHops: number): string | undefined {
  const entries = headers.get("x-forwarded-for")?.split(",") ?? [];
  const entry = trustedHops > 0 ? entries.at(-trustedHops)?.trim() : undefined;
  if (!entry) return undefined;
  return networkOf(withoutPort(entry));
}

/** `1.2.3.4:5678` and `[2001:db8::1]:5678`, as the platform's front end writes them. */
function withoutPort(entry: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(entry);
  if (bracketed?.[1]) return bracketed[1];
  const parts = entry.split(":");
  return parts.length === 2 ? String(parts[0]) : entry;
}

function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.toLowerCase().split("::");
  const leading = head === "" ? [] : head.split(":");
  const trailing = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - leading.length - trailing.length);
  const groups = [...leading, ...Array.from({ length: zeros }, () => "0"), ...trailing];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
