import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { connectBridged } from "../support/bridged-client.ts";
import {
  type ClientKind,
  type ConnectedClient,
  clientKinds,
  connectClient,
  type ToolResult,
  textOf,
} from "../support/clients.ts";
import { connectSigningIn, createSigningInProvider } from "../support/person.ts";
import { sharedStack } from "../support/shared-stack.ts";

const { running, tokenOf } = sharedStack();

/** What a model learns of an answer, whose host hands it one form of it and not the other. */
interface Eye {
  readonly sees: "text" | "structured content";
  /** One value of an answer: by `pattern` in the text, or at `path` in the structured content. */
  value(result: ToolResult, path: string, pattern: RegExp): string;
}

const eyes: readonly Eye[] = [
  {
    sees: "text",
    value(result, _path, pattern) {
      const [, found] = pattern.exec(textOf(result)) ?? [];
      expect(found, `${pattern} in ${textOf(result)}`).toBeDefined();
      return String(found);
    },
  },
  {
    sees: "structured content",
    value({ structuredContent }, path) {
      let value: unknown = structuredContent;
      for (const name of path.split(".")) {
        value = (value as Record<string, unknown> | undefined)?.[name];
      }
      expect(value, `${path} in ${JSON.stringify(structuredContent)}`).toBeDefined();
      return String(value);
    },
  },
];

const onePixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const confirmation = ["confirmation", /^([\w-]{60,99})$/m] as const;

const ways = ["HTTP", "the bridge", "the gateway"] as const;

async function connect(
  kind: ClientKind,
  way: (typeof ways)[number],
  username: string,
): Promise<ConnectedClient> {
  if (way === "the bridge") return connectBridged(kind, running(), username);
  if (way === "the gateway") {
    const url = new URL(running().gateway);
    return connectSigningIn(kind, url, createSigningInProvider(username));
  }
  return connectClient(kind, new URL(running().mcp), { accessToken: await tokenOf(username) });
}

describe.each(clientKinds.flatMap((kind) => ways.map((way) => ({ kind, way }))))(
  "everything, by the client $kind over $way",
  ({ kind, way }) => {
    it.each(eyes)(
      verifies(
        ["product.walk", "product.each-form", "bridge.everything", "gateway.everything"],
        "is reached by $sees alone",
      ),
      async ({ value }) => {
        const client = await connect(kind, way, "user1@contoso.example");
        const used = new Set<string>();
        const call = async (name: string, given: Record<string, unknown> = {}) => {
          used.add(name);
          const result = await client.callTool({ name, arguments: given });
          expect(result.isError, textOf(result)).not.toBe(true);
          return result;
        };
        /** Calls a tool that asks first, and once more with the confirmation. */
        const callTwice = async (name: string, given: Record<string, unknown> = {}) => {
          const asked = await call(name, given);
          return call(name, { ...given, confirmation: value(asked, ...confirmation) });
        };
        const description = `Tea ${randomUUID()}`;
        const date = "2026-11-05";
        const added = await call("add_user_expense", {
          date,
          amount: 4.2,
          category: "food",
          description,
          payment_method: "visa",
        });
        const id = value(added, "expense.id", /\bid ([\w-]+)/);
        const updated = await call("update_user_expense", {
          id,
          version: value(added, "expense.version", /\bversion ([\w-]+)/),
          payment_method: "cash",
        });
        expect(value(updated, "expense.payment_method", /\((?:food, )(cash)/)).toBe("cash");
        const found = await call("get_user_expenses", { text: description, from: date, to: date });
        expect(value(found, "expenses.0.id", /\bid ([\w-]+)/)).toBe(id);
        const attached = await call("attach_receipt", { id, data: onePixel, name: "tea.png" });
        const receipt = value(attached, "receipt_uri", /(expenses:\/\/\S+)/);
        const { contents } = await client.readResource({ uri: receipt });
        expect(contents).toMatchObject([{ mimeType: "image/png", blob: onePixel }]);

        const summary = await call("get_user_expense_summary", { from: date, to: date, by: "day" });
        expect(Number(value(summary, "sums.0.spent", /([\d.]+) USD/))).toBeGreaterThanOrEqual(4.2);
        const checked = await call("import_user_expenses", {
          text: `${date} ${description} 3.10`,
          category: "food",
          payment_method: "cash",
          purchase_sign: "positive",
        });
        const importId = value(checked, "import_id", /import_id ([\w-]+)/);
        const imported = await call("import_user_expenses", { import_id: importId });
        expect(value(imported, "count", /(\d+) lines? stored/)).toBe("1");

        const exported = await call("export_user_data", { from: date, to: date });
        const file = value(exported, "months.0.csv", /(expenses:\/\/me\/months\/\S+\.csv)/);
        const csv = (await client.readResource({ uri: file })).contents[0]?.text;
        expect(csv?.split(description)).toHaveLength(3);
        await call("get_user_details");

        await callTwice("delete_user_expense", { id });
        await expect(client.readResource({ uri: receipt })).rejects.toThrow(/receipt|expense/);
        await callTwice("delete_user_data");
        await client.close();
        // With their data a person's connections through the gateway have ended.
        const later = await connect(kind, way, "user1@contoso.example");
        const left = await later.callTool({ name: "get_user_expenses", arguments: {} });
        expect(textOf(left)).toContain("No expenses.");

        const { tools } = await later.listTools();
        expect(tools.map(({ name }) => name).sort()).toEqual([...used].sort());
        await later.close();
      },
    );

    it(
      verifies(
        ["product.walk", "bridge.everything", "gateway.everything"],
        "includes each resource, template, prompt and completion",
      ),
      async () => {
        const client = await connect(kind, way, "user1@contoso.example");
        const { resources } = await client.listResources();
        for (const { uri } of resources) {
          const [content] = (await client.readResource({ uri })).contents;
          expect(content).toMatchObject({
            uri,
            mimeType: expect.any(String),
            text: expect.any(String),
          });
        }
        expect(resources.map(({ uri }) => uri)).toContain("expenses://me/profile");
        const { resourceTemplates } = await client.listResourceTemplates();
        expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate).sort()).toEqual([
          "expenses://me/expenses/{id}",
          "expenses://me/expenses/{id}/receipts/{receipt}",
          "expenses://me/months/{month}/{category}.csv",
          "expenses://me/months/{month}/{category}.json",
        ]);
        const ref = {
          type: "ref/resource",
          uri: "expenses://me/months/{month}/{category}.csv",
        } as const;
        const ofCategories = await client.complete({
          ref,
          argument: { name: "category", value: "f" },
        });
        expect(ofCategories.completion.values).toEqual(["food"]);
        const ofMonths = await client.complete({ ref, argument: { name: "month", value: "20" } });
        expect(ofMonths.completion.values[0]).toMatch(/^20\d\d-\d\d$/);

        const { prompts } = await client.listPrompts();
        const given: Record<string, Record<string, string>> = {
          monthly_report: { month: "2026-11" },
          categorise_statement: {},
          reimbursement_claim: { from: "2026-11-01", to: "2026-11-30" },
        };
        expect(prompts.map(({ name }) => name).sort()).toEqual(Object.keys(given).sort());
        for (const [name, values] of Object.entries(given)) {
          const { messages } = await client.getPrompt({ name, arguments: values });
          expect(JSON.stringify(messages)).toMatch(/get_user_|import_user_/);
        }
        await client.close();
      },
    );

    it(
      verifies(["product.walk", "gateway.everything"], "includes what is for administrators"),
      async () => {
        const client = await connect(kind, way, "admin@contoso.example");
        const stats = await client.callTool({
          name: "get_expense_stats",
          arguments: { from: "2026-11-01", to: "2026-11-30" },
        });
        expect(stats.isError, textOf(stats)).not.toBe(true);
        await client.close();
      },
    );
  },
);
