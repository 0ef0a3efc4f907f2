import type { Tool } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import {
  describeDomain,
  listedOffers,
  listedTools,
  mostTools,
  offersSnapshot,
  toolsSnapshot,
} from "../../scripts/describe-domain.ts";
import { staleDomainFiles } from "../../scripts/domain-files.ts";
import { ConfigurationError, readSettings } from "../../src/config.ts";
import { defineDomain, instructionsOf } from "../../src/define-domain.ts";
import { userContainer } from "../../src/storage/user-items.ts";
import { verifies } from "../requirements.ts";
import { connectApp } from "../support/call-tool.ts";
import { composeForTest, host, testEnvironment } from "../support/composed.ts";
import { second, testedDomains } from "../support/domains.ts";

describe.each(testedDomains)("the domain $name", ({ name, domain, badSetting }) => {
  const tools = listedTools(domain);

  it(
    verifies("domain.one-value", "is what clients and people are told that the server is"),
    async () => {
      const app = await composeForTest(domain, {
        adapters: { openContainer: async () => ({}) as never },
      });
      const metadata = await app.protectedResourceMetadata(
        new Request(`https://${host}/.well-known/oauth-protected-resource/mcp`, {
          headers: { host },
        }),
        { id: "invocation", log: () => {} },
      );
      expect(await metadata.json()).toMatchObject({ resource_name: domain.title });

      const client = await connectApp(app);
      expect(client.getServerVersion()).toMatchObject({ name: domain.name, title: domain.title });
      const settings = readSettings(testEnvironment, domain.settings).domain;
      const instructions = instructionsOf(domain, settings);
      const today = new Date(app.clock.now()).toISOString().slice(0, 10);
      expect(client.getInstructions()).toBe(`${instructions} Today is ${today} (UTC).`);
      const listed = (await client.listTools()).tools.map((tool) => tool.name);
      expect(listed).toEqual(tools.map((tool) => tool.name));
    },
  );

  it(
    verifies("domain.settings-together", "has its settings reported together with the server's"),
    () => {
      const read = () => readSettings({ [badSetting.name]: badSetting.value }, domain.settings);
      expect(read).toThrow(ConfigurationError);
      expect(read).toThrow("ENTRA_TENANT_ID is missing");
      expect(read).toThrow(badSetting.problem);
    },
  );

  it(
    verifies(
      "tools.definitions",
      "defines its tools as the snapshot says: names, words, schemas, annotations",
    ),
    async () => {
      const file = `../${name}/tools.snapshot.json`;
      await expect(toolsSnapshot(domain)).toMatchFileSnapshot(file);
      expect(tools.length).toBeLessThanOrEqual(mostTools);
    },
  );

  it(
    verifies("offers.definitions", "offers resources and prompts as the snapshot says"),
    async () => {
      const offers = listedOffers(domain);
      // A file for nothing would have to be explained.
      if (offers.length === 0) return;
      await expect(offersSnapshot(domain)).toMatchFileSnapshot(`../${name}/offers.snapshot.json`);
    },
  );

  it(
    verifies("tool.sizes", "leaves room for other servers' definitions in a model's context"),
    async () => {
      const app = await composeForTest(domain);
      const client = await connectApp(app);
      // As an administrator, who sees all of them.
      const listed = (await client.listTools()).tools as Tool[];
      expect(listed.map((tool) => tool.name)).toEqual(tools.map((tool) => tool.name));
      const definitions = listed.map(({ outputSchema: _schema, ...definition }) => definition);
      const outputs = listed.map(({ outputSchema }) => outputSchema);
      expect(outputs).not.toContain(undefined);
      expect(JSON.stringify(definitions).length).toBeLessThan(13_000);
      expect(JSON.stringify(outputs).length).toBeLessThan(18_000);
    },
  );

  it(verifies("domain.own-containers", "cannot take the gateway's container for its own"), () => {
    const taken = { ...domain, containers: { gateway: userContainer([]) } };
    expect(() => defineDomain(taken as never)).toThrow(/container .* the name "gateway"/);
  });

  it(verifies("domain.scope", "says of its scope what people would not expect"), () => {
    const words = tools.flatMap(({ name: tool, listing, policy }) => [
      ...(listing.annotations?.destructiveHint ? [/delete|cancel|remove/i] : []),
      ...(policy.administratorsOnly ? [/administrator/i] : []),
      ...(tool === "get_user_details" ? [/profile/i] : []),
    ]);
    for (const word of words) expect(domain.scopeDescription).toMatch(word);
  });

  it(verifies("domain.described", "tells a model of every field that a tool takes"), () => {
    const fields = tools.flatMap((tool) =>
      Object.entries(tool.listing.inputSchema.properties ?? {}).map(
        ([field, schema]) => [`${tool.name}.${field}`, schema] as const,
      ),
    );
    for (const [field, schema] of fields) {
      expect(schema, field).toMatchObject({
        type: expect.any(String),
        description: expect.stringMatching(/./),
      });
    }
    expect(fields.length).toBeGreaterThan(2);
  });
});

describe("the files that follow from the domain", () => {
  it(verifies("domain.generated-files", "are as npm run build writes them"), async () => {
    expect(await staleDomainFiles()).toEqual([]);
  });

  it(verifies("domain.generated-files", "all change with the domain"), async () => {
    const { domain } = second;
    const changed = new Map((await staleDomainFiles(domain)).map(({ path, text }) => [path, text]));
    expect([...changed.keys()]).toEqual([
      "infra/domain.json",
      "infra/main.parameters.json",
      "docs/configuration.md",
      "docs/deploy.md",
      ".github/workflows/azure-dev.yml",
      "docs/tools.md",
    ]);
    expect(JSON.parse(changed.get("infra/domain.json") ?? "")).toEqual(describeDomain(domain));
    const { parameters } = JSON.parse(changed.get("infra/main.parameters.json") ?? "");
    expect(parameters.domainSettings).toEqual({
      value: { VACATION_DAYS_PER_YEAR: `\${VACATION_DAYS_PER_YEAR}` },
    });
    expect(parameters.environmentName).toBeDefined();
    expect(changed.get("docs/configuration.md")).toContain(
      "\n| `VACATION_DAYS_PER_YEAR` | defaults to `30` | Working days",
    );
    expect(changed.get("docs/deploy.md")).toContain(
      "\n| `VACATION_DAYS_PER_YEAR` | `30` | Working days",
    );
    expect(changed.get(".github/workflows/azure-dev.yml")).toContain(
      `\n      VACATION_DAYS_PER_YEAR: \${{ vars.VACATION_DAYS_PER_YEAR }}\n`,
    );
    expect(changed.get("docs/tools.md")).toContain(
      "\n| `cancel_vacation` | everyone, after approval | Cancels one",
    );
  });
});
