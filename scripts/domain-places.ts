import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";

/** Where a domain and what belongs to it are, from the project's folder, with forward slashes. */
export interface DomainPlaces {
  /** Holds `domain.ts` and the tools: `src/expenses`. */
  readonly folder: string;
  /** Holds its tests: `test/expenses`. */
  readonly tests: string;
  /** Its part of the list of requirements: `test/requirements/expenses.ts`. */
  readonly requirements: string;
  /** What its tools look like to clients, as it was last agreed to. */
  readonly snapshot: string;
  /** The same of its resources and prompts. */
  readonly offersSnapshot: string;
  /** Whether `src/domain.ts` names it, so that the docs' tables are its own. */
  readonly isServed: boolean;
}

/**
 * The places of the domain that `src/domain.ts` names.
 *
 * @param root the project's folder
 * @throws {Error} where that file does not name one as it should
 */
export async function servedDomain(root: string): Promise<DomainPlaces> {
  const text = await readFile(join(root, "src", "domain.ts"), "utf8");
  const from = /^export \{ domain \} from "(\.[^"]+)\/domain\.ts";$/m.exec(text)?.[1];
  if (from === undefined) {
    throw new Error(
      'src/domain.ts names no domain. It should hold: export { domain } from "./FOLDER/domain.ts";',
    );
  }
  return { ...placesOf(posix.join("src", from)), isServed: true };
}

/** The places of a domain that may be served in place of that one. */
export function placesOf(folder: string): DomainPlaces {
  const name = posix.basename(folder);
  return {
    folder,
    tests: `test/${name}`,
    requirements: `test/requirements/${name}.ts`,
    snapshot: `test/${name}/tools.snapshot.json`,
    offersSnapshot: `test/${name}/offers.snapshot.json`,
    isServed: false,
  };
}
