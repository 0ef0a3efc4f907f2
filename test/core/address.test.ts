import { describe, expect, it } from "vitest";
import { depthOf } from "../../src/core/address.ts";
import { verifies } from "../requirements.ts";

const cited = ["authsuite.token-stays", "doctor.token-stays"] as const;
const nowhere = Number.POSITIVE_INFINITY;

describe("an address", () => {
  it.each([
    [0, ["93.184.216.34", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]],
    [1, ["10.0.0.1", "172.31.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1"]],
    [1, ["64:ff9b::a00:1", "2002:a00:1::1", "64:ff9b::192.168.1.1"]],
    [0, ["2606:4700::5efe:8.8.8.8"]],
    [1, ["2606:4700::5efe:10.0.0.1", "2606:4700:0:1:200:5efe:a00:1", "fd00::5efe:8.8.8.8"]],
    [2, ["2606:4700::5efe:127.0.0.1", "2606:4700:0:1:0:5efe:7f00:1", "2606::200:5efe:7f00:1%2"]],
    [2, ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]],
    [nowhere, ["169.254.169.254", "0.0.0.0", "::", "fe80::1%eth0", "fec0::1", "ff02::1"]],
    [nowhere, ["64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "::7f00:1", "255.255.255.255", "2001::1"]],
    [nowhere, ["168.63.129.16", "::ffff:168.63.129.16", "192.88.99.1", "3fff::1", "5f00::1"]],
    [nowhere, ["64:ff9b::a83f:8110", "2002:a83f:8110::1", "2606::5efe:a9fe:a9fe", "100:0:0:1::1"]],
    [nowhere, ["2606:4700:1:1:0:5efe::", "2606:4700:1:1:200:5efe:0:1"]],
  ])(verifies(cited, "lies at depth %d: %j"), (depth, addresses) => {
    expect(addresses.map(depthOf)).toEqual(addresses.map(() => depth));
  });
});
