import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { bundleServer } from "../../scripts/bundle.ts";
import { leaveOut } from "../../scripts/left-out.ts";
import { verifies } from "../requirements.ts";

describe("the bundle", () => {
  it(verifies("bundle.left-out", "holds nothing that is there for others"), async () => {
    const { metafile } = await bundleServer();
    const inputs = Object.keys(metafile.inputs);
    const below = (folder: string) => inputs.filter((input) => input.includes(folder));
    expect(
      below("zod/v4/locales/")
        .map((input) => input.split("/").at(-1))
        .sort(),
    ).toEqual(["en.js", "index.js"]);
    expect(below("rate-limiter-flexible/").length).toBeLessThan(10);
    expect(below("apache-arrow/")).toEqual([]);
  });

  it(verifies("bundle.left-out", "is not built if a module to leave out is not met"), async () => {
    const built = build({
      stdin: { contents: "" },
      plugins: [leaveOut],
      write: false,
      logLevel: "silent",
    });
    await expect(built).rejects.toThrow(/left-out\.ts replaces a module .*zod/s);
  });
});
