import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import type { CallerClaims } from "../../../src/core/caller.ts";
import { approvalLifetime } from "../../../src/mcp/approvals/handles.ts";
import { testKeyRing } from "../../keys/test-key-ring.ts";
import { verifies } from "../../requirements.ts";
import { value } from "../../support/value.ts";
import { accepted, asking, callerWith, type RawCall, setUp, ways, wordsOf } from "./set-up.ts";

type Server = ReturnType<typeof setUp>;

const diary = { name: "diary", options: { crosscut: true, copies: 2 } };

const words = {
  question: {
    subject: "the person's answer",
    remedy: (tool: string) => `Call ${tool} again, and the person will be asked anew.`,
  },
  confirmation: {
    subject: "this confirmation",
    remedy: (tool: string) => `Call ${tool} without confirmation to get a new one.`,
  },
};

/** Expects that the call has the diary destroyed, and nothing else has been. */
async function expectDone(server: Server, call: RawCall) {
  await server.call(call);
  expect(server.world.shredded).toEqual(["diary"]);
}

describe.each(ways)("a $way", ({ way, first, given: givenBy, second }) => {
  const { subject, remedy } = words[way];

  /** A server, and what it has given out for the diary. */
  async function begin() {
    const server = setUp();
    return { server, handle: await given(server) };
  }

  async function given(server: Server): Promise<string> {
    return givenBy(await server.call({ ...first, arguments: diary }));
  }

  /** Expects that the call is refused with these words and this reason in the log. */
  async function expectRefusal(
    server: Server,
    call: RawCall,
    { reason, because, tool = "shred" }: { reason: string; because: string; tool?: string },
  ) {
    server.lines.length = 0;
    const answer = await server.call(call);
    expect([answer.status, answer.result?.isError, wordsOf(answer)]).toEqual([
      200,
      true,
      `Nothing was done: ${because} ${remedy(tool)}`,
    ]);
    expect(server.lines).toEqual([
      {
        event: "audit.approval",
        fields: expect.objectContaining({ outcome: "refused", tool, way, reason }),
      },
      {
        event: "audit.tool-call",
        fields: expect.objectContaining({ outcome: "failed", tool, reason: `approval-${reason}` }),
      },
    ]);
    expect(server.world.shredded).toEqual([]);
  }

  it.each<[keyof CallerClaims, string, string]>([
    ["objectId", "other-caller", `${subject} belongs to somebody else.`],
    ["tenantId", "other-caller", `${subject} belongs to somebody else.`],
    ["clientId", "other-client", `${subject} belongs to another client application.`],
  ])(
    verifies(
      "approval.bound",
      "is refused from a caller with another %s, and still good for its own",
    ),
    async (claim, reason, because) => {
      const { server, handle } = await begin();
      const caller = callerWith({ [claim]: "cccccccc-0000-4000-8000-000000000003" });
      await expectRefusal(server, { ...second(handle, diary), caller }, { reason, because });

      await expectDone(server, second(handle, diary));
    },
  );

  it(verifies("approval.bound", "is refused for another tool"), async () => {
    const { server, handle } = await begin();
    await expectRefusal(
      server,
      { ...second(handle, diary), tool: "burn" },
      { reason: "other-tool", because: `${subject} is for another tool than burn.`, tool: "burn" },
    );
  });

  it.each([
    { ...diary, name: "letter" },
    { name: "diary" },
    { name: "diary", options: { crosscut: true } },
    { name: "diary", options: { crosscut: true, copies: 3 } },
  ])(verifies("approval.bound", "is refused for other arguments: %o"), async (toolArguments) => {
    const { server, handle } = await begin();
    await expectRefusal(server, second(handle, toolArguments), {
      reason: "other-arguments",
      because: `${subject} is for other arguments. Repeat those exactly, or start again.`,
    });
  });

  it(verifies("approval.bound", "takes the same arguments in any order"), async () => {
    const { server, handle } = await begin();
    await expectDone(
      server,
      second(handle, { options: { copies: 2, crosscut: true }, name: "diary" }),
    );
  });

  it(verifies("approval.expires", "is good for ten minutes, and no longer"), async () => {
    const server = setUp();
    const [early, late] = [await given(server), await given(server)];
    server.clock.advance(approvalLifetime);
    await expectRefusal(server, second(late, diary), {
      reason: "expired",
      because: `${subject} came too late.`,
    });
    server.clock.advance(-1000);
    await expectDone(server, second(early, diary));
  });

  it(verifies("approval.shown", "is refused where what was shown has changed"), async () => {
    const { server, handle } = await begin();
    server.world.documents.set("diary", "Something else");
    await expectRefusal(server, second(handle, diary), {
      reason: "affected-changed",
      because: "what shred would change is no longer what was shown.",
    });
  });

  it(verifies("approval.once", "is refused a second time"), async () => {
    const { server, handle } = await begin();
    await server.call(second(handle, diary));
    server.world.shredded.length = 0;
    await expectRefusal(server, second(handle, diary), {
      reason: "already-used",
      because: `${subject} has already been used, and is good only once.`,
    });
  });

  it(
    verifies(
      ["approval.once", "approval.instances"],
      "lets one of twenty calls through that bring it to two instances at once",
    ),
    async () => {
      const { server, handle } = await begin();
      const instances = [server, setUp({ shared: server })] as const;
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          instances[index % 2 === 0 ? 0 : 1].call(second(handle, diary)),
        ),
      );
      expect(server.world.shredded).toEqual(["diary"]);
      const texts = answers.map(wordsOf);
      expect(texts.filter((text) => text === "Destroyed diary.")).toHaveLength(1);
      expect(texts.filter((text) => text.includes("already been used"))).toHaveLength(19);
    },
  );

  it(verifies("approval.instances", "given out by one instance is good at another"), async () => {
    const { server, handle } = await begin();
    await expectDone(setUp({ shared: server }), second(handle, diary));
  });

  it(verifies("approval.unlogged", "stands in no line of the log, nor do arguments"), async () => {
    const { server, handle } = await begin();
    for (const call of [
      second(`${handle}x`, diary),
      { ...second(handle, diary), tool: "burn" },
      second(handle, diary),
      second(handle, diary),
    ]) {
      await server.call(call);
    }
    const log = JSON.stringify(server.lines);
    expect(server.lines.length).toBeGreaterThan(6);
    for (const part of [handle, "diary", "marked-secret"]) {
      expect(log).not.toContain(part);
    }
  });
});

describe.each(ways)(
  "a $way that is not the text that was given out",
  ({ first, given, second }) => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    it.each<[string, (handle: string) => string]>([
      ["a blank behind it", (handle) => `${handle} `],
      ["a line's end behind it", (handle) => `${handle}\n`],
      [
        "a blank in the midst of its signature",
        (handle) => `${handle.slice(0, -9)} ${handle.slice(-9)}`,
      ],
      ["padding", (handle) => `${handle}=`],
      // The bytes leave four bits of the last character over, or two.
      [
        "another character for the same bytes",
        (handle) => handle.slice(0, -1) + alphabet.charAt(alphabet.indexOf(handle.slice(-1)) ^ 1),
      ],
      ["its end cut off", (handle) => handle.slice(0, -1)],
      ["a further part", (handle) => `${handle}.${handle}`],
      ["itself behind it", (handle) => handle + handle],
    ])(
      verifies("approval.altered", "is refused with %s, and still good as it was"),
      async (_how, change) => {
        const server = setUp();
        const handle = given(await server.call(first));
        const changed = await server.call(second(change(handle)));
        expect(changed.error?.code ?? wordsOf(changed)).toEqual(
          changed.error ? -32602 : expect.stringMatching(/^Nothing was done: this confirmation/),
        );
        expect(server.world.shredded).toEqual([]);

        await expectDone(server, second(handle));
      },
    );

    it(verifies("approval.bound", "arguments are equal however JSON writes them"), async () => {
      const server = setUp();
      const toolArguments = (copies: string) =>
        JSON.parse(`{"options":{"copies":${copies}},"name":"diary"}`);
      const handle = given(await server.call({ ...first, arguments: toolArguments("1") }));
      await expectDone(server, second(handle, toolArguments("1.0e0")));

      // Two texts that look alike, or whose difference a check drops, are not one name.
      server.world.documents.set("Zo\u00eb", "").set("Zoe\u0308", "");
      const composed = given(await server.call({ ...first, arguments: { name: "Zo\u00eb" } }));
      for (const name of ["Zoe\u0308", "Zo\u00eb "]) {
        expect(wordsOf(await server.call(second(composed, { name })))).toContain("other arguments");
      }
      const further = await server.call(second(composed, { name: "Zo\u00eb", further: 1 }));
      expect(wordsOf(further)).toContain('there is no argument "further"');
      expect(server.world.shredded).toEqual(["diary"]);
    });

    it(verifies("approval.instances", "is good after the keys have been rotated"), async () => {
      const server = setUp();
      await server.call(first);
      // The next key is made, and takes over while an approval of the last one is under way.
      server.clock.advance(31 * 24 * 60 * 60 * 1000);
      const handle = given(await server.call(first));
      server.clock.advance(approvalLifetime - 1000);
      await expectDone(setUp({ shared: server }), second(handle));
    });
  },
);

describe("what this server did not sign", () => {
  /** What is none of the purpose, from unreadable to made by this very server. */
  async function forgeries(server: Server, handle: string) {
    const bytes = Buffer.from(handle, "base64url");
    const withBytes = (change: (bytes: Buffer) => unknown) => {
      const changed = Buffer.from(bytes);
      change(changed);
      return changed.toString("base64url");
    };
    const cursor = { purpose: "cursor", bound: { caller: 4, client: 2, tool: 2, arguments: 4 } };
    const values = { caller: `${callerWith().tenantId}/${callerWith().objectId}` };
    const expiresAt = server.clock.now() + 60_000;
    const ring = testKeyRing({ storage: server.keyStorage, clock: server.clock });
    const foreign = setUp();
    const [header, payload] = [{ alg: "none" }, { sub: values.caller }].map((part) =>
      Buffer.from(JSON.stringify(part)).toString("base64url"),
    );
    return {
      empty: "",
      garbage: "yes",
      long: "x".repeat(100_000),
      "with a later end": withBytes((changed) => changed.writeUInt32BE(0xffff_ffff, 4)),
      "for another purpose by its fingerprint": withBytes((changed) => changed.fill(1, 8, 10)),
      "for another person by their fingerprint": withBytes((changed) => changed.fill(1, 10, 14)),
      "with another id": withBytes((changed) => changed.fill(1, 22, 31)),
      "with another code": withBytes((changed) => changed.fill(1, changed.length - 20)),
      "a token without signature": `${header}.${payload}.`,
      "a token that nobody signed": `${header}.${payload}.${"A".repeat(43)}`,
      "made with a foreign key":
        (await foreign.call({ capabilities: asking })).result?.requestState ?? "",
      "for another purpose": value(
        await ring.seal(cursor, bytes.subarray(22, 47), values, expiresAt),
      ),
    };
  }

  it(verifies("approval.altered", "is no confirmation"), async () => {
    const server = setUp();
    const confirmation = ways[1].given(await server.call());
    for (const [name, forged] of Object.entries(await forgeries(server, confirmation))) {
      const refused = await server.call({ arguments: { name: "diary", confirmation: forged } });
      expect([name, refused.result?.isError, wordsOf(refused)]).toEqual([
        name,
        true,
        expect.stringMatching(
          /^Nothing was done: this confirmation (is not valid|did not come back as it was given out)\. Call shred without confirmation/,
        ),
      ]);
    }
    expect(server.world.shredded).toEqual([]);
  });

  it(verifies("approval.altered", "is no request state: the protocol's own error"), async () => {
    const server = setUp();
    const state = ways[0].given(await server.call({ capabilities: asking }));
    for (const [name, forged] of Object.entries(await forgeries(server, state))) {
      const { error } = await server.call(ways[0].second(forged));
      expect([name, error]).toEqual([
        name,
        expect.objectContaining({ code: -32602, message: expect.stringContaining("expired") }),
      ]);
    }
    expect(server.world.shredded).toEqual([]);
    const reasons = server.lines
      .filter(({ event, fields }) => event === "audit.approval" && fields?.outcome === "refused")
      .map(({ fields }) => fields?.reason);
    expect(new Set(reasons)).toEqual(new Set(["malformed", "altered"]));
  });

  it(
    verifies("approval.earlier-version", "but the version before it did, is answered with words"),
    async () => {
      const server = setUp();
      await server.call(ways[0].first);
      const { kid, k } = JSON.parse(server.keyStorage.stored?.text ?? "").keys[0];
      const caller = callerWith();
      const earlier = (purpose: string) =>
        new SignJWT({ claims: { id: randomUUID(), clientId: caller.clientId, tool: "shred" } })
          .setProtectedHeader({ alg: "HS256", kid })
          .setAudience(purpose)
          .setSubject(`${caller.tenantId}/${caller.objectId}`)
          .setExpirationTime("10m")
          .sign(Buffer.from(k, "base64url"));
      const state = await server.call(ways[0].second(await earlier("approval-request-state")));
      expect(wordsOf(state)).toBe(
        "Nothing was done: the person's answer came too late. Call shred again, and the person will be asked anew.",
      );
      const confirmation = await server.call(
        ways[1].second(await earlier("approval-confirmation")),
      );
      expect(wordsOf(confirmation)).toBe(
        "Nothing was done: this confirmation came too late. Call shred without confirmation to get a new one.",
      );
      expect(server.world.shredded).toEqual([]);
    },
  );

  it(verifies("approval.ways-apart", "for one way is nothing to the other way"), async () => {
    const server = setUp();
    const state = ways[0].given(await server.call(ways[0].first));
    const confirmation = ways[1].given(await server.call(ways[1].first));

    const withState = await server.call(ways[1].second(state));
    expect(wordsOf(withState)).toContain("is not valid");
    const withConfirmation = await server.call(ways[0].second(confirmation));
    expect(withConfirmation.error?.code).toBe(-32602);
    // State that is echoed by a client which cannot be asked is no answer of anybody's.
    const echoed = await server.call({ requestState: state, inputResponses: accepted });
    expect(echoed.result?.structuredContent).toMatchObject({ outcome: "confirmation_required" });
    expect(server.world.shredded).toEqual([]);
  });
});

it("a confirmation that is no text is among what to correct", async () => {
  const { call, world } = setUp();
  const wrong = await call({ arguments: { name: "diary", confirmation: true } });
  expect(wordsOf(wrong)).toMatch(/need correction:\n- confirmation: .*string/);
  expect(world.shredded).toEqual([]);
});
