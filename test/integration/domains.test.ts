import { describe, expect, it } from "vitest";
import { askingClient, confirmationIn } from "../mcp/approvals/set-up.ts";
import { verifies } from "../requirements.ts";
import {
  type ConnectedClient,
  clientKinds,
  connectClient,
  plainTextOf,
  textOf,
} from "../support/clients.ts";
import { sample, second, testedDomains } from "../support/domains.ts";
import { connectSigningIn, createSigningInProvider } from "../support/person.ts";
import { sharedStack } from "../support/shared-stack.ts";
import { runCommand } from "../support/stack.ts";

const [user1, user2] = ["user1@contoso.example", "user2@contoso.example"];

describe.each(testedDomains)("the laptop stack with the domain $name", (tested) => {
  const { domain, store, list } = tested;
  const { running, folder, tokenOf, restart } = sharedStack(tested);
  const mcp = () => new URL(running().mcp);
  const connect = async (username: string, kind: (typeof clientKinds)[number] = "modern") =>
    connectClient(kind, mcp(), { accessToken: await tokenOf(username) });
  const listed = async (client: Pick<ConnectedClient, "callTool">) =>
    plainTextOf(await client.callTool(list));

  it(verifies(["domain.second", "domain.start"], "is ready, and tells what it is"), async () => {
    const ready = await fetch(new URL("/health/ready", mcp()));
    expect([ready.status, await ready.json()]).toEqual([
      200,
      {
        status: "ready",
        dependencies: { entra: "ok", cosmos: "ok", storage: "ok", gateway: "ok" },
      },
    ]);
    const metadata = await fetch(new URL("/.well-known/oauth-protected-resource/mcp", mcp()));
    expect(await metadata.json()).toMatchObject({ resource_name: domain.title });
    const client = await connect(user1);
    expect(client.getServerVersion()).toMatchObject({ name: domain.name, title: domain.title });
  });

  describe.each(clientKinds)("a client of the kind %s that knows nothing but the URL", (kind) => {
    it(
      verifies(
        ["client.sign-in", "client.refresh", "domain.second"],
        "finds where to sign in, registers, signs in, calls tools, and refreshes its token",
      ),
      async () => {
        const memory = createSigningInProvider(user1);
        const client = await connectSigningIn(kind, mcp(), memory);
        expect(memory.callback().searchParams.get("iss")).toBe(running().authority);
        const names = (await client.listTools()).tools.map(({ name }) => name);
        expect(names).toEqual(expect.arrayContaining([store("").name, list.name]));

        const text = `Stored by a ${kind} client`;
        const index = clientKinds.indexOf(kind);
        expect(textOf(await client.callTool(store(text, index)))).toContain(text);
        memory.spoilAccessToken();
        expect(await listed(client)).toContain(text);
        expect(memory.signIns()).toBe(1);
        await client.close();
      },
    );
  });

  describe("a call that needs approval", () => {
    it(
      verifies(
        ["approval.system", "domain.second"],
        "is put to a person whose client can ask them, who says no, then yes",
      ),
      async () => {
        const accessToken = await tokenOf(user1);
        const answers = ["decline", "accept"] as const;
        const { client, questions } = await askingClient(mcp(), { accessToken }, answers);
        const text = "Lunch to be asked about";
        const removal = tested.remove(await client.callTool(store(text, 3)));

        expect(textOf(await client.callTool(removal))).toBe(
          "Nothing was done: the person declined.",
        );
        expect(await listed(client)).toContain(text);
        const removed = plainTextOf(await client.callTool(removal));
        expect(removed).toMatch(tested.removed);
        expect(removed).toContain(text);
        expect(await listed(client)).not.toContain(text);
        expect(questions.map(({ message }) => message)).toEqual(
          Array(2).fill(expect.stringContaining(text)),
        );
        await client.close();
      },
    );

    it.each(clientKinds)(
      verifies(
        ["approval.system", "domain.second"],
        "takes a client of the kind %s that cannot ask a second call, once, and its person's own only",
      ),
      async (kind) => {
        const client = await connect(user1, kind);
        const text = `Lunch of a ${kind} client`;
        const stored = await client.callTool(store(text, 4 + clientKinds.indexOf(kind)));
        const { name, arguments: toolArguments } = tested.remove(stored);
        const remove = (by: ConnectedClient, further: { confirmation?: string } = {}) =>
          by.callTool({ name, arguments: { ...toolArguments, ...further } });

        const confirmation = confirmationIn(await remove(client));
        const other = await connect(user2, kind);
        expect(textOf(await remove(other))).toMatch(tested.notTheirs);
        expect(textOf(await remove(other, { confirmation }))).toContain("belongs to somebody else");
        expect(await listed(client)).toContain(text);

        const outcomes = await Promise.all(
          Array.from({ length: 5 }, () => remove(client, { confirmation })),
        );
        const texts = outcomes.map(plainTextOf);
        expect(texts.filter((outcome) => tested.removed.test(outcome))).toHaveLength(1);
        expect(texts.filter((outcome) => outcome.includes("already been used"))).toHaveLength(4);
        expect(await listed(client)).not.toContain(text);
        await running().logged("approval-already-used");
        expect(running().logs()).not.toContain(confirmation);
      },
    );
  });

  const total = tested === sample ? 1000 : 200;

  it(verifies(
    ["isolation.concurrent", "domain.second"],
    `gives two people who make ${total} interleaved calls their own answers`,
  ), async () => {
    const people = await Promise.all(
      [user1, user2].map(async (username) => {
        const clients = [await connect(username, "modern"), await connect(username, "legacy")];
        await clients[0]?.callTool(store(`Only ${username} may read this`, 7));
        return { username, clients };
      }),
    );
    const answers: { username: string | undefined; result: unknown }[] = [];
    const waiting = people.map((_, person) =>
      Array.from({ length: total / 2 }, (_, index) => 2 * index + person).values(),
    );
    // All that one person may have running and waiting, and the other too.
    const callers = Array.from({ length: 24 }, async (_, caller) => {
      for (const index of waiting[caller % 2] ?? []) {
        const person = people[index % 2];
        const client = person?.clients[Math.floor(index / 2) % 2];
        const call = index % 4 < 2 ? (tested.onBehalf ?? list) : list;
        const result =
          tested.resource !== undefined && index % 3 === 0
            ? await client?.readResource({ uri: tested.resource })
            : await client?.callTool(call);
        answers.push({ username: person?.username, result });
      }
    });
    await Promise.all(callers);
    expect(answers).toHaveLength(total);
    for (const { username, result } of answers) {
      expect(result).not.toMatchObject({ isError: true });
      const shown = JSON.stringify(result);
      expect(shown).toContain(username);
      for (const other of people.filter((person) => person.username !== username)) {
        expect(shown).not.toContain(other.username);
      }
    }
  }, 120_000);

  it(verifies("domain.second", "logs no token, and nothing of what people store"), async () => {
    const accessToken = await tokenOf(user1);
    const client = await connectClient("modern", mcp(), { accessToken });
    await client.callTool(store("Words of nobody's business", 8));
    const [header, payload, signature] = accessToken.split(".");
    const logs = running().logs();
    expect(logs).toContain(store("").name);
    for (const secret of [`${header}.${payload}`, String(signature), "nobody's business"]) {
      expect(logs).not.toContain(secret);
    }
  });

  // What others show of the sample.
  if (tested === second) {
    it(verifies("domain.second", "has nothing wrong for the authorization suite"), async () => {
      const { code, stdout, stderr } = await runCommand("probe/authsuite/main.ts", [
        ...["--laptop", running().port, "--data", folder(), "--json"],
      ]);
      const { checks }: { checks: { id: string; outcome: string }[] } = JSON.parse(stdout);
      const met = ["pass", "not-applicable"];
      expect(checks.filter(({ outcome }) => !met.includes(outcome))).toEqual([]);
      expect(checks.length).toBeGreaterThan(100);
      expect([code, stderr]).toEqual([0, ""]);
    });

    it(verifies("domain.second", "has nothing that the doctor finds wrong"), async () => {
      const { code, stdout } = await runCommand(
        "probe/doctor/main.ts",
        [running().mcp, "--call", `--origin=${mcp().origin}`],
        { ...process.env, MCP_TOKEN: await tokenOf(user1) },
      );
      expect(stdout).not.toMatch(/^ {2}(?:FAIL|skip|\?\?\?)/m);
      expect(stdout).toContain(list.name);
      expect(code).toBe(0);
    });

    it(verifies("domain.second", "has all of it again after a restart"), async () => {
      const accessToken = await tokenOf(user1);
      const before = await connectClient("legacy", mcp(), { accessToken });
      await before.callTool(store("Kept over the restart", 9));
      const all = await listed(before);
      await restart();
      const after = await connectClient("modern", mcp(), { accessToken });
      expect(all).toContain("Kept over the restart");
      expect(await listed(after)).toBe(all);
    }, 120_000);
  }
});
