import { describe, expect, it } from "vitest";
import { getUserDetails } from "../../src/directory/get-user-details.ts";
import { claimsWith } from "../gates/tokens.ts";
import { verifies } from "../requirements.ts";
import { callTool } from "../support/call-tool.ts";
import { textOf } from "../support/clients.ts";
import { companyNetwork } from "../support/composed.ts";

const { oid } = claimsWith();

/** Calls the tool in a company whose Graph answers so. */
function callWith(graph: NonNullable<Parameters<typeof companyNetwork>[0]>["graph"]) {
  const httpClient = companyNetwork(graph ? { graph } : {});
  return callTool(getUserDetails, {}, { adapters: { httpClient } });
}

describe("get_user_details", () => {
  it(verifies("graph.user-details", "tells who the caller is, and what is known"), async () => {
    const result = await callWith(() => ({
      body: { id: oid, displayName: "Adele Vance", jobTitle: "Manager", mail: null },
    }));
    expect(result.structuredContent).toEqual({
      object_id: oid,
      display_name: "Adele Vance",
      job_title: "Manager",
      manager: "this server does not read it from the directory",
    });
    expect(textOf(result)).toBe(
      `object id: ${oid}\ndisplay name: Adele Vance\njob title: Manager\nmanager: this server does not read it from the directory`,
    );
  });

  it(verifies("graph.user-details", "says what to do where Graph does not tell"), async () => {
    for (const [graph, words] of [
      [{ status: 403 }, /lacks a permission in the company directory/],
      [{ body: { id: "somebody-else" } }, /answer that cannot be used/],
    ] as const) {
      const result = await callWith(() => graph);
      expect(result.isError).toBe(true);
      expect(textOf(result)).toMatch(words);
    }
  });
});
