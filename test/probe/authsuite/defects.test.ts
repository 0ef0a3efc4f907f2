import type { JsonWebKey } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { type Report, runSuite } from "../../../probe/authsuite/suite.ts";
import { verifies } from "../../requirements.ts";
import { type Defect, defects, findings } from "./defects.ts";
import { startWeakenedServer } from "./weakened-server.ts";

let signingKey: JsonWebKey;

beforeAll(async () => {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  signingKey = await exportJWK(privateKey);
});

/** Every check, with all that a run can be given, against the server with that defect. */
async function examine(defect?: Defect): Promise<Report> {
  const server = await startWeakenedServer({
    signingKey,
    defects: defect === undefined ? [] : [defect],
  });
  try {
    return await runSuite({
      target: server.target,
      token: server.token,
      expiredToken: server.expiredToken,
      signingKey: server.signingKey,
      origin: server.allowedOrigin,
      bodyLimit: server.bodyLimit,
      profile: "entra",
      ...(defect === "get-hangs" ? { timeout: 1_000 } : {}),
    });
  } finally {
    await server.close();
  }
}

function idsOf(report: Report, kind: "fail" | "not-applicable"): string[] {
  return report.groups
    .flatMap(({ results }) => results)
    .filter(({ outcome }) => outcome.kind === kind)
    .map(({ check }) => check.id)
    .sort();
}

describe("a server without defects", () => {
  it(verifies("authsuite.clean", "passes every check"), async () => {
    const report = await examine();
    expect(idsOf(report, "fail")).toEqual([]);
    expect(idsOf(report, "not-applicable")).toEqual([]);
    expect(report.requests).toBeLessThan(300);
  });
});

describe("a server with one defect", () => {
  for (const defect of defects) {
    it(
      verifies("authsuite.finds-defects", `${defect} fails the checks that name it, and no other`),
      async () => {
        expect(idsOf(await examine(defect), "fail")).toEqual(findings[defect]);
      },
    );
  }

  it("is what every check finds: none passes whatever the server does", async () => {
    const report = await examine();
    const ids = report.groups.flatMap(({ results }) => results.map(({ check }) => check.id));
    const found = new Set<string>(Object.values(findings).flat());
    expect(ids.filter((id) => !found.has(id))).toEqual([]);
  });
});
