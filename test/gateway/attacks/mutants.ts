import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuildContext, context } from "esbuild";
import { projectFolder } from "../../../local/paths.ts";
import { Turns } from "../../../src/core/turns.ts";
import type { composeGateway } from "../composed-gateway.ts";
import type { Guard } from "./attack.ts";

type Composed = { readonly composeGateway: typeof composeGateway };

/** The server without some of its guards, bundled from its source. */
export class Mutants {
  /** Which text stands in place of which, by file. */
  #guards: readonly Guard[] = [];
  /** How many of them have been found. */
  #taken = 0;
  readonly #bundler: Promise<BuildContext>;
  readonly #folder: Promise<string>;
  readonly #turns = new Turns();
  #count = 0;

  constructor() {
    // There, what is left out of the bundles is found.
    this.#folder = mkdtemp(join(projectFolder, "node_modules", ".attacks-"));
    this.#bundler = context({
      entryPoints: [join(projectFolder, "test", "gateway", "composed-gateway.ts")],
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      write: false,
      logLevel: "silent",
      plugins: [
        {
          name: "guards",
          setup: ({ onLoad }) => {
            onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
              const guards = this.#guards.filter(({ file }) => path === join(projectFolder, file));
              if (guards.length === 0) return undefined;
              this.#taken += guards.length;
              const contents = guards.reduce(taken, await readFile(path, "utf8"));
              return { contents, loader: "ts" };
            });
          },
        },
      ],
    });
  }

  /** @throws where a guard's text does not stand in its file once */
  async without(guards: readonly Guard[]): Promise<Composed> {
    const { outputFiles = [] } = await this.#turns.take("bundler", async () => {
      this.#guards = guards;
      this.#taken = 0;
      const built = await (await this.#bundler).rebuild();
      if (this.#taken === guards.length) return built;
      throw new Error(`Not in the bundle: ${guards.map(({ file }) => file).join(", ")}`);
    });
    const folder = await this.#folder;
    this.#count += 1;
    const path = join(folder, `${this.#count}.mjs`);
    await writeFile(path, outputFiles[0]?.text ?? "");
    return import(pathToFileURL(path).href);
  }

  async end(): Promise<void> {
    await (await this.#bundler).dispose();
    await rm(await this.#folder, { recursive: true, force: true });
  }
}

function taken(text: string, { file, code, without }: Guard): string {
  const count = text.split(code).length - 1;
  if (count !== 1) throw new Error(`This stands in ${file} ${count} times: ${code}`);
  return text.replace(code, () => without);
}
