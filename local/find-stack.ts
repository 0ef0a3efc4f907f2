import { join } from "node:path";
import { CommandError, readPort } from "./command-line.ts";
import { runningStacks, type StackRecord } from "./stack-record.ts";

/**
 * The running stack that a command means.
 *
 * @param folder where stacks keep their data
 * @param port as the person wrote it; the stack started last where they wrote none
 * @throws {CommandError} where none runs
 */
export async function findStack(folder: string, port: string | undefined): Promise<StackRecord> {
  const running = await runningStacks(join(folder, "stacks"));
  const wanted = port === undefined ? undefined : readPort("stack", port);
  const stack = running.find((record) => wanted === undefined || record.port === wanted);
  if (stack) return stack;
  throw new CommandError(
    wanted === undefined
      ? "No stack is running. Start one in another terminal: npm start"
      : `No stack is running at port ${wanted}. Start it in another terminal: npm start -- --port ${wanted}`,
  );
}
