/**
 * Bundles the bridge into `bridge/dist/`, which is what its package holds. `npm pack ./bridge` does it by
 * itself.
 */
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { bundling } from "./bundle.ts";
import { leaveOutLanguages } from "./left-out.ts";
import { thirdPartyNotices } from "./third-party-notices.ts";

const { absWorkingDir: root } = bundling;

const bridgeBundle = {
  ...bundling,
  entryPoints: {
    main: "bridge/main.ts",
    // Looked for beside whatever starts it.
    "keyring-process": "bridge/cache/keyring-process.ts",
  },
  outdir: "bridge/dist",
  // What signs people in is loaded when somebody has to be: a client waits for its first answer.
  splitting: true,
  outExtension: { ".js": ".mjs" },
  target: "node20",
  plugins: [leaveOutLanguages],
  // Native: npm installs the one for the machine.
  external: ["@napi-rs/keyring"],
  banner: { js: `#!/usr/bin/env node\n${bundling.banner.js}` },
  legalComments: "none",
} as const satisfies BuildOptions;

/** @param folder that gets the bundle and the licenses, and loses whatever else it had */
export async function buildBridge(folder = join(root, bridgeBundle.outdir)): Promise<void> {
  const { outputFiles, metafile } = await build(bridgeBundle);
  const notices = await thirdPartyNotices(metafile, root);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { path, contents } of outputFiles) {
    await writeFile(join(folder, basename(path)), contents, { mode: 0o755 });
  }
  await copyFile(join(root, "LICENSE"), join(folder, "LICENSE"));
  await writeFile(join(folder, "THIRD-PARTY-NOTICES.txt"), notices);
}

if (import.meta.main) await buildBridge();
