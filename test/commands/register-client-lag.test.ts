import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { registrableClients } from "../../infra/client-registrations/known-clients.ts";
import { createGraph } from "../../infra/hooks/graph.ts";
import { readApi } from "../../scripts/register-client/api.ts";
import {
  ensureClient,
  ensurePreAuthorized,
  ensureServicePrincipal,
  planClient,
} from "../../scripts/register-client/registration.ts";
import { fakeClock } from "../infra/hooks/fakes.ts";
import { application, createTenant, refusal } from "../infra/hooks/tenant.ts";
import { verifies } from "../requirements.ts";

/** Registers Cursor in a tenant that refuses the first requests of a kind. */
async function register({
  refusing,
  times,
  isThere = false,
}: {
  refusing: RegExp;
  times: number;
  isThere?: boolean;
}) {
  const server = application("mcp-abc123", {
    displayName: "MCP server",
    api: {
      oauth2PermissionScopes: [{ id: randomUUID(), value: "user_impersonation" }],
      preAuthorizedApplications: [],
    },
  });
  const there = isThere ? [application("mcp-abc123-cursor")] : [];
  let left = times;
  const tenant = createTenant({
    items: [server, ...there],
    answerWith: (request) =>
      refusing.test(request) && left-- > 0
        ? refusal(400, "It does not reference a valid application object.")
        : undefined,
  });
  const graph = createGraph({
    endpoint: "https://graph.microsoft.com",
    accessToken: "an-access-token",
    fetch: tenant.fetch,
  });
  const clock = fakeClock();
  const api = await readApi(graph, server.appId);
  if (!api.ok) throw new Error(api.reason.kind);
  const { cursor } = registrableClients;
  if (cursor === undefined) throw new Error("Cursor is unknown.");
  const plan = await planClient(graph, api.value, {
    name: "cursor",
    client: cursor,
    callbacks: [],
  });
  if (!plan.ok) throw new Error(plan.reason.kind);
  const made = await ensureClient(graph, plan.value);
  if (!made.ok) throw new Error(made.reason.kind);
  return {
    principal: await ensureServicePrincipal(graph, made.value, clock),
    preAuthorized: await ensurePreAuthorized(graph, api.value, made.value, clock),
    waited: clock.waited(),
  };
}

describe("a registration just made", () => {
  const patching = /^PATCH .*\/applications\/[\da-f-]+$/;

  it.each([
    ["the service principal", /^POST /],
    ["the pre-authorisation", patching],
  ])(
    verifies("register-client.makes", "may be unknown yet to what makes %s"),
    async (_, refusing) => {
      const { principal, preAuthorized, waited } = await register({ refusing, times: 3 });
      expect([principal, preAuthorized]).toEqual([
        { ok: true, value: true },
        { ok: true, value: true },
      ]);
      expect(waited).toBe(6_000);
    },
  );

  it(verifies("register-client.half", "is not waited for without end"), async () => {
    const { principal, waited } = await register({ refusing: /^POST /, times: 1_000 });
    expect(principal).toMatchObject({ ok: false, reason: { kind: "refused", status: 400 } });
    expect(waited).toBe(30_000);
  });

  it(verifies("register-client.half", "is not what one that was there waits for"), async () => {
    const { principal, waited } = await register({ refusing: /^POST /, times: 1, isThere: true });
    expect([principal.ok, waited]).toEqual([false, 0]);
  });
});
