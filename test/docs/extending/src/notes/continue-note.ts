import { z } from "zod";
import { failure, success } from "../../../../../src/core/result.ts";
import { definePrompt } from "../../../../../src/mcp/define-prompt.ts";
import { singleLine } from "../../../../../src/mcp/fields.ts";
import type { DefinedPrompt } from "../../../../../src/mcp/offer.ts";
import { everyone } from "../../../../../src/mcp/policy.ts";
import { type NoteStore, storeToolFailure } from "./note-store.ts";

/** Has a model go on from the newest note about a topic. Policy: everyone. */
export function continueNote(notes: NoteStore): DefinedPrompt {
  return definePrompt({
    name: "continue_note",
    title: "Continue a note",
    description: "Writes on where your newest note about a topic ends.",
    arguments: z.strictObject({
      topic: singleLine(50).describe("What the note is about."),
    }),
    policy: everyone,

    async messages({ topic }, { caller, signal, log }) {
      const note = await notes.latest(caller.objectId, topic, signal);
      if (!note.ok) return storeToolFailure(note.reason, log);
      const { text } = note.value ?? {};
      if (text === undefined) {
        return failure({ reason: "no-such-note", message: "You have no note about that." });
      }
      return success((quote) => `Write on where this note of mine ends: ${quote(text)}`);
    },
  });
}
