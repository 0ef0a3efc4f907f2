import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../../local/authority/refusal.ts";
import { localTenant } from "../../../local/authority/tenant.ts";
import { apiIdentifierUri } from "../../../local/directory.ts";
import { groups } from "../../../probe/doctor/checks.ts";
import {
  findingsOf,
  type Report,
  resultsOf,
  summarise,
} from "../../../probe/doctor/examination.ts";
import { adviceFor } from "../../../probe/doctor/on-behalf-advice.ts";
import { jsonReport, textReport } from "../../../probe/doctor/report.ts";
import { assemble } from "../../../probe/shared/jwt.ts";
import { verifies } from "../../requirements.ts";
import { control } from "../../support/shared-stack.ts";
import { root } from "../shared/run-probe.ts";
import { breakableStack, type ServerOptions, username } from "./breakable-stack.ts";
import type { Reply } from "./breaking-proxy.ts";
import { brokenAnswers, everywhere, scopes } from "./broken-answers.ts";
import { brokenRegistrations, tenantWith } from "./broken-registrations.ts";
import { otherId, wrongTokens } from "./wrong-tokens.ts";

const stack = breakableStack();

function idsOf(report: Report): string[] {
  return findingsOf(report).map(({ id }) => id);
}

function expectFirst(report: Report, first: string, says: RegExp): void {
  const [found] = findingsOf(report);
  expect(idsOf(report)).toEqual([first]);
  expect(`${found?.cause}\n${found?.remedy}`).toMatch(says);
  expect(found?.what).toMatch(/\.$/);
  expect(found?.evidence).not.toBe("");
}

describe("a server behind a proxy that breaks one thing", () => {
  it("is healthy while the proxy breaks nothing", async () => {
    const report = await stack.examine(
      {},
      { token: stack.token(), call: true, origin: new URL(stack.mcp()).origin },
    );
    expect(idsOf(report)).toEqual([]);
    expect(summarise(report)).toMatchObject({ notLookedAt: 0, undecided: 0, notApplicable: 1 });
  });

  it("is healthy where the scope begins with the URL, too", async () => {
    const changed = scopes((text) => text.replaceAll(apiIdentifierUri, stack.mcp()));
    const report = await stack.examine(changed);
    expect(idsOf(report)).toEqual([]);
    const found = resultsOf(report).find(({ check }) => check.id === "metadata.registration");
    expect(found?.outcome).toMatchObject({ evidence: "the scope begins with the URL itself" });
  });

  it("takes the time that other checks need for no difference of the clocks", async () => {
    let late = 0;
    const report = await stack.examine(
      {
        answer({ path }) {
          // The authority, which the metadata names, has its own clock, and that does not leap.
          if (path === "/health") late = 60_000;
          else if (path.startsWith("/.well-known/")) late = 0;
          return undefined;
        },
      },
      { now: () => Date.now() + late },
    );
    expect(idsOf(report)).toEqual([]);
  });

  for (const [first, answers] of Object.entries(brokenAnswers(stack))) {
    for (const [broken, [says, fault = {}, subject]] of Object.entries(answers)) {
      it(verifies(["doctor.first", "doctor.not-repeated"], `${broken}: ${first}`), async () => {
        expectFirst(await stack.examine(fault, subject?.()), first, says);
      });
    }
  }

  it(verifies("doctor.not-repeated", "says of what it skips what comes first"), async () => {
    const report = await stack.examine(everywhere({ status: 404 }));
    const outcomes = resultsOf(report).map(({ check, outcome }) => [check.id, outcome]);
    expect(outcomes).toContainEqual([
      "authority.keys",
      { kind: "not-looked-at", because: "server.route" },
    ]);
  });

  it("does not judge a server that limits requests", async () => {
    const report = await stack.examine(
      everywhere({ status: 429, headers: { "retry-after": "0" } }),
    );
    expect(idsOf(report)).toEqual([]);
    expect(summarise(report)).toMatchObject({ findings: 0, undecided: 1 });
  });
});

const unknownId = "11111111-2222-4333-8444-555555555555";

/** What a server may be told wrongly, by the check that is to name it, with words of the finding. */
const servers: Readonly<
  Record<string, Readonly<Record<string, readonly [says: RegExp, server: () => ServerOptions]>>>
> = {
  "server.settings": {
    "missing settings": [
      /Environment variables/,
      () => ({ settings: { COSMOS_ENDPOINT: undefined, ENTRA_CLIENT_ID: "no GUID" } }),
    ],
  },
  "server.dependencies": {
    "a Cosmos DB database that does not exist": [
      /COSMOS_DATABASE.*Built-in Data Contributor.*dependency\.unreachable/s,
      () => ({ settings: { COSMOS_DATABASE: "nothing" } }),
    ],
    "a storage account that does not exist": [
      /STORAGE_BLOB_ENDPOINT.*key-ring/s,
      () => ({
        settings: {
          STORAGE_BLOB_ENDPOINT: stack.services().storage.replace("devstoreaccount1", "nothing"),
        },
      }),
    ],
    // The keys cannot be had, so that the token cannot be judged either.
    "another tenant": [/ENTRA_TENANT_ID/, () => ({ settings: { ENTRA_TENANT_ID: unknownId } })],
    "an identity that the function app does not have": [
      /AZURE_CLIENT_ID/,
      () => ({ settings: { AZURE_CLIENT_ID: unknownId } }),
    ],
  },
  "server.host": {
    "another host name": [
      /add localhost:\d+ to ALLOWED_HOSTS/,
      () => ({ settings: { MCP_PUBLIC_URL: "https://mcp.contoso.com/mcp", ALLOWED_HOSTS: "" } }),
    ],
  },
  "server.route": {
    "the route prefix of the platform": [/routePrefix/, () => ({ hostJson: { version: "2.0" } })],
  },
  "calls.accepted": {
    "a list of clients without this one": [
      /ALLOWED_CLIENT_IDS does not list [0-9a-f-]{36}/,
      () => ({ settings: { ALLOWED_CLIENT_IDS: "aebc6443-996d-45c2-90f0-388ff96faa56" } }),
    ],
    "another client id": [
      /is not the server's ENTRA_CLIENT_ID/,
      () => ({ settings: { ENTRA_CLIENT_ID: unknownId } }),
    ],
  },
};

describe("a server that was told something wrong", () => {
  for (const [first, cases] of Object.entries(servers)) {
    for (const [wrong, [says, server]] of Object.entries(cases)) {
      it(verifies(["doctor.first", "doctor.not-repeated"], `${wrong}: ${first}`), async () => {
        const report = await stack.examineServer(server(), { token: stack.token() });
        expectFirst(report, first, says);
      });
    }
  }
});

describe("a tenant with something wrong in its registrations", () => {
  for (const [first, cases] of Object.entries(brokenRegistrations)) {
    for (const [wrong, [says, tenant, subject]] of Object.entries(cases)) {
      const verified =
        first === "sign-in.resource" ? ["doctor.mismatch" as const] : ["doctor.sign-in" as const];
      it(verifies([...verified, "doctor.first"], `${wrong}: ${first}`), async () => {
        expectFirst(await stack.examineTenant(tenant, subject), first, says);
      });
    }
  }

  it(verifies("doctor.documented", "is told of as the documentation shows"), async () => {
    const report = await stack.examineTenant((mcp) => tenantWith([`${mcp}/`]));
    expect(idsOf(report)).toEqual(["sign-in.resource"]);
    const said = textReport(report, { colour: false });
    const docs = await readFile(join(root, "docs", "doctor.md"), "utf8");
    // Where lines end depends on the port.
    const inOneLine = (text: string) => text.replaceAll(/\s+/g, " ");
    const finding = said.slice(said.indexOf("Fix this"), said.indexOf("\n\nConnection"));
    expect(inOneLine(docs)).toContain(
      inOneLine(finding.replaceAll(new URL(stack.mcp()).host, "localhost:7071")),
    );
  });

  it(verifies("doctor.mismatch", "is told of with the client id that a token names"), async () => {
    const report = await stack.examineTenant(() => tenantWith([]), { token: stack.token() });
    const found = findingsOf(report).find(({ id }) => id === "sign-in.resource");
    expect(found?.remedy).toContain(`az ad app show --id "${localTenant.api.clientId}"`);
  });
});

describe("a token that is wrong in one thing", () => {
  for (const [first, tokens] of Object.entries(wrongTokens)) {
    for (const [what, [says, claims, header]] of Object.entries(tokens)) {
      it(verifies(["doctor.token", "doctor.first"], `${what}: ${first}`), async () => {
        const report = await stack.examine({}, { token: stack.mint(claims, header) });
        const [found, ...others] = findingsOf(report);
        expect([found?.id, others]).toEqual([first, []]);
        expect(`${found?.what} ${found?.cause} ${found?.remedy}`).toMatch(says);
        const last = resultsOf(report).find(({ check }) => check.id === "calls.accepted");
        expect(last?.outcome).toEqual({ kind: "not-looked-at", because: first });
      });
    }
  }

  it(verifies("doctor.token", "tells what is no token from one that was altered"), async () => {
    const [header = "", payload = ""] = stack.token().split(".");
    const tokens = {
      [`${header}.${payload}.AAAA`]: ["token.signature", /altered or cut off/],
      "0.AXoAopaque-refresh-token": ["token.decoded", /refresh token/],
      "a.b.c.d.e": ["token.decoded", /encrypted/],
      [assemble({ alg: "none" }, { aud: otherId, ver: "2.0" })]: ["token.tenant", /tenant/],
    } as const;
    for (const [token, [first, says]] of Object.entries(tokens)) {
      const [found] = findingsOf(await stack.examine({}, { token }));
      expect(found?.id).toBe(first);
      expect(found?.cause).toMatch(says);
    }
  });

  it(verifies("doctor.token", "judges the lifetime by the server's clock"), async () => {
    // This machine is a day behind, and the token is from its tomorrow.
    const day = 24 * 60 * 60 * 1000;
    const token = stack.token();
    const report = await stack.examine({}, { token, now: () => Date.now() - day });
    expect(idsOf(report)).toEqual(["server.clock"]);
    expect(findingsOf(report)[0]?.cause).toContain("This machine's is wrong");
  });

  it(
    verifies("doctor.clock", "names a clock that is wrong here and there, without a token"),
    async () => {
      // The server is on this machine, and both are five minutes behind the authority.
      const behind = 300_000;
      const serverBehind = {
        alter: (reply: Reply) => ({
          ...reply,
          headers: {
            ...reply.headers,
            date: new Date(Date.parse(reply.headers?.date ?? "") - behind).toUTCString(),
          },
        }),
      };
      const report = await stack.examine(serverBehind, { now: () => Date.now() - behind });
      expect(idsOf(report)).toEqual(["server.clock"]);
      expect(findingsOf(report)[0]?.cause).toContain(
        "The server's is wrong, and this machine's too",
      );
    },
  );

  it(verifies("doctor.no-secrets", "shows nobody's name, address or object id"), async () => {
    const personal = {
      name: "Uma First",
      preferred_username: username,
      upn: username,
      email: username,
      oid: otherId,
      sub: "pairwise-subject",
      ipaddr: "203.0.113.7",
    };
    const report = jsonReport(await stack.examine({}, { token: stack.mint(personal) }));
    for (const value of Object.values(personal)) expect(report).not.toContain(value);
  });
});

describe("a call on the person's behalf", () => {
  const refused: readonly [code: ErrorCode, says: RegExp][] = [
    ["AADSTS65001", /AADSTS65001.*Grant admin consent/s],
    ["AADSTS7000215", /AADSTS7000215.*--explain CODE/s],
    ["AADSTS500011", /AADSTS500011.*ENTRA_CLIENT_ID/s],
    ["AADSTS700213", /AADSTS700213.*federated identity credential/s],
    ["AADSTS50076", /multifactor authentication.*cp1/s],
    ["AADSTS50173", /sessions were revoked.*Sign in again/s],
  ];
  for (const [code, says] of refused) {
    it(verifies(["doctor.on-behalf", "doctor.first"], `is refused with ${code}`), async () => {
      const { issuer } = stack.services();
      await control(issuer, "/_local/demands", { username, code });
      try {
        // The server holds a refusal against its token for some seconds: each has its own.
        const token = stack.mint({ uti: code });
        const [found, ...others] = findingsOf(await stack.examine({}, { token, call: true }));
        expect([found?.id, others]).toEqual(["calls.on-behalf", []]);
        expect(`${found?.cause} ${found?.remedy}`).toMatch(says);
      } finally {
        await fetch(new URL("/_local/demands", issuer), { method: "DELETE" });
      }
    });
  }

  it(verifies("doctor.on-behalf", "is challenged, where the client can answer that"), async () => {
    const { issuer } = stack.services();
    await control(issuer, "/_local/demands", { username });
    try {
      const token = stack.mint({ uti: "challenged", xms_cc: ["cp1"] });
      const [found] = findingsOf(await stack.examine({}, { token, call: true }));
      expect(found?.evidence).toBe("401, insufficient_claims");
    } finally {
      await fetch(new URL("/_local/demands", issuer), { method: "DELETE" });
    }
  });

  it(verifies("doctor.on-behalf", "is proved by who answers, not by an answer"), async () => {
    const report = await stack.examine(
      {
        alter: (reply, { method }) =>
          method === "POST"
            ? {
                ...reply,
                body: String(reply.body).replaceAll(/"object_id":"[^"]+"/g, '"object_id":"x"'),
              }
            : reply,
      },
      { token: stack.token(), call: true },
    );
    expect(findingsOf(report).map(({ what }) => what)).toEqual([
      "Microsoft Graph answered for somebody else.",
    ]);
  });

  it("has advice for words that it does not know", () => {
    expect(adviceFor("Out of paper.").remedy).toContain("audit.exchange");
    const outage = adviceFor(
      "The company directory cannot be reached right now. Try again in 7 s.",
    );
    expect(outage.cause).toContain("Microsoft Graph does not answer");
  });
});

describe("every check", () => {
  it("is what something broken is named by: none passes whatever the server does", () => {
    const named = [brokenAnswers(stack), servers, brokenRegistrations, wrongTokens].flatMap(
      Object.keys,
    );
    // Those of the connection have a test of their own, and the client is told of, not judged.
    const others = ["token.decoded", "token.client", "calls.on-behalf"];
    const ids = groups
      .filter(({ name }) => name !== "connection")
      .flatMap(({ checks }) => checks.map(({ id }) => id));
    expect(ids.filter((id) => !named.includes(id) && !others.includes(id))).toEqual([]);
  });
});
