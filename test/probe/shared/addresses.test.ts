import { describe, expect, it } from "vitest";
import { addressNamedBy } from "../../../probe/shared/addresses.ts";
import { verifies } from "../../requirements.ts";

describe("an address that a server names", () => {
  const remote = new URL("https://mcp.contoso.example/mcp");
  const local = new URL("http://localhost:7071/mcp");

  it.each([
    "http://login.contoso.example/",
    "https://localhost/",
    "https://localhost./",
    "https://metadata.localhost/",
    "https://127.0.0.1:8443/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:169.254.169.254]/",
    "https://0.0.0.0/",
    "http://169.254.169.254/metadata/instance",
    "https://169.254.169.254/metadata/instance",
    "https://[fe80::1]/",
    "https://user:password@login.contoso.example/",
    "file:///etc/passwd",
    "data:application/json,{}",
    "no URL",
    null,
    { href: "https://login.contoso.example/" },
  ])(verifies(["authsuite.token-stays", "doctor.token-stays"], "is not asked: %s"), (named) => {
    expect(addressNamedBy(remote, named)).toBeUndefined();
  });

  it(verifies(["authsuite.token-stays", "doctor.token-stays"], "is asked elsewhere"), () => {
    for (const named of ["https://login.contoso.example/v2.0", "https://10.1.2.3/"]) {
      expect(addressNamedBy(remote, named)?.href).toBe(named);
    }
    expect(addressNamedBy(local, "http://127.0.0.1:43199/v2.0")?.port).toBe("43199");
    expect(addressNamedBy(local, "http://169.254.169.254/")).toBeUndefined();
  });
});
