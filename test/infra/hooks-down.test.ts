import { describe, expect, it } from "vitest";
import {
  type DirectoryObject,
  isBroughtAlong,
  removalListName,
} from "../../infra/hooks/directory-objects.ts";
import { postdown } from "../../infra/hooks/postdown.ts";
import { predown } from "../../infra/hooks/predown.ts";
import { verifies } from "../requirements.ts";
import { fakeAzd, fakeClock, paper } from "./hooks/fakes.ts";
import { application, createTenant, group, type TenantOptions } from "./hooks/tenant.ts";

const api = application("mcp-abc123");
const development = application("mcp-dev-abc123");
const gateway = application("mcp-gateway-abc123");
const administrators = group("mcp-administrators-abc123");

/** The azd environment after a deployment that made everything there is to make. */
const deployed = {
  ENTRA_APPLICATION_CLIENT_ID: api.appId,
  ENTRA_APPLICATION_UNIQUE_NAME: "mcp-abc123",
  ENTRA_DEVELOPMENT_CLIENT_ID: development.appId,
  ENTRA_DEVELOPMENT_UNIQUE_NAME: "mcp-dev-abc123",
  ENTRA_GATEWAY_CLIENT_ID: gateway.appId,
  ENTRA_GATEWAY_UNIQUE_NAME: "mcp-gateway-abc123",
  ENTRA_ADMINISTRATORS_GROUP_ID: administrators.id,
  ENTRA_ADMINISTRATORS_GROUP_UNIQUE_NAME: "mcp-administrators-abc123",
};

/** Runs the hooks around an `azd down`, which forgets the deployment's outputs in between. */
async function down(env: NodeJS.ProcessEnv, options: TenantOptions) {
  const tenant = createTenant(options);
  const azd = fakeAzd();
  const { print, text } = paper();
  const before = await predown({ env, azd, print });
  const requestsBefore = tenant.requests.length;
  const after = await postdown({
    env: azd.kept,
    azd,
    print,
    fetch: tenant.fetch,
    clock: fakeClock(),
  });
  return { tenant, azd, text, codes: [before, after], requestsBefore };
}

async function postdownOf(object: string, options: TenantOptions) {
  const tenant = createTenant(options);
  const { print, text } = paper();
  const azd = fakeAzd();
  const clock = fakeClock();
  const env = { [removalListName]: object };
  const code = await postdown({ env, azd, print, fetch: tenant.fetch, clock });
  return { tenant, text, azd, code, waited: clock.waited() };
}

const apiInList = `application:${api.appId}:mcp-abc123`;

describe("azd down", () => {
  it(verifies(["hooks.down", "hooks.down-later"], "removes and purges what was made"), async () => {
    const { tenant, azd, codes, requestsBefore, text } = await down(deployed, {
      items: [api, development, gateway, administrators],
    });
    expect(codes).toEqual([0, 0]);
    expect(requestsBefore).toBe(0);
    expect(tenant.items).toEqual([]);
    expect(tenant.deletedItems).toEqual([]);
    expect(azd.scopes).toEqual(["https://graph.microsoft.com/.default"]);
    expect(azd.kept[removalListName]).toBe("");
    expect(text().match(/is removed from the Entra tenant/g)).toHaveLength(4);
  });

  it(
    verifies("register-client.removed", "removes the registrations that it made for clients"),
    async () => {
      const cursor = application("mcp-abc123-cursor");
      const strange = application("somebody-elses");
      const { tenant, codes, text } = await down(
        {
          ...deployed,
          REGISTERED_CLIENTS: `cursor=${cursor.appId},claude=${strange.appId}`,
        },
        { items: [api, cursor, strange] },
      );
      expect(codes).toEqual([0, 1]);
      expect(tenant.items).toEqual([strange]);
      expect(text()).toContain("mcp-abc123-cursor");
      expect(text()).toContain("was left alone");
    },
  );

  it(verifies("register-client.removed", "leaves those of an existing registration"), async () => {
    const cursor = application(`mcp-${api.appId}-cursor`);
    const env = {
      ENTRA_APPLICATION_CLIENT_ID: api.appId,
      ENTRA_APPLICATION_UNIQUE_NAME: "",
      REGISTERED_CLIENTS: `cursor=${cursor.appId}`,
    };
    const { tenant } = await down(env, { items: [api, cursor] });
    expect(tenant.items).toEqual([api, cursor]);
  });

  it(verifies("hooks.down", "forgets the identifier URIs of what was removed"), async () => {
    const { print } = paper();
    const azd = fakeAzd();
    const lists = { ACCEPTED_IDENTIFIER_URIS: "api://a", REMOVED_IDENTIFIER_URIS: "api://b" };
    const env = { ...lists, [removalListName]: apiInList };
    const { fetch } = createTenant({ items: [api] });
    expect(await postdown({ env, azd, print, fetch, clock: fakeClock() })).toBe(0);
    expect(azd.kept).toMatchObject({ ACCEPTED_IDENTIFIER_URIS: "", REMOVED_IDENTIFIER_URIS: "" });
  });

  it(verifies("hooks.only-ours", "leaves what was brought along alone"), async () => {
    const { tenant, codes } = await down(
      {
        ...deployed,
        ENTRA_APPLICATION_UNIQUE_NAME: "",
        ENTRA_DEVELOPMENT_CLIENT_ID: "",
        ENTRA_DEVELOPMENT_UNIQUE_NAME: "",
        ENTRA_GATEWAY_UNIQUE_NAME: "",
        ENTRA_ADMINISTRATORS_GROUP_UNIQUE_NAME: "",
      },
      { items: [api, administrators] },
    );
    expect(codes).toEqual([0, 0]);
    expect(tenant.requests).toEqual([]);
    expect(tenant.items).toHaveLength(2);
  });

  it(verifies("hooks.only-ours", "leaves alone what was brought along since a run"), async () => {
    const tenant = createTenant({ items: [api, administrators] });
    const code = await postdown({
      env: {
        [removalListName]: `${apiInList},group:${administrators.id}:mcp-administrators-abc123`,
        ENTRA_CLIENT_ID: api.appId,
        ENTRA_ADMIN_GROUP_ID: administrators.id,
      },
      azd: fakeAzd(),
      print: () => {},
      fetch: tenant.fetch,
    });
    expect(code).toBe(0);
    expect(tenant.requests).toEqual([]);
  });

  it.each([
    ["another name", { ...api, uniqueName: "payroll" }],
    ["no name", { ...api, uniqueName: null }],
  ])(verifies("hooks.only-ours", "says that it leaves one with %s alone"), async (_, other) => {
    const { tenant, code, text } = await postdownOf(apiInList, { items: [other] });
    expect(code).toBe(1);
    expect(tenant.items).toEqual([other]);
    expect(text()).toContain("left alone");
  });

  it(verifies("hooks.down-later", "deletes nothing where it cannot take note"), async () => {
    const { print, text } = paper();
    const azd = fakeAzd({ keep: "no environment selected" });
    expect(await predown({ env: deployed, azd, print })).toBe(1);
    expect(text()).toContain("no environment selected");
    expect(text()).toContain("Nothing has been deleted");
  });

  it(verifies("hooks.down-later", "keeps the note of a removal that failed before"), async () => {
    const azd = fakeAzd();
    const env = { [removalListName]: apiInList };
    expect(await predown({ env, azd, print: () => {} })).toBe(0);
    expect(azd.kept).toEqual({});
  });
});

describe("the removal", () => {
  it(verifies("hooks.down", "waits for what turns up late among the deleted items"), async () => {
    const { tenant, code, waited } = await postdownOf(apiInList, {
      items: [api],
      purgesTooEarly: 3,
    });
    expect(code).toBe(0);
    expect(waited).toBe(3_000);
    expect(tenant.deletedItems).toEqual([]);
  });

  it(verifies("hooks.down", "does not wait for ever"), async () => {
    const { code, waited, text } = await postdownOf(apiInList, {
      items: [api],
      purgesTooEarly: 1_000,
    });
    expect(code).toBe(1);
    expect(waited).toBe(30_000);
    expect(text()).toContain("azd hooks run postdown");
  });

  it(verifies("hooks.down-later", "goes on where a run left off, on whatever page"), async () => {
    const { tenant, code } = await postdownOf(apiInList, {
      deletedItems: [application("mcp-abc123"), development, api],
    });
    expect(code).toBe(0);
    expect(tenant.deletedItems).toHaveLength(2);
    expect(tenant.deletedItems).not.toContain(api);
  });

  it(verifies("hooks.down", "is done where nothing is left"), async () => {
    const { azd, code } = await postdownOf(apiInList, {});
    expect(code).toBe(0);
    expect(azd.kept[removalListName]).toBe("");
  });

  it(verifies("hooks.down", "takes a group that cannot be restored for removed"), async () => {
    const { code, text } = await postdownOf(
      `group:${administrators.id}:mcp-administrators-abc123`,
      {
        items: [administrators],
        purgesTooEarly: 1_000,
      },
    );
    expect(code).toBe(0);
    expect(text()).toContain("is removed");
  });

  it(verifies("hooks.rights", "says who may delete, and how, without the right"), async () => {
    const { azd, code, text } = await postdownOf(apiInList, {
      items: [api],
      answerWith: (request) =>
        request.startsWith("DELETE") ? new Response(null, { status: 403 }) : undefined,
    });
    expect(code).toBe(1);
    expect(text()).toContain("Cloud Application Administrator");
    expect(text()).toContain(`az ad app delete --id ${api.appId}`);
    expect(azd.kept).toEqual({});
  });

  it(verifies("hooks.rights", "deletes where only an administrator may purge"), async () => {
    const { tenant, code, text } = await postdownOf(apiInList, {
      items: [api],
      answerWith: (request) =>
        request.includes("deletedItems") ? new Response(null, { status: 403 }) : undefined,
    });
    expect(code).toBe(0);
    expect(tenant.items).toEqual([]);
    expect(text()).toContain("30 days");
    expect(text()).toContain(`/v1.0/directory/deletedItems/${api.id}`);
  });

  it(verifies("hooks.rights", "says what to do where azd has no token for Graph"), async () => {
    const { print, text } = paper();
    const azd = fakeAzd({ token: "not logged in" });
    const code = await postdown({ env: { [removalListName]: apiInList }, azd, print });
    expect(code).toBe(1);
    expect(text()).toContain("not logged in");
    expect(text()).toContain("azd auth login");
  });

  it.each([
    ["is throttled", () => new Response(null, { status: 429 }), "answered 429"],
    ["cannot be understood", () => Response.json({ id: 1 }), "not understood"],
    [
      "cannot be reached",
      () => {
        throw new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") });
      },
      "ECONNREFUSED",
    ],
  ])(verifies("hooks.down-later", "can be repeated where Graph %s"), async (_, answer, said) => {
    const { azd, code, text } = await postdownOf(apiInList, { items: [api], answerWith: answer });
    expect(code).toBe(1);
    expect(text()).toContain(said);
    expect(text()).toContain("azd hooks run postdown");
    expect(azd.kept).toEqual({});
  });

  it(verifies("hooks.rights", "sends the token to Graph alone, wherever pages lead"), async () => {
    const { tenant, code } = await postdownOf(apiInList, {
      answerWith: (request) =>
        request.includes("deletedItems")
          ? Response.json({
              value: [],
              "@odata.nextLink": "https://graph.microsoft.com.evil.example/v1.0/",
            })
          : undefined,
    });
    expect(code).toBe(1);
    expect(tenant.requests).toHaveLength(2);
  });

  it(verifies("hooks.only-ours", "goes on with the rest where one is refused"), async () => {
    const { tenant, code } = await postdownOf(
      `${apiInList},application:${development.appId}:mcp-dev-abc123`,
      { items: [{ ...api, uniqueName: "payroll" }, development] },
    );
    expect(code).toBe(1);
    expect(tenant.items.map(({ uniqueName }) => uniqueName)).toEqual(["payroll"]);
  });

  it.each(["application", "user:x:y", `application:${api.appId}`, "application:');:mcp-abc123"])(
    verifies("hooks.only-ours", "touches nothing where the note is not its own: %s"),
    async (entry) => {
      const { tenant, code, text } = await postdownOf(entry, { items: [api] });
      expect(code).toBe(1);
      expect(tenant.requests).toEqual([]);
      expect(text()).toContain(`"${entry}"`);
    },
  );
});

describe("the removal list", () => {
  const id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  const ours: DirectoryObject = { type: "application", id, uniqueName: "mcp-abc" };

  it.each([
    ["as it is", id],
    ["in upper case", id.toUpperCase()],
    ["with blanks around it", ` ${id} `],
  ])(verifies("hooks.only-ours", "knows what was brought along by its id, %s"), (_, given) => {
    expect(isBroughtAlong(ours, { ENTRA_CLIENT_ID: given })).toBe(true);
    expect(isBroughtAlong({ ...ours, type: "group" }, { ENTRA_ADMIN_GROUP_ID: given })).toBe(true);
  });

  it(verifies("hooks.only-ours", "takes nothing else for it"), () => {
    expect(isBroughtAlong(ours, { ENTRA_CLIENT_ID: "", ENTRA_ADMIN_GROUP_ID: "" })).toBe(false);
    expect(isBroughtAlong(ours, {})).toBe(false);
  });
});
