import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { leaveOutLanguages } from "./left-out.ts";

/** A page as one file, and the files that it is made of. */
export interface Page {
  readonly html: string;
  readonly sources: readonly string[];
}

/**
 * Makes one HTML file of a page: its script and its stylesheet, with all that they import, stand in it.
 * MCP hosts show a page from its text alone (MCP Apps specification, UI Resource Format).
 *
 * @param path an HTML file that names `main.ts` and `style.css` beside it, by `<script src>` and `<link href>`
 * @throws {Error} naming what is wrong with the source
 */
export async function buildPage(path: string): Promise<Page> {
  const folder = dirname(path);
  const { outputFiles, metafile } = await build({
    entryPoints: [join(folder, "main.ts"), join(folder, "style.css")],
    outdir: folder,
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    platform: "browser",
    format: "esm",
    target: ["chrome120", "firefox121", "safari17"],
    charset: "utf8",
    legalComments: "eof",
    logLevel: "warning",
    plugins: [leaveOutLanguages],
    // Of the folder that the build was started in, which names the files in the result.
    absWorkingDir: folder,
  });
  const textOf = (ending: string) =>
    outputFiles.find((file) => file.path.endsWith(ending))?.text.trimEnd() ?? "";
  const parts = {
    '<link rel="stylesheet" href="style.css" />': `<style>${textOf(".css")}</style>`,
    '<script type="module" src="main.ts"></script>': `<script type="module">${textOf(".js")}</script>`,
  };
  let html = (await readFile(path, "utf8")).replaceAll(/>\s+</g, "><");
  for (const [name, part] of Object.entries(parts)) {
    // In either an HTML parser could take these for its own; esbuild writes `</script` apart.
    if (!html.includes(name) || part.includes("<!--")) throw new Error(`${path} has no ${name}`);
    html = html.replace(name, () => part);
  }
  const sources = [path, ...Object.keys(metafile.inputs).map((input) => join(folder, input))];
  return { html, sources };
}

/** Lets the server import a page as a text, as the default export of its HTML file. */
export const pages: Plugin = {
  name: "pages",
  setup({ onLoad }) {
    onLoad({ filter: /\.html$/ }, async ({ path }) => {
      const watchDirs = [dirname(path)];
      try {
        const { html, sources } = await buildPage(path);
        return { contents: html, loader: "text", watchDirs, watchFiles: [...sources] };
      } catch (error) {
        // What is corrected has to begin a new build.
        return { errors: [{ text: String(error) }], watchDirs };
      }
    });
  },
};
