import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { failure } from "../../src/core/result.ts";
import { readProfile } from "../../src/directory/profile.ts";
import { aCaller } from "../downstream/fakes.ts";
import { verifies } from "../requirements.ts";
import { graphError, setUpGraph } from "./fakes.ts";

const objectId = "aaaaaaaa-0000-0000-0000-000000000001";
const caller = aCaller({ objectId });
const full = {
  id: objectId,
  displayName: "Adele Vance",
  givenName: "Adele",
  surname: "Vance",
  userPrincipalName: "adele@contoso.example",
  mail: "adele@contoso.example",
  jobTitle: "Retail Manager",
  department: "Retail",
  officeLocation: "18/2111",
  preferredLanguage: "en-US",
};

describe("the caller's profile", () => {
  it(verifies("graph.profile", "is read with exactly the fields that it has"), async () => {
    const { client, requests } = setUpGraph(() => ({
      body: { "@odata.context": "https://graph.microsoft.com/v1.0/$metadata", ...full },
    }));
    expect(await readProfile(client, caller)).toEqual({ ok: true, value: full });
    expect(requests[0]?.url).toBe(
      "https://graph.microsoft.com/v1.0/me?$select=id,displayName,givenName,surname,userPrincipalName,mail,jobTitle,department,officeLocation,preferredLanguage",
    );
  });

  it(verifies("graph.profile", "lacks what the directory does not hold"), async () => {
    const { client } = setUpGraph(() => ({
      body: { id: objectId, displayName: "Adele Vance", jobTitle: null },
    }));
    const profile = await readProfile(client, caller);
    expect(JSON.parse(JSON.stringify(profile))).toEqual({
      ok: true,
      value: { id: objectId, displayName: "Adele Vance" },
    });
  });

  it(verifies("graph.profile-own", "is the caller's whichever case its id is in"), async () => {
    const { client } = setUpGraph(() => ({ body: { ...full, id: objectId.toUpperCase() } }));
    expect(await readProfile(client, caller)).toMatchObject({ ok: true });
  });

  it(verifies("graph.profile-own", "is refused where it is another person's"), async () => {
    const { client } = setUpGraph(() => ({
      body: { ...full, id: "aaaaaaaa-0000-0000-0000-000000000002", displayName: "Somebody Else" },
    }));
    const refused = await readProfile(client, caller);
    expect(refused).toEqual({ ok: false, reason: { kind: "another-person" } });
    expect(inspect(refused, { depth: null })).not.toContain("Somebody Else");
  });

  it.each([
    ["no object", []],
    ["no id", { displayName: "Adele Vance" }],
    ["a field of another type", { ...full, department: 7 }],
  ])(verifies("graph.profile", "is refused where Graph answers with %s"), async (_what, body) => {
    const { client } = setUpGraph(() => ({ body }));
    expect(await readProfile(client, caller)).toEqual(
      failure({ kind: "unexpected-response", status: 200, got: "schema" }),
    );
  });

  it("keeps the reason where Graph fails", async () => {
    const { client } = setUpGraph(() => graphError(403));
    expect(await readProfile(client, caller)).toEqual({ ok: false, reason: { kind: "denied" } });
  });
});
