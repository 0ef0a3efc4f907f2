import { context, type Plugin } from "esbuild";
import { serverBundle } from "../scripts/bundle.ts";
import { type BuildTarget, writeDist } from "../scripts/dist.ts";

/** How long after a change the build begins, in milliseconds: further changes are part of it then. */
const delay = 100;

/** The build in `dist/`, kept up to date with the source. */
export interface WatchedBuild {
  /**
   * Builds anew whenever a file that goes into the bundle changes, and first if one has since the
   * first build. `onChange` is told when `dist/` holds another bundle than before.
   */
  watch(onChange: () => void): Promise<void>;
  /** Ends the watch. */
  close(): Promise<void>;
}

/**
 * Builds the server as `npm run build` does, and stands by to do it again.
 *
 * @param log told how builds end; esbuild itself prints the errors in the source
 * @throws {Error} naming what is wrong with the source, where the first build fails
 */
export async function startWatchedBuild(
  { folder, domainFolder }: BuildTarget,
  log: (line: string) => void,
): Promise<WatchedBuild> {
  let written: string | undefined;
  let failed = false;
  let tellChange = () => {};

  const keep: Plugin = {
    name: "keep-dist",
    setup({ onEnd }) {
      onEnd(async ({ errors, outputFiles = [] }) => {
        const hadFailed = failed;
        failed = errors.length > 0;
        if (failed) {
          if (written) log("The build failed. The server goes on as it was.");
          return;
        }
        const built = outputFiles.map(({ hash }) => hash).join();
        if (built === written) {
          if (hadFailed) log("The build works again, and is as it was.");
          return;
        }
        await writeDist(outputFiles, folder);
        written = built;
        tellChange();
      });
    },
  };

  const bundle = serverBundle(domainFolder);
  const building = await context({ ...bundle, plugins: [...bundle.plugins, keep] });
  try {
    await building.rebuild();
  } catch (error) {
    await building.dispose();
    throw error;
  }
  return {
    async watch(onChange) {
      tellChange = onChange;
      await building.watch({ delay });
    },
    close: () => building.dispose(),
  };
}
