import { z } from "zod";
import { failure, success } from "../../../../../src/core/result.ts";
import { defineTool } from "../../../../../src/mcp/define-tool.ts";
import { singleLine } from "../../../../../src/mcp/fields.ts";
import { everyone } from "../../../../../src/mcp/policy.ts";
import type { DefinedTool } from "../../../../../src/mcp/tool.ts";
import { type NoteStore, storeToolFailure } from "./note-store.ts";

const inputSchema = z.strictObject({
  topic: singleLine(50).describe("What the note is about."),
});

const outputSchema = z.object({
  text: z.string().describe("What the note says."),
  written_at: z.string().describe("When it was written, in UTC (RFC 3339)."),
});

/** The newest note about a topic. Policy: everyone, each their own notes. */
export function getLatestNote(notes: NoteStore): DefinedTool {
  return defineTool({
    name: "get_latest_note",
    title: "Latest note",
    description: "Shows the signed-in person's newest note about a topic.",
    annotations: { readOnlyHint: true, openWorldHint: false },
    inputSchema,
    outputSchema,
    policy: everyone,

    async handler({ topic }, { caller, signal, log }) {
      const note = await notes.latest(caller.objectId, topic, signal);
      if (!note.ok) return storeToolFailure(note.reason, log);
      if (!note.value) {
        return failure({ reason: "no-such-note", message: "You have no note about that." });
      }
      return success({ text: note.value.text, written_at: note.value.writtenAt });
    },

    freeText: ["text"],
    present: ({ text, written_at }, quote) => `${written_at}: ${quote(text)}`,
  });
}
