import { describe, expect, it } from "vitest";
import { AgentIdentities } from "../../../../local/authority/client-documents/agents.ts";
import { openState } from "../../../../local/authority/state.ts";
import { verifies } from "../../../requirements.ts";
import { minutes, qualifiedScope, refusalOf } from "../support.ts";
import {
  asClient,
  authorityWith,
  clock,
  host,
  pageOf,
  signIn,
  useDocumentHost,
} from "./support.ts";

useDocumentHost();

describe("a web page elsewhere", () => {
  const cited = "client-documents.only-pages";

  it.each([
    ["an image", { "Sec-Fetch-Dest": "image" }, {}],
    ["a frame", { "Sec-Fetch-Dest": "iframe" }, {}],
    ["a script's request", { "Sec-Fetch-Dest": "empty" }, {}],
    ["a silent frame", { "Sec-Fetch-Dest": "iframe" }, { prompt: "none" }],
    ["a silent request", { "Sec-Fetch-Dest": "empty" }, { prompt: "none" }],
  ])(verifies(cited, "makes nothing be fetched by %s"), async (_what, headers, more) => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    const response = await fetch(authority.authorizeUrl({ ...asClient(url), ...more }), {
      headers,
    });
    expect(response.status).toBe(400);
    expect(host.connections()).toBe(0);
  });

  it(
    verifies(cited, "makes nothing be fetched by asking for tokens or a device code"),
    async () => {
      const authority = await authorityWith();
      const client_id = host.publish("/client.json");
      const grants = [
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
      ];
      for (const grant_type of grants) {
        const form = { grant_type, client_id, code: "c", refresh_token: "r", assertion: "a" };
        expect(await refusalOf(authority.token(form))).toContain("AADSTS700016");
      }
      const device = await fetch(`${authority.base}/oauth2/v2.0/devicecode`, {
        method: "POST",
        body: new URLSearchParams({ client_id, scope: qualifiedScope }),
      });
      expect(await refusalOf(device)).toContain("AADSTS700016");
      expect(host.connections()).toBe(0);
    },
  );

  it(
    verifies("client-documents.bounded", "opens many pages, and known clients still sign in"),
    async () => {
      const authority = await authorityWith();
      const url = host.publish("/client.json");
      await signIn(authority, url);
      clock.advance(10 * minutes);
      const answers: string[] = [];
      for (let id = 0; id < 30; id++) {
        answers.push(await pageOf(await authority.authorize(asClient(`${host.origin}/${id}`))));
      }
      expect(answers).toEqual([
        ...Array(20).fill("400 AADSTS700016"),
        ...Array(10).fill("503 AADSTS90033"),
      ]);
      expect((await authority.authorize(asClient(url))).status).toBe(200);
    },
  );

  it(
    verifies("client-documents.bounded", "cannot make the authority's data grow without end"),
    async () => {
      const agents = new AgentIdentities(await openState(undefined));
      for (let id = 0; id < 201; id++) {
        await agents.confirm(`https://client.example/${id}`);
        await agents.grant(`https://client.example/${id}`);
      }
      const known = [0, 1, 200].map((id) => `https://client.example/${id}`);
      expect(known.map((url) => agents.isKnown(url))).toEqual([false, true, true]);
      expect(known.map((url) => agents.isGranted(url))).toEqual([false, true, true]);
    },
  );
});
