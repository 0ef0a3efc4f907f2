/**
 * Takes the lock in the folder of its argument, says so on standard output, and holds it until its
 * standard input ends. What it writes to the file `holders` shows who held it together.
 */
import { appendFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { acquireLock } from "../../../bridge/cache/lock.ts";

const [name = "", folder = ""] = process.argv.slice(2);
const lock = await acquireLock(name, folder, AbortSignal.timeout(60_000));
await appendFile(`${folder}/holders`, "in ");
process.stdout.write("held\n");
await text(process.stdin);
await appendFile(`${folder}/holders`, "out ");
await lock.release();
