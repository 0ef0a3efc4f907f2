import { failure, success } from "../../../../../src/core/result.ts";
import { defineResource } from "../../../../../src/mcp/define-resource.ts";
import type { DefinedResource } from "../../../../../src/mcp/offer.ts";
import { everyone } from "../../../../../src/mcp/policy.ts";
import { type NoteStore, storeToolFailure } from "./note-store.ts";

const topics = ["garden", "kitchen", "work"];

/** The newest note about a topic, as a text. Policy: everyone, each their own notes. */
export function latestNote(notes: NoteStore): DefinedResource {
  return defineResource({
    name: "latest_note",
    title: "Latest note",
    description: "The signed-in person's newest note about a topic.",
    uriTemplate: "notes://me/topics/{topic}/latest.txt",
    mediaType: "text/plain",
    policy: everyone,
    complete: { topic: () => success(topics) },

    async read({ topic }, { caller, signal, log }) {
      const note = await notes.latest(caller.objectId, topic, signal);
      if (!note.ok) return storeToolFailure(note.reason, log);
      if (note.value) return success({ text: note.value.text });
      const message = "You have no note about that.";
      return failure({ reason: "no-such-note", message, isMissing: true });
    },
  });
}
