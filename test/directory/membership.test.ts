import { describe, expect, it } from "vitest";
import type { CallerClaims } from "../../src/core/caller.ts";
import { failure } from "../../src/core/result.ts";
import {
  createGroupMembership,
  memberForMilliseconds,
  notMemberForMilliseconds,
} from "../../src/directory/membership.ts";
import { type Answer, aCaller, type SentRequest, start, tenantId } from "../downstream/fakes.ts";
import { verifies } from "../requirements.ts";
import { graphError, setUpGraph } from "./fakes.ts";

const groupId = "bbbbbbbb-0000-0000-0000-000000000001";
const member: Answer = { body: { "@odata.count": 1, value: [{ id: groupId }] } };
const notMember: Answer = { body: { "@odata.count": 0, value: [] } };

function setUp(answer: (request: SentRequest) => Answer | Promise<Answer>) {
  const clock = { milliseconds: start };
  const { client, requests, exchange } = setUpGraph(answer);
  const membership = createGroupMembership({ client, groupId, now: () => clock.milliseconds });
  const ask = (claims: Partial<CallerClaims> = {}) => membership.isMember(aCaller(claims));
  return { ask, clock, exchange, membership, requests };
}

const yes = { ok: true, value: true };
const no = { ok: true, value: false };

describe("group membership", () => {
  it(verifies("graph.membership", "is asked as an advanced query for the one group"), async () => {
    const { ask, requests } = setUp(() => member);
    expect(await ask()).toEqual(yes);
    const url = new URL(requests[0]?.url ?? "");
    expect(url.pathname).toBe("/v1.0/me/transitiveMemberOf/microsoft.graph.group");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      $count: "true",
      $filter: `id eq '${groupId}'`,
      $select: "id",
    });
    expect(requests[0]?.headers.consistencylevel).toBe("eventual");
  });

  it(verifies("graph.membership", "is denied where the count is zero"), async () => {
    const { ask } = setUp(() => notMember);
    expect(await ask()).toEqual(no);
  });

  it.each([
    [
      "another group",
      { "@odata.count": 1, value: [{ id: "bbbbbbbb-0000-0000-0000-000000000002" }] },
    ],
    ["all groups", { "@odata.count": 2, value: [{ id: groupId }, { id: "another" }] }],
    ["no count", { value: [{ id: groupId }] }],
    ["a count that is no number", { "@odata.count": "1", value: [] }],
    ["nothing", {}],
  ])(verifies("graph.membership", "is not read from an answer with %s"), async (_what, body) => {
    const { ask } = setUp(() => ({ body }));
    expect(await ask()).toEqual(
      failure({ kind: "unexpected-response", status: 200, got: "schema" }),
    );
  });

  it(verifies("graph.membership-no-group", "is nobody's if no group is configured"), async () => {
    const { client, requests, exchange } = setUpGraph(() => member);
    const membership = createGroupMembership({ client, groupId: undefined, now: Date.now });
    expect(await membership.isMember(aCaller())).toEqual(no);
    expect(requests).toEqual([]);
    expect(exchange).not.toHaveBeenCalled();
  });

  it.each([
    ["membership for five minutes", member, 5 * 60_000],
    ["the lack of it for one", notMember, 60_000],
  ])(
    verifies("graph.membership-held", "remembers %s, across a person's clients"),
    async (_what, answer, milliseconds) => {
      expect([memberForMilliseconds, notMemberForMilliseconds]).toContain(milliseconds);
      const { ask, clock, requests } = setUp(() => answer);
      await ask({ clientId: "one" });
      clock.milliseconds += milliseconds - 1;
      await ask({ clientId: "two" });
      expect(requests).toHaveLength(1);
      clock.milliseconds += 1;
      await ask({ clientId: "one" });
      expect(requests).toHaveLength(2);
    },
  );

  it(verifies("graph.membership-held", "is each person's own, and each tenant's"), async () => {
    const { ask, requests } = setUp(({ headers }) =>
      headers.authorization?.includes("alice") ? member : notMember,
    );
    const asked = await Promise.all([
      ask({ objectId: "alice" }),
      ask({ objectId: "bob" }),
      ask({ objectId: "alice", tenantId: "another" }),
      ask({ objectId: "alice", tenantId }),
    ]);
    expect(asked).toEqual([yes, no, yes, yes]);
    expect(requests).toHaveLength(3);
  });

  it(verifies("graph.membership-held", "is asked once by 100 concurrent calls"), async () => {
    const { ask, requests } = setUp(() => member);
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask()));
    expect(answers.every((answer) => answer.ok && answer.value)).toBe(true);
    expect(requests).toHaveLength(1);
  });

  it(verifies("graph.membership-held", "does not remember a failure"), async () => {
    let answer: Answer = graphError(403);
    const { ask } = setUp(() => answer);
    expect(await ask()).toEqual({ ok: false, reason: { kind: "denied" } });
    answer = member;
    expect(await ask()).toEqual(yes);
  });

  it(verifies("graph.membership-held", "hands no client's failure to another"), async () => {
    const { membership, exchange } = setUp(() => member);
    const expired = Promise.withResolvers<Awaited<ReturnType<typeof exchange>>>();
    exchange.mockImplementationOnce(() => expired.promise);

    const ofOne = membership.isMember(aCaller({ clientId: "one" }, "token of one"));
    const ofOther = membership.isMember(aCaller({ clientId: "other" }, "token of the other"));
    expired.resolve({ ok: false, reason: { kind: "assertion-rejected", code: "AADSTS500133" } });
    expect(await ofOther).toEqual(yes);
    expect(await ofOne).toMatchObject({ ok: false, reason: { kind: "exchange-failed" } });
  });

  it(verifies("graph.membership-held", "asks no other token for what one lacks"), async () => {
    const { membership, exchange } = setUp(() => member);
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    const demand = { kind: "interaction-required", claims } as const;
    const demanded = Promise.withResolvers<Awaited<ReturnType<typeof exchange>>>();
    exchange.mockImplementationOnce(() => demanded.promise);

    const before = membership.isMember(aCaller({}, "token before the further step"));
    const after = membership.isMember(aCaller({}, "token after it"));
    demanded.resolve({ ok: false, reason: demand });
    expect(await after).toEqual(yes);
    expect(await before).toEqual(failure({ kind: "exchange-failed", failure: demand }));
  });

  it("goes on for the others where one who asked has cancelled", async () => {
    const answer = Promise.withResolvers<Answer>();
    const { membership, requests } = setUp(() => answer.promise);
    const controller = new AbortController();
    const cancelled = membership.isMember(aCaller(), { signal: controller.signal });
    const patient = membership.isMember(aCaller());
    controller.abort();
    expect(await cancelled).toEqual({ ok: false, reason: { kind: "cancelled" } });
    answer.resolve(member);
    expect(await patient).toEqual(yes);
    expect(requests).toHaveLength(1);
  });
});
