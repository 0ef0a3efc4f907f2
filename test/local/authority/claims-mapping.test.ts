import { decodeProtectedHeader, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { apiClientId, tenantId } from "../../../local/directory.ts";
import { readSettings } from "../../../src/config.ts";
import { createGates } from "../../../src/gates/gates.ts";
import { createRefusalSums } from "../../../src/gates/refusal-sums.ts";
import { verifies } from "../../requirements.ts";
import { testEnvironment } from "../../support/composed.ts";
import { testAuthority } from "./support.ts";

describe("a registration with a claims mapping", () => {
  it(
    verifies(
      ["authority.claims-mapping", "key-set.registration"],
      "signs with a key of its own, which the server finds by its application id",
    ),
    async () => {
      const authority = await testAuthority({ claimsMapping: true });
      const token = await authority.issueAccessToken();
      const keyId = String(decodeProtectedHeader(token).kid);
      const configuration = `${authority.base}/v2.0/.well-known/openid-configuration`;
      const keyIdsOf = async (query: string) => {
        const { jwks_uri } = (await (await fetch(configuration + query)).json()) as {
          jwks_uri: string;
        };
        const { keys } = (await (await fetch(jwks_uri)).json()) as { keys: { kid: string }[] };
        return keys.map(({ kid }) => kid);
      };
      expect(await keyIdsOf("")).not.toContain(keyId);
      expect(await keyIdsOf(`?appid=${apiClientId}`)).toEqual([keyId]);

      const { keySet } = createGates(
        {
          ...readSettings(testEnvironment, z.object({})).config,
          tenantId,
          clientId: apiClientId,
          authorityHost: authority.origin,
          issuer: authority.issuer,
        },
        {
          fetch,
          now: Date.now,
          monotonicNow: () => performance.now(),
          log: () => {},
          refusals: createRefusalSums(() => {}),
        },
      );
      const key = await keySet.keyFor(keyId);
      if (!key.ok) throw new Error(key.reason.kind);
      await jwtVerify(token, key.value, { issuer: authority.issuer, audience: apiClientId });
    },
  );
});
