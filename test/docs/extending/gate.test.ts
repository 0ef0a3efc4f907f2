import { expect, it } from "vitest";
import { readSettings } from "../../../src/config.ts";
import { jsonAnswer } from "../../../src/core/endpoint.ts";
import { success } from "../../../src/core/result.ts";
import { createGates } from "../../../src/gates/gates.ts";
import { createRefusalSums } from "../../../src/gates/refusal-sums.ts";
import { createGuardedEndpoint } from "../../../src/gates/way-out.ts";
import {
  claimsWith,
  keySetDocument,
  makeSigningKey,
  nowSeconds,
  sign,
} from "../../gates/tokens.ts";
import { verifies } from "../../requirements.ts";
import { host, testEnvironment } from "../../support/composed.ts";
import { domain } from "./src/domain.ts";
import { blockedClients } from "./src/gates/blocked-clients.ts";

it(
  verifies("extending.gate", "a gate as on the page refuses, with a line in the log"),
  async () => {
    const { azp } = claimsWith();
    const { config } = readSettings(testEnvironment, domain.settings);
    const key = await makeSigningKey("current");
    const document = await keySetDocument([key]);
    const refusals = createRefusalSums(() => {});
    const { gates } = createGates(config, {
      fetch: async () => Response.json(document),
      now: () => nowSeconds * 1000,
      monotonicNow: () => 0,
      log: () => {},
      refusals,
    });
    const behind = gates.findIndex(({ name }) => name === "access token") + 1;
    const resource = {
      url: config.publicUrl,
      issuer: config.issuer,
      scope: "api://notes/user_impersonation",
      name: "Notes",
      authorizationUri: "https://login.example/authorize",
    };
    const endpoint = createGuardedEndpoint({
      gates: gates.toSpliced(behind, 0, blockedClients([azp])),
      resource,
      refusals,
      serve: async () => success(jsonAnswer(200, { served: true })),
    });
    const logged: unknown[] = [];
    const send = async (claims: Record<string, unknown>) => {
      const request = new Request(config.publicUrl, {
        method: "POST",
        headers: { host, authorization: `Bearer ${await sign(key, claimsWith(claims))}` },
        body: "{}",
      });
      const log = (_level: string, event: string, fields?: object) => logged.push([event, fields]);
      return endpoint(request, { id: "invocation", log });
    };

    const refused = await send({});
    expect([refused.status, await refused.json()]).toEqual([
      403,
      {
        error: "access_denied",
        error_description: "This client application may not use this server.",
      },
    ]);
    expect(logged).toContainEqual(["request.refused", { reason: "client-not-allowed", got: azp }]);
    expect((await send({ azp: "cccccccc-0000-4000-8000-000000000003" })).status).toBe(200);
  },
);
