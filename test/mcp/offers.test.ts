import { describe, expect, it } from "vitest";
import { z } from "zod";
import { failure, success } from "../../src/core/result.ts";
import { definePrompt } from "../../src/mcp/define-prompt.ts";
import { type Contents, defineResource } from "../../src/mcp/define-resource.ts";
import { defineTool } from "../../src/mcp/define-tool.ts";
import { singleLine } from "../../src/mcp/fields.ts";
import { type AdministratorCheck, everyone, type ToolPolicy } from "../../src/mcp/policy.ts";
import { verifies } from "../requirements.ts";
import { clientKinds, withoutQuotations } from "../support/clients.ts";
import { callerWith, serveOffered } from "./offer-server.ts";
import { claimsIn, inTheEnd } from "./serve-alone.ts";

type ReadOne = Parameters<typeof defineResource>[0]["read"];

/** One resource that does nothing but what the test is about. */
const resourceWith = (name: string, read: ReadOne, policy: ToolPolicy = everyone) =>
  defineResource({
    name,
    title: name,
    description: name,
    uri: `test://${name}`,
    mediaType: "text/plain",
    policy,
    read,
  });

const text = (text: string) => success<Contents>({ text });

const note = defineResource({
  name: "note",
  title: "Note",
  description: "A note of the caller's.",
  uriTemplate: "test://me/{topic}/{id}.txt",
  policy: everyone,
  complete: {
    topic: (_context, others) => success(others.id === "1" ? ["Work"] : ["Work", "weather", "Sea"]),
  },
  async read({ topic, id }, { caller }) {
    // Gives other requests a turn in the middle of this one.
    await new Promise((resolve) => setImmediate(resolve));
    if (id === "absent") {
      return failure({
        reason: "no-such-note",
        message: "You have no such note.",
        isMissing: true,
      });
    }
    return success({
      text: `${caller.objectId} ${topic} ${id}`,
      mediaType: "text/markdown",
      meta: { a: 1 },
    });
  },
});

const picture = defineResource({
  name: "picture",
  title: "Picture",
  description: "A picture.",
  uri: "test://picture",
  mediaType: "image/png",
  size: 3,
  meta: { shown: true },
  policy: everyone,
  read: async () => success({ bytes: new Uint8Array([1, 2, 3]) }),
});

const report = definePrompt({
  name: "report",
  title: "Report",
  description: "Reports.",
  arguments: z.strictObject({
    topic: singleLine(20).describe("About what."),
    style: z.enum(["long", "short"]).optional().describe("How long it is."),
  }),
  policy: everyone,
  complete: { topic: async () => success(Array.from({ length: 150 }, (_, n) => `topic-${n}`)) },
  messages: async ({ topic, style = "short" }, { caller }) =>
    success((quote) => `A ${style} report for ${caller.objectId} about ${quote(topic)}.`),
});

const promptWith = (
  name: string,
  policy: ToolPolicy,
  messages: Parameters<typeof definePrompt>[0]["messages"] = async () => success(name),
) =>
  definePrompt({
    name,
    title: name,
    description: name,
    arguments: z.strictObject({}),
    policy,
    messages,
  });

const served = { resources: [note, picture], prompts: [report] };

describe.each(clientKinds)("a client of the kind %s", (kind) => {
  it(verifies("offers.resources", "lists and reads resources, and templates of them"), async () => {
    const client = await serveOffered(served).connect(kind);
    expect((await client.listResources()).resources).toEqual([
      {
        uri: "test://picture",
        name: "picture",
        title: "Picture",
        description: "A picture.",
        mimeType: "image/png",
        size: 3,
        _meta: { shown: true },
      },
    ]);
    expect((await client.listResourceTemplates()).resourceTemplates).toEqual([
      {
        uriTemplate: "test://me/{topic}/{id}.txt",
        name: "note",
        title: "Note",
        description: "A note of the caller's.",
      },
    ]);
    expect((await client.readResource({ uri: "test://picture" })).contents).toEqual([
      { uri: "test://picture", mimeType: "image/png", blob: "AQID" },
    ]);
    const uri = "test://me/Sea%20%26%20sand/7.txt";
    expect((await client.readResource({ uri })).contents).toEqual([
      { uri, mimeType: "text/markdown", text: "user-1 Sea & sand 7", _meta: { a: 1 } },
    ]);
  });

  it(verifies("offers.prompts", "lists prompts, and gets one with its arguments"), async () => {
    const client = await serveOffered(served).connect(kind);
    expect((await client.listPrompts()).prompts).toEqual([
      {
        name: "report",
        title: "Report",
        description: "Reports.",
        arguments: [
          { name: "topic", description: "About what.", required: true },
          { name: "style", description: "How long it is.", required: false },
        ],
      },
    ]);
    const get = async (given: Record<string, string>) => {
      const { messages } = await client.getPrompt({ name: "report", arguments: given });
      const [content] = messages.map((message) => message.content as { text: string });
      return withoutQuotations(String(content?.text));
    };
    expect(await get({ topic: "Sea" })).toBe("A short report for user-1 about Sea.");
    expect(await get({ topic: "Sea", style: "" })).toBe("A short report for user-1 about Sea.");
    expect(await get({ topic: "Sea", style: "long" })).toBe("A long report for user-1 about Sea.");
    await expect(get({ topic: "", style: "huge", extra: "1" })).rejects.toThrow(
      /arguments of report need correction:\n- topic: must not be empty\n- style: must be one of long, short\n- there is no argument "extra"/,
    );
  });

  it(verifies("offers.completion", "completes a variable and an argument"), async () => {
    const client = await serveOffered(served).connect(kind);
    const ref = { type: "ref/resource", uri: "test://me/{topic}/{id}.txt" } as const;
    const values = async (value: string, name = "topic", chosen: Record<string, string> = {}) =>
      (await client.complete({ ref, argument: { name, value }, context: { arguments: chosen } }))
        .completion.values;
    expect(await values("")).toEqual(["Work", "weather", "Sea"]);
    expect(await values("w")).toEqual(["Work", "weather"]);
    expect(await values("w", "topic", { id: "1" })).toEqual(["Work"]);
    expect(await values("w", "id")).toEqual([]);
    expect(await values("w", "constructor")).toEqual([]);
    const prompt = { type: "ref/prompt", name: "report" } as const;
    const { completion } = await client.complete({
      ref: prompt,
      argument: { name: "topic", value: "TOPIC-" },
    });
    expect(completion).toMatchObject({ total: 150, hasMore: true });
    expect(completion.values).toHaveLength(100);
    const unknown = { type: "ref/prompt", name: "absent" } as const;
    await expect(
      client.complete({ ref: unknown, argument: { name: "topic", value: "" } }),
    ).rejects.toThrow("There is no such prompt or resource template");
  });

  it(verifies("offers.policy", "sees, reads and completes only what is for it"), async () => {
    const administratorsOnly = { administratorsOnly: true };
    const resources = [
      picture,
      resourceWith("totals", async () => text("all"), administratorsOnly),
      resourceWith("audit", async () => text("all"), { roles: ["Auditor"] }),
    ];
    const prompts = [report, promptWith("totals_report", administratorsOnly)];
    const seen = async (isAdministrator: AdministratorCheck) => {
      const server = serveOffered({ resources, prompts, isAdministrator });
      const client = await server.connect(kind);
      const listed = (await client.listResources()).resources.map(({ name }) => name);
      const listedPrompts = (await client.listPrompts()).prompts.map(({ name }) => name);
      return { client, server, listed: [...listed, ...listedPrompts] };
    };
    const { client, server, listed } = await seen(async () => success(false));
    expect(listed).toEqual(["picture", "report"]);
    const refused: [() => Promise<unknown>, RegExp][] = [
      [() => client.readResource({ uri: "test://totals" }), /totals is for administrators only/],
      [() => client.readResource({ uri: "test://audit" }), /for people with the role Auditor/],
      [() => client.getPrompt({ name: "totals_report" }), /_report is for administrators only/],
      [
        () =>
          client.complete({
            ref: { type: "ref/prompt", name: "totals_report" },
            argument: { name: "topic", value: "" },
          }),
        /_report is for administrators only/,
      ],
    ];
    for (const [ask, words] of refused) await expect(ask()).rejects.toThrow(words);
    expect(server.lines.map(({ event, fields }) => [event, fields?.name, fields?.reason])).toEqual([
      ["audit.authorization", "totals", "not-an-administrator"],
      ["audit.authorization", "audit", "missing-role"],
      ["audit.authorization", "totals_report", "not-an-administrator"],
      ["audit.authorization", "totals_report", "not-an-administrator"],
    ]);
    const administrator = await seen(async () => success(true));
    expect(administrator.listed).toEqual(["picture", "totals", "report", "totals_report"]);
    const { contents } = await administrator.client.readResource({ uri: "test://totals" });
    expect(contents).toMatchObject([{ text: "all" }]);
    const unsure = await seen(async () => failure({ cause: "unavailable" }));
    expect(unsure.listed).toEqual(["picture", "report"]);
    const asking = unsure.client.readResource({ uri: "test://totals" });
    await expect(asking).rejects.toThrow("cannot be checked right now");
  });

  it(
    verifies("offers.failure", "reads what was written for it, and of the rest nothing"),
    async () => {
      const read = async (): Promise<never> => {
        throw new Error("marked-secret in an exception");
      };
      const refuses = async () =>
        failure({ reason: "out-of-paper", message: "There is no paper left. Refill it." });
      const server = serveOffered({
        resources: [resourceWith("throws", read), resourceWith("refuses", refuses)],
        prompts: [promptWith("throws", everyone, read), promptWith("refuses", everyone, refuses)],
      });
      const client = await server.connect(kind);
      const told: unknown[] = [];
      for (const ask of [
        () => client.readResource({ uri: "test://throws" }),
        () => client.readResource({ uri: "test://refuses" }),
        () => client.getPrompt({ name: "throws" }),
        () => client.getPrompt({ name: "refuses" }),
      ]) {
        told.push(await ask().catch((error: Error) => error.message));
      }
      expect(told).toEqual([
        expect.stringMatching(/The resource throws failed because of a problem in the server/),
        expect.stringMatching(/There is no paper left\. Refill it\.$/),
        expect.stringMatching(/The prompt throws failed because of a problem in the server/),
        expect.stringMatching(/There is no paper left\. Refill it\.$/),
      ]);
      expect(JSON.stringify([told, server.lines])).not.toContain("marked-secret");
      expect(
        server.lines.map(({ event, fields }) => [event, fields?.name, fields?.reason]),
      ).toEqual([
        ["resource.threw", undefined, undefined],
        ["audit.resource-read", "throws", "exception"],
        ["audit.resource-read", "refuses", "out-of-paper"],
        ["prompt.threw", undefined, undefined],
        ["audit.prompt-get", "throws", "exception"],
        ["audit.prompt-get", "refuses", "out-of-paper"],
      ]);
    },
  );

  it(verifies("offers.unknown", "is told of what there is not"), async () => {
    const server = serveOffered(served);
    const client = await server.connect(kind);
    for (const uri of ["test://nothing", "test://me/a/b/c.txt", "test://me/%zz/1.txt", "no uri"]) {
      const asking = client.readResource({ uri });
      await expect(asking).rejects.toMatchObject({ code: -32602, data: { uri } });
    }
    const uri = "test://me/work/absent.txt";
    await expect(client.readResource({ uri })).rejects.toMatchObject({
      message: expect.stringContaining("You have no such note."),
      code: -32602,
      data: { uri },
    });
    await expect(client.getPrompt({ name: "absent" })).rejects.toThrow("There is no such prompt.");
    expect(server.lines.map(({ fields }) => fields?.reason)).toEqual([
      ...Array(4).fill("unknown-resource"),
      "no-such-note",
      "unknown-prompt",
    ]);
  });
});

const readOf = (id: unknown, uri: string) => ({
  jsonrpc: "2.0",
  id,
  method: "resources/read",
  params: { uri },
});

describe("the server of resources and prompts", () => {
  it(verifies("offers.resources", "says that its answers are the caller's own"), async () => {
    const server = serveOffered(served);
    const asked: [string, object, string?][] = [
      ["resources/list", { ttlMs: 60_000, cacheScope: "private" }],
      ["resources/templates/list", { ttlMs: 60_000, cacheScope: "private" }],
      ["prompts/list", { ttlMs: 60_000, cacheScope: "private" }],
      ["resources/read", { ttlMs: 0, cacheScope: "private" }, "test://picture"],
    ];
    for (const [method, hints, uri] of asked) {
      const response = await server.modern(method, { uri }, uri);
      expect(await response.json()).toMatchObject({ result: hints });
    }
    const discover = await server.modern("server/discover", {});
    const none = { listChanged: false };
    expect(await discover.json()).toMatchObject({
      result: {
        capabilities: { tools: none, resources: none, prompts: none, completions: {} },
        instructions: expect.stringMatching(/^For tests\. Today is \d{4}-\d\d-\d\d \(UTC\)\.$/),
      },
    });
    // A server without any declares none, and knows none of the methods.
    const bare = serveOffered({});
    expect(await (await bare.modern("server/discover", {})).text()).toContain(
      '"capabilities":{"tools":{"listChanged":false}}',
    );
    expect(await (await bare.modern("resources/list", {})).text()).toContain("-32601");
  });

  it(
    verifies("offers.resources", "says of a list made during an outage not to keep it"),
    async () => {
      const server = serveOffered({
        resources: [resourceWith("totals", async () => text(""), { administratorsOnly: true })],
        isAdministrator: async () => failure({ cause: "graph-unavailable" }),
      });
      const response = await server.modern("resources/list", {});
      expect(await response.json()).toMatchObject({ result: { ttlMs: 0, resources: [] } });
      expect(server.lines.map(({ event }) => event)).toEqual(["resource.hidden"]);
    },
  );

  it(verifies("mcp.today", "tells the day of the request"), async () => {
    const now = () => Date.parse("2028-02-29T23:59:59Z");
    const client = await serveOffered({ now, instructions: "" }).connect("legacy");
    expect(client.getInstructions()).toBe("Today is 2028-02-29 (UTC).");
  });

  it(verifies("offers.step-up", "asks for a further scope by 403"), async () => {
    const policy = { scopes: ["notes.read"] };
    const server = serveOffered({
      resources: [resourceWith("scoped", async () => text("in"), policy)],
      prompts: [promptWith("scoped", policy)],
    });
    const uri = "test://scoped";
    const asking = [
      () => server.modern("resources/read", { uri }, uri),
      () => server.modern("prompts/get", { name: "scoped" }, "scoped"),
      () => server.legacy(readOf(1, uri)),
      () => server.legacy([readOf(1, uri), readOf(2, uri)]),
    ];
    for (const ask of asking) {
      const response = await ask();
      expect(response.status).toBe(403);
      const challenge = String(response.headers.get("www-authenticate"));
      expect(challenge).toContain('scope="api://mcp/user_impersonation api://mcp/notes.read"');
    }
    expect(new Set(server.lines.map(({ fields }) => fields?.name))).toEqual(new Set(["scoped"]));
    expect(server.lines).toHaveLength(4);
    const caller = callerWith("user-1", { scopes: ["user_impersonation", "notes.read"] });
    const client = await server.connect("modern", caller);
    expect((await client.readResource({ uri })).contents).toMatchObject([{ text: "in" }]);
    expect((await client.getPrompt({ name: "scoped" })).messages).toHaveLength(1);
  });

  it(
    verifies("offers.sign-in", "challenges for what a sign-in lacks, alone or in a batch"),
    async () => {
      const demands = resourceWith("demands", async () =>
        failure({ reason: "claims", message: "Sign in again.", claims: '{"access_token":{}}' }),
      );
      const ended = resourceWith("ended", async () =>
        failure({ reason: "sign-in-ended", message: "Sign in again.", isSignInEnded: true }),
      );
      const server = serveOffered({ resources: [demands, ended] });
      const capable = callerWith("user-1", { handlesClaimsChallenges: true });
      const challenged = await server.legacy(readOf(1, "test://demands"), capable);
      expect([challenged.status, claimsIn(challenged)]).toEqual([401, '{"access_token":{}}']);
      expect((await server.legacy(readOf(1, "test://ended"))).status).toBe(401);
      expect(server.lines.map(({ fields }) => fields?.outcome)).toEqual([
        "challenged",
        "challenged",
      ]);
      const incapable = await server.legacy(readOf(1, "test://demands"));
      expect(await incapable.text()).toContain("Sign in again.");
      const batch = [readOf(1, "test://demands"), readOf(2, "test://ended")];
      const told = await (await server.legacy(batch, capable)).text();
      expect(told.match(/Sign in again\./g)).toHaveLength(2);
    },
  );

  it(
    verifies("offers.long-uri", "knows no resource by a URI that is too long to be told back"),
    async () => {
      for (const length of [1_001, 1_100_000]) {
        const server = serveOffered(served);
        const uri = `test://me/a/${"b".repeat(length)}.txt`;
        const batch = [readOf(1, uri), readOf(2, "test://picture")];
        const told = await (await server.legacy(batch)).text();
        expect(told.length).toBeLessThan(2_000);
        expect(told).toContain("There is no such resource.");
        expect(told).toContain("image/png");
        expect(server.lines[0]).toMatchObject({
          event: "audit.resource-read",
          fields: { outcome: "failed", reason: "unknown-resource" },
        });
      }
    },
  );

  it(
    verifies("offers.size", "refuses contents that are too large, unless they may be"),
    async () => {
      const large = "é".repeat(200_000);
      const read = async () => text(large);
      const allowed = defineResource({
        name: "allowed",
        title: "Allowed",
        description: "Large.",
        uri: "test://allowed",
        maximumBytes: 1_000_000,
        policy: everyone,
        read,
      });
      const wordy = definePrompt({
        name: "wordy",
        title: "Wordy",
        description: "Large.",
        arguments: z.strictObject({}),
        policy: everyone,
        messages: async () => success(large),
      });
      const server = serveOffered({
        resources: [resourceWith("large", read), allowed],
        prompts: [wordy],
      });
      for (const kind of clientKinds) {
        const client = await server.connect(kind);
        await expect(client.readResource({ uri: "test://large" })).rejects.toThrow(/Ask for less/);
        await expect(client.getPrompt({ name: "wordy" })).rejects.toThrow(/Ask for less/);
        const { contents } = await client.readResource({ uri: "test://allowed" });
        expect(contents).toMatchObject([{ text: large }]);
      }
      expect(server.lines[0]?.fields).toMatchObject({ name: "large", reason: "output-too-large" });
    },
  );

  it(
    verifies("offers.batch-in-turn", "serves a batch one after another, and calls too"),
    async () => {
      const calls = { running: 0, atOnce: 0, begun: 0 };
      const work = async () => {
        calls.begun += 1;
        calls.running += 1;
        calls.atOnce = Math.max(calls.atOnce, calls.running);
        await new Promise((resolve) => setImmediate(resolve));
        calls.running -= 1;
      };
      const tool = defineTool({
        name: "works",
        title: "Works",
        description: "Works.",
        annotations: { readOnlyHint: true },
        inputSchema: z.strictObject({}),
        outputSchema: z.object({}),
        policy: everyone,
        async handler() {
          await work();
          return success({});
        },
        present: () => "done",
      });
      const server = serveOffered({
        tools: [tool],
        resources: [
          resourceWith("works", async () => {
            await work();
            return text("x".repeat(200_000));
          }),
        ],
        prompts: [
          promptWith("works", everyone, async () => {
            await work();
            return success("done");
          }),
        ],
      });
      const call = { jsonrpc: "2.0", id: 98, method: "tools/call", params: { name: "works" } };
      const get = { jsonrpc: "2.0", id: 99, method: "prompts/get", params: { name: "works" } };
      const reads = Array.from({ length: 8 }, (_, id) => readOf(id, "test://works"));
      const response = await server.legacy([call, get, ...reads]);
      const events = (await response.text()).match(/(?<=^data: ).*/gm) ?? [];
      expect(events).toHaveLength(10);
      // In which order is the SDK's, and after six long answers no more begins.
      expect(calls).toMatchObject({ running: 0, atOnce: 1 });
      const undone = events.filter((event) => event.includes("works was not carried out"));
      expect(undone.length).toBeGreaterThanOrEqual(2);
      expect(calls.begun + undone.length).toBe(10);
      const reasons = server.lines.map(({ event, fields }) => [
        event,
        fields?.name,
        fields?.reason,
      ]);
      expect(reasons).toContainEqual(["audit.resource-read", "works", "batch-too-large"]);
    },
  );

  it(verifies("offers.failure", "tells of a resource that takes too long"), async () => {
    const server = serveOffered({
      resources: [resourceWith("never", () => new Promise(() => {}))],
    });
    const response = await inTheEnd(() => server.legacy(readOf(1, "test://never")));
    expect(await response.text()).toMatch(/never took too long|not answered in time/);
  });

  it(
    verifies("offers.isolation", "keeps 1,000 interleaved reads of two callers apart"),
    async () => {
      const server = serveOffered(served);
      const uri = "test://me/work/1.txt";
      const answers = await Promise.all(
        Array.from({ length: 1000 }, async (_, index) => {
          const caller = callerWith(`user-${index % 2}`);
          const response =
            index % 4 < 2
              ? await server.modern("resources/read", { uri }, uri, caller)
              : await server.legacy(readOf(1, uri), caller);
          return (await response.text()).includes(`user-${index % 2} work 1`);
        }),
      );
      expect(answers.filter((isOwn) => isOwn)).toHaveLength(1000);
    },
  );

  it(verifies("offers.names", "refuses two of one name, or of one URI"), () => {
    const one = resourceWith("one", async () => text(""));
    expect(() => serveOffered({ resources: [one, one] })).toThrow("Two resources have the name");
    const same = { ...one, name: "other" };
    expect(() => serveOffered({ resources: [one, same] })).toThrow("have the URI test://one");
    expect(() => serveOffered({ prompts: [report, report] })).toThrow("Two prompts have the name");
  });

  it(verifies("offers.names", "refuses a template that has more than names in it"), () => {
    const withTemplate = (uriTemplate: string) =>
      defineResource({
        name: "many",
        title: "Many",
        description: "Many.",
        uriTemplate,
        policy: everyone,
        read: async () => text(""),
      });
    for (const template of ["test://{+path}", "test://{a}{b}", "test://{a*}", "test://x{?q}"]) {
      expect(() => withTemplate(template)).toThrow(TypeError);
    }
  });
});
