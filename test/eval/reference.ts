import { textOf } from "../support/clients.ts";
import type { Case, Structured } from "./cases.ts";
import type { World } from "./world.ts";

/** What became of a case. */
export interface Served {
  readonly calls: readonly ServedCall[];
  /** What is wrong with it. */
  readonly problems: readonly string[];
}

export interface ServedCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly structured: Structured;
}

const longestAnswer = 4_000;

/** Serves a case by the calls that it names, and judges them as a model's are judged. */
export async function serveByReference(asked: Case, world: World): Promise<Served> {
  const before = await world.storedOf(asked.as);
  const client = await world.connect(asked.as);
  const calls: ServedCall[] = [];
  const problems: string[] = [];
  for (const { tool, arguments: given } of asked.calls) {
    const toolArguments = given(calls.map(({ structured }) => structured));
    const result = await client.callTool({ name: tool, arguments: toolArguments });
    const text = textOf(result);
    if (result.isError) problems.push(`${tool} failed: ${text}`);
    if (!asked.isList && text.length > longestAnswer) {
      problems.push(`${tool} answered ${text.length} characters`);
    }
    calls.push({ tool, arguments: toolArguments, text, structured: result.structuredContent });
    if (result.isError) break;
  }
  // Where nothing can be called, what the list of tools says has to do.
  const said =
    calls.length > 0
      ? calls.map(({ text }) => text).join("\n")
      : (await client.listTools()).tools.map((tool) => JSON.stringify(tool)).join("\n");
  await client.close();
  const after = await world.storedOf(asked.as);
  return { calls, problems: [...problems, ...problemsOf(asked, said, before, after)] };
}

/** What is wrong with what is said and stored, if anything is. */
export function problemsOf(
  { says, neverSays = [], stored }: Case,
  said: string,
  ...[before, after]: Awaited<ReturnType<World["storedOf"]>>[]
): string[] {
  return [
    ...says.filter((what) => !what.test(said)).map((what) => `does not say ${what}`),
    ...neverSays.filter((what) => what.test(said)).map((what) => `says ${what}`),
    ...(stored && !stored(after ?? [], before ?? []) ? ["what is stored is not right"] : []),
  ];
}
