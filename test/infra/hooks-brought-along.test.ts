import { expect, it } from "vitest";
import { type DirectoryObject, isBroughtAlong } from "../../infra/hooks/directory-objects.ts";
import { verifies } from "../requirements.ts";

const id = "0f8fad5b-d9cb-469f-a165-70867728950e";
const application: DirectoryObject = { type: "application", id, uniqueName: "mcp-abc" };

it.each([
  ["as it is", id],
  ["in upper case", id.toUpperCase()],
  ["with blanks around it", ` ${id} `],
])(verifies("hooks.only-ours", "knows what was brought along by its id, %s"), (_, given) => {
  expect(isBroughtAlong(application, { ENTRA_CLIENT_ID: given })).toBe(true);
  expect(isBroughtAlong({ ...application, type: "group" }, { ENTRA_ADMIN_GROUP_ID: given })).toBe(
    true,
  );
});

it(verifies("hooks.only-ours", "takes nothing else for it"), () => {
  expect(isBroughtAlong(application, { ENTRA_CLIENT_ID: "", ENTRA_ADMIN_GROUP_ID: "" })).toBe(
    false,
  );
  expect(isBroughtAlong(application, {})).toBe(false);
});
