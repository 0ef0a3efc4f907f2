import { afterEach, describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { connectClient, textOf } from "../support/clients.ts";
import { connectSigningIn, createSigningInProvider } from "../support/person.ts";
import { control, sharedStack } from "../support/shared-stack.ts";
import { toolCallMessage, toolCallRequest } from "../support/tool-call-request.ts";

const username = "user1@contoso.example";
/** What a client says of itself that can handle a claims challenge. */
const capable = { xms_cc: { values: ["cp1"] } };

const { running, tokenOf } = sharedStack();

afterEach(async () => {
  await fetch(new URL("/_local/demands", running().authority), { method: "DELETE" });
});

const tokenWith = (claims: object) => tokenOf(username, JSON.stringify({ access_token: claims }));

const revisions = { modern: "2026-07-28", legacy: "2025-11-25" } as const;

function callDetails(era: keyof typeof revisions, token: string): Promise<Response> {
  const revision = revisions[era];
  const call = toolCallMessage(revision, { name: "get_user_details" });
  return fetch(toolCallRequest(running().mcp, revision, token, call));
}

/** The claims of a challenge, decoded. */
function claimsOf(response: Response): { access_token: Record<string, unknown> } {
  const encoded = /claims="([^"]+)"/.exec(response.headers.get("www-authenticate") ?? "")?.[1];
  return JSON.parse(Buffer.from(String(encoded), "base64").toString());
}

describe.each(["modern", "legacy"] as const)("in the %s era", (era) => {
  it(
    verifies(
      "claims.circle",
      "a client that can handle a challenge is challenged, fulfils it, and is served",
    ),
    async () => {
      await control(running().authority, "/_local/demands", { username });
      const challenged = await callDetails(era, await tokenWith(capable));
      expect(challenged.status).toBe(401);
      expect(challenged.headers.get("www-authenticate")).toContain('error="insufficient_claims"');
      expect(challenged.headers.get("cache-control")).toBe("no-store");

      const claims = claimsOf(challenged);
      const served = await callDetails(
        era,
        await tokenWith({ ...capable, ...claims.access_token }),
      );
      expect(served.status).toBe(200);
      expect(await served.text()).toContain("Uma First");
    },
  );
});

it(
  verifies("claims.own", "a challenge reaches the caller it is for alone, many and interleaved"),
  async () => {
    await control(running().authority, "/_local/demands", { username });
    const demanded = await tokenWith(capable);
    const incapable = await tokenWith({});
    const other = await tokenOf("user2@contoso.example", JSON.stringify({ access_token: capable }));
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const era = index % 2 === 0 ? "modern" : "legacy";
        const token = [demanded, incapable, other][index % 3] ?? "";
        const response = await callDetails(era, token);
        const text = await response.text();
        return [response.status, text.includes("further sign-in"), text.includes("d5483b9f")];
      }),
    );
    const expected = [
      [401, true, false],
      [200, true, false],
      [200, false, true],
    ];
    expect(outcomes).toEqual(Array.from({ length: 60 }, (_, index) => expected[index % 3]));
  },
);

it(
  verifies(
    "claims.incapable",
    "a client that cannot handle a challenge is told what the person must do",
  ),
  async () => {
    await control(running().authority, "/_local/demands", { username });
    const client = await connectClient("modern", new URL(running().mcp), {
      accessToken: await tokenWith({}),
    });
    const result = await client.callTool({ name: "get_user_details", arguments: {} });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain("further sign-in step");
  },
);

describe("a sign-in that has ended", () => {
  /** A client that is signed in as somebody whose exchanges are refused with `code` from now on. */
  async function signedIn(code: string, onRefused: () => Promise<unknown>) {
    const person = createSigningInProvider(username);
    const sent: string[] = [];
    const watched = async (input: string | URL, init?: RequestInit) => {
      const response = await fetch(input, init);
      if (!String(input).includes("well-known")) {
        sent.push(`${new URL(input).pathname.split("/").at(-1)} ${response.status}`);
      }
      if (String(input) === running().mcp && response.status === 401) await onRefused();
      return response;
    };
    const mcp = new URL(running().mcp);
    const client = await connectSigningIn("modern", mcp, person, { fetch: watched });
    sent.length = 0;
    await control(running().authority, "/_local/demands", { username, code });
    const call = () => client.callTool({ name: "get_user_details", arguments: {} });
    return { call, sent, signIns: person.signIns };
  }
  const endDemands = () =>
    fetch(new URL("/_local/demands", running().authority), { method: "DELETE" });

  it.each(["AADSTS500133", "AADSTS50173"])(
    verifies("challenge.sign-in-ended", "has the official client refresh and go on, after %s"),
    async (code) => {
      const { call, sent } = await signedIn(code, endDemands);
      expect(textOf(await call())).toContain("Uma First");
      expect(sent).toEqual(["mcp 401", "token 200", "mcp 200"]);
    },
  );

  it(
    verifies("challenge.sign-in-ended", "makes no loop where the next token is no better"),
    async () => {
      const { call, sent } = await signedIn("AADSTS50173", async () => {});
      await expect(call()).rejects.toThrow();
      expect(sent.filter((line) => line === "mcp 401")).toHaveLength(2);
    },
  );

  it(
    verifies("challenge.sign-in-ended", "is not claimed where the server is not set up right"),
    async () => {
      for (const code of ["AADSTS500011", "AADSTS500131", "AADSTS65001", "AADSTS7000215"]) {
        const { call, sent } = await signedIn(code, async () => {});
        expect(await call()).toMatchObject({ isError: true });
        expect(sent).toEqual(["mcp 200"]);
        await endDemands();
      }
    },
  );
});

it(
  verifies(
    "claims.graph",
    "a challenge of Graph is passed on once the repeated exchange asks for interaction",
  ),
  async () => {
    const person = running().accounts.find((account) => account.username === username);
    const token = await tokenWith(capable);
    // Graph challenges; the authority, asked again with the claims, is content: nobody notices.
    await control(running().graph, "/_local/challenge", { objectId: person?.oid, count: 1 });
    const unnoticed = await callDetails("modern", token);
    expect([unnoticed.status, await unnoticed.text()]).toEqual([
      200,
      expect.stringContaining("Uma First"),
    ]);

    // Graph challenges, and now the authority wants the person.
    await control(running().authority, "/_local/demands", { username });
    await control(running().graph, "/_local/challenge", { objectId: person?.oid, count: 1 });
    const challenged = await callDetails("modern", token);
    expect(challenged.status).toBe(401);
    expect(claimsOf(challenged)).toHaveProperty("access_token");
  },
);
