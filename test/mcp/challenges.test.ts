import { describe, expect, it } from "vitest";
import { failure } from "../../src/core/result.ts";
import { metadataUrl } from "../../src/gates/protected-resource-metadata.ts";
import type { AdministratorCheck } from "../../src/mcp/policy.ts";
import { RequestSlot } from "../../src/mcp/request-slot.ts";
import { verifies } from "../requirements.ts";
import { claimsIn, resource, scopes } from "./serve-alone.ts";
import { callerWith, capable, legacy, modern, send, setUp } from "./test-server.ts";

describe("the endpoint", () => {
  it(
    verifies("claims.single", "challenges for a call that stands alone, in a batch of one too"),
    async () => {
      for (const json of [legacy(1, "demands"), [legacy(1, "demands")]]) {
        const { response, events } = await send(setUp(), json, capable);
        expect([response.status, claimsIn(response)]).toEqual([401, '{"access_token":{}}']);
        expect(events).toEqual([["audit.tool-call", "demands", "challenged", "claims"]]);
      }
    },
  );

  it(
    verifies(
      "claims.single",
      "tells of a demand in words in a batch, where what else was done must not be done twice",
    ),
    async () => {
      const batch = [legacy(1, "who_am_i"), legacy(2, "demands"), legacy(3, "who_am_i")];
      const { response, text, events } = await send(setUp(), batch, capable);
      expect(response.status).toBe(200);
      expect(text?.match(/Hello, user-1!/g)).toHaveLength(2);
      expect(text).toContain("Sign in again.");
      expect(events).toContainEqual(["audit.tool-call", "demands", "failed", "claims"]);
    },
  );

  it(
    verifies("claims.single", "tells of a demand in words once the answer has begun"),
    async () => {
      // A tool that reports its progress commits the status before it is done.
      const server = setUp(undefined, (mcp) => {
        mcp.registerTool("reports", {}, async ({ mcpReq, http }) => {
          await mcpReq.notify({
            method: "notifications/message",
            params: { level: "info", data: "Under way" },
          });
          await new Promise((resolve) => setTimeout(resolve, 20));
          const result = { content: [{ type: "text" as const, text: "in words" }] };
          return RequestSlot.of(http?.authInfo).settle({ result, claims: "{}" });
        });
        mcp.server.registerCapabilities({ logging: {} });
      });
      const { text } = await send(server, legacy(1, "reports"), capable);
      expect(text).toMatch(/Under way.*in words/s);
    },
  );

  it(
    verifies("challenge.sign-in-ended", "answers 401 where the sign-in has ended, whoever asks"),
    async () => {
      const administrators: AdministratorCheck = async () =>
        failure({ cause: "sign-in-ended AADSTS50173", isSignInEnded: true });
      for (const caller of [callerWith("user-1"), capable]) {
        for (const json of [legacy(1, "ended"), [legacy(1, "ended")]]) {
          const { response, events } = await send(setUp(), json, caller);
          const challenge = response.headers.get("www-authenticate") ?? "";
          expect([response.status, claimsIn(response)]).toEqual([401, undefined]);
          expect(challenge).toContain('error="invalid_token"');
          expect(challenge).toContain(`resource_metadata="${metadataUrl(resource.url)}"`);
          expect(events).toEqual([["audit.tool-call", "ended", "challenged", "sign-in-ended"]]);
        }
        const { response } = await send(setUp(administrators), legacy(1, "administrators"), caller);
        expect(response.status).toBe(401);
      }
    },
  );

  it(verifies("challenge.sign-in-ended", "is a tool error in a batch"), async () => {
    const batch = [legacy(1, "who_am_i"), legacy(2, "ended")];
    const { response, text, events } = await send(setUp(), batch, callerWith("user-1"));
    expect([response.status, text]).toEqual([200, expect.stringMatching(/Hello.*Sign in again/s)]);
    expect(events).toContainEqual(["audit.tool-call", "ended", "failed", "sign-in-ended"]);
  });

  it(
    verifies("gateway.only-scope", "sends nobody for a scope that the authority never grants"),
    async () => {
      const server = setUp(undefined, undefined, undefined, { ...scopes, isOnly: true });
      const { response, text, events } = await send(
        server,
        legacy(1, "writers"),
        callerWith("user-1"),
      );
      expect([response.status, text]).toEqual([200, expect.stringContaining("needs the scope")]);
      expect(events).toEqual([["audit.authorization", "writers", "refused", "missing-tool-scope"]]);
    },
  );

  it(verifies("claims.incapable", "never challenges a client that cannot handle it"), async () => {
    const { text, events } = await send(setUp(), legacy(1, "demands"), callerWith("user-1"));
    expect(text).toContain("Sign in again.");
    expect(events).toEqual([["audit.tool-call", "demands", "failed", "claims"]]);
  });

  it(
    verifies("audit.events", "writes down a step-up and a call of a tool that there is not, once"),
    async () => {
      const writers = [["audit.authorization", "writers", "challenged", "missing-tool-scope"]];
      const caller = callerWith("user-1");
      expect((await send(setUp(), legacy(1, "writers"), caller)).events).toEqual(writers);
      const batch = [legacy(1, "who_am_i"), legacy(2, "writers"), legacy(3, "writers")];
      const { response, text, events } = await send(setUp(), batch, caller);
      expect([response.status, text]).toEqual([403, expect.not.stringContaining("Hello")]);
      expect(events).toEqual(writers);

      const unknown = ["audit.tool-call", undefined, "failed", "unknown-tool"];
      const { text: answer, events: left } = await send(
        setUp(),
        [legacy(1, "no\nsuch\u001btool"), legacy(2, "__proto__")],
        caller,
      );
      expect(answer?.match(/-32602/g)).toHaveLength(2);
      expect(left).toEqual([unknown, unknown]);
    },
  );

  it(
    verifies(
      "tool.step-up",
      "answers a call that needs a further scope with 403 and all scopes to ask for",
    ),
    async () => {
      const response = await setUp().serve(
        modern("tools/call", { name: "writers" }, "writers"),
        callerWith("user-1"),
      );
      expect(response.status).toBe(403);
      const challenge = String(response.headers.get("www-authenticate"));
      expect(challenge).toContain('error="insufficient_scope"');
      expect(challenge).toContain('scope="api://mcp/user_impersonation api://mcp/documents.write"');
      expect(challenge).toContain(".well-known/oauth-protected-resource/mcp");
    },
  );
});
