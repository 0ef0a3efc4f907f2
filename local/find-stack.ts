import { join } from "node:path";
import { CommandError } from "./command-line.ts";
import { runningStacks, type StackRecord } from "./stack-record.ts";

/**
 * The running stack that a command means.
 *
 * @param folder where stacks keep their data
 * @param port of its server; the stack started last unless given
 * @throws {CommandError} where none runs
 */
export async function findStack(folder: string, port: number | undefined): Promise<StackRecord> {
  const running = await runningStacks(join(folder, "stacks"));
  const stack = running.find((record) => port === undefined || record.port === port);
  if (stack) return stack;
  const missing =
    port === undefined
      ? "No laptop stack is running. Start one in another terminal: npm start"
      : `No laptop stack is running at port ${port}. Start it in another terminal: npm start -- --port ${port}`;
  throw new CommandError(`${missing} (one started with --data FOLDER is found with the same here)`);
}
