import { describe, expect, it } from "vitest";
import { keyRingContainer as containerMadeAtStart } from "../../local/settings.ts";
import { keyRingContainer } from "../../src/keys/blob-key-storage.ts";
import { verifies } from "../requirements.ts";

describe("the settings of the laptop stack", () => {
  // Nothing but this holds the two together: local/ stays clear of what the server is made of.
  it(verifies("start.ready", "name the container that the server keeps its keys in"), () => {
    expect(containerMadeAtStart).toBe(keyRingContainer);
  });
});
