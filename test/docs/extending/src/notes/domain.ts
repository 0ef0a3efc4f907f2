import { z } from "zod";
import { defineDomain } from "../../../../../src/define-domain.ts";
import { userContainer } from "../../../../../src/storage/user-items.ts";
import { continueNote } from "./continue-note.ts";
import { findCustomers } from "./find-customers.ts";
import { getLatestNote } from "./get-latest-note.ts";
import { latestNote } from "./note-resource.ts";
import { NoteStore } from "./note-store.ts";

export const domain = defineDomain({
  name: "notes",
  title: "Notes",
  instructions: "Shows notes of the signed-in person, and customers.",
  scopeDescription: "Read your notes, and find customers as you",
  settings: z.object({
    CRM_URL: z
      .url({ protocol: /^https?$/, error: "must be a URL, such as https://crm.contoso.com" })
      .default("https://crm.contoso.com")
      .describe("Where the customer database is, without a slash at the end"),
  }),
  containers: { notes: userContainer(["topic", "writtenAt"]) },
  tools({ settings, containers, api }) {
    const crm = api({
      name: "crm",
      title: "the customer database",
      baseUrl: settings.CRM_URL,
      scopes: ["api://crm/.default"],
    });
    return [getLatestNote(new NoteStore(containers.notes)), findCustomers(crm)];
  },
  resources: ({ containers }) => [latestNote(new NoteStore(containers.notes))],
  prompts: ({ containers }) => [continueNote(new NoteStore(containers.notes))],
});
