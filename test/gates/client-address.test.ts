import { expect, it } from "vitest";
import { clientAddress } from "../../src/gates/client-address.ts";
import { verifies } from "../requirements.ts";

it(verifies("http.client-address", "the address is what the outermost trusted hop wrote"), () => {
  const address = (forwarded: string | undefined, hops: number) =>
    clientAddress(
      new Headers(forwarded === undefined ? {} : { "x-forwarded-for": forwarded }),
      hops,
    );
  expect(address("203.0.113.7", 1)).toBe("203.0.113.7");
  expect(address("203.0.113.7:443", 1)).toBe("203.0.113.7");
  expect(address("198.51.100.9, 203.0.113.7:443", 1)).toBe("203.0.113.7");
  expect(address("198.51.100.9, 203.0.113.7, 10.0.0.1:80", 2)).toBe("203.0.113.7");
  expect(address("203.0.113.7", 2)).toBe("203.0.113.7");
  expect(address("203.0.113.7", 0)).toBeUndefined();
  expect(address(undefined, 1)).toBeUndefined();
  expect(address("[2001:db8:1:2:3:4:5:6]:443", 1)).toBe("2001:db8:1:2::/64");
  expect(address("2001:DB8:1:2:ffff::1", 1)).toBe("2001:db8:1:2::/64");
  expect(address("2001:db8::1", 1)).toBe("2001:db8:0:0::/64");
  expect(address("::1", 1)).toBe("0:0:0:0::/64");
});

it(verifies("http.client-address", "one client has one address however it is written"), () => {
  const address = (forwarded: string) =>
    clientAddress(new Headers({ "x-forwarded-for": forwarded }), 1);
  for (const same of ["2001:db8:0:1::1", "2001:0DB8::0001:0:0:0:9", "[2001:db8:0:1::%eth0]:7"]) {
    expect(address(same)).toBe("2001:db8:0:1::/64");
  }
  // A socket that listens for both families writes IPv4 clients like this.
  for (const mapped of ["::ffff:203.0.113.7", "[::FFFF:cb00:7107]:443"]) {
    expect(address(mapped)).toBe("203.0.113.7");
  }
});

it(verifies("http.client-address", "all that is no address counts as one address"), () => {
  for (const invented of ["unknown", "x".repeat(10_000), "1.2.3", "a:b:c", "1.2.3.4,", ",,,"]) {
    expect(clientAddress(new Headers({ "x-forwarded-for": invented }), 1)).toBe("none");
  }
});
