import { rm, stat } from "node:fs/promises";
import { codeOf } from "../../src/core/error-code.ts";
import type { BridgeLog } from "../log.ts";
import { readPrivateFile, removeUnfinished, writePrivateFile } from "./private-file.ts";
import { type Protection, seal, unseal } from "./sealed.ts";

export interface KeptFileOptions {
  readonly path: string;
  /** What the file is for: with anything else it cannot be opened. */
  readonly binding: readonly string[];
  readonly protection: Protection;
  readonly log: BridgeLog;
}

/**
 * One file that the bridge keeps. What somebody else may have made of it never stops the bridge: it
 * counts as nothing kept, is told of once, and is replaced only where it was the bridge's own.
 */
export class KeptFile {
  readonly #options: KeptFileOptions;
  /** What stands there is not the bridge's to replace. */
  #foreign = false;
  #writeFailed = false;
  readonly #told = new Set<string>();
  #seen = "";

  constructor(options: KeptFileOptions) {
    this.#options = options;
  }

  get path(): string {
    return this.#options.path;
  }

  /** Whether texts are kept here: not after a failed writing, nor where something else stands. */
  get keeps(): boolean {
    return !this.#foreign && !this.#writeFailed;
  }

  /** The text that was kept last, by any process; nothing where there is none of use. */
  async read(): Promise<string | undefined> {
    const { path, protection, binding } = this.#options;
    this.#seen = await this.#state();
    this.#foreign = false;
    const found = await readPrivateFile(path);
    if (found.kind === "nothing") return undefined;
    if (found.kind === "foreign") return this.#leave(found.words);
    const opened = unseal(protection, binding, found.content);
    if (opened.kind === "foreign") return this.#leave(`${path} ${opened.words}.`);
    if (opened.kind === "damaged") {
      this.#tell(`${path} ${opened.words}. A new sign-in replaces it.`);
      return undefined;
    }
    if (found.exposed) {
      // Others could have read it; if it is plain, also have written it.
      this.#tell(`Others may read ${path}: it is not used, and a new sign-in replaces it.`);
      return undefined;
    }
    return opened.text;
  }

  /** Whether any process has written or removed the file since it was read or written here. */
  async hasChanged(): Promise<boolean> {
    return this.keeps && (await this.#state()) !== this.#seen;
  }

  /** Keeps the text. Where that fails it says so, and goes on. */
  async write(text: string): Promise<void> {
    if (this.#foreign) return;
    const { path, protection, binding } = this.#options;
    try {
      await writePrivateFile(path, seal(protection, binding, text));
      this.#writeFailed = false;
      this.#seen = await this.#state();
    } catch (error) {
      this.#writeFailed = true;
      this.#tell(
        `${path} cannot be written (${codeOf(error, String(error))}): the next start asks for a sign-in.`,
      );
    }
  }

  /** Removes the file, if it is the bridge's, and what processes have left that ended while they wrote it. */
  async remove(): Promise<void> {
    const { path } = this.#options;
    await this.read();
    if (!this.#foreign) await rm(path, { force: true });
    await removeUnfinished(path);
  }

  /** Takes what was read for damaged: its text makes no sense to whoever asked for it. */
  reject(): void {
    this.#tell(`${this.#options.path} is damaged. A new sign-in replaces it.`);
  }

  #leave(words: string): undefined {
    this.#foreign = true;
    this.#tell(
      `${words} It is left as it is, and tokens are kept in memory; remove it if it is of no use.`,
    );
  }

  #tell(words: string): void {
    if (this.#told.has(words)) return;
    this.#told.add(words);
    this.#options.log.say(words);
  }

  async #state(): Promise<string> {
    const { path } = this.#options;
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    return found ? `${found.ino} ${found.mtimeNs} ${found.size}` : "";
  }
}
