/**
 * `npm run eval`: puts what people ask in a chat to a real model, with the tools of the server, and
 * judges by what is stored and said afterwards. Each request has a server and a database of its own.
 */
import { CommandError, readArguments, runCommand } from "../local/command-line.ts";

const usage = `Usage: npm run eval [-- --only TEXT]

Puts the requests of docs/tour.md to a model, which calls the tools of this server, and judges by what
is stored and said. The model is one that speaks OpenAI's chat completions:

  OPENAI_API_KEY, OPENAI_MODEL, and OPENAI_BASE_URL where it is not OpenAI's own
  AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY, AZURE_OPENAI_DEPLOYMENT

It sends the made-up expenses of the test to that model, and nothing else.`;

/** Of 25. */
const enough = 24;

await runCommand(async () => {
  const { values } = readArguments(usage, {
    only: { value: "TEXT", description: "only the requests that contain TEXT" },
  });
  const { converse, modelFrom } = await import("../test/eval/model.ts");
  const model = modelFrom(process.env);
  if (!model) {
    throw new CommandError(
      "Nothing was evaluated: no model is configured. npm run eval -- --help says how.",
    );
  }
  const { cases } = await import("../test/eval/cases.ts");
  const { only = "" } = values;
  const asked = cases.filter(({ ask }) => ask.toLowerCase().includes(only.toLowerCase()));
  if (asked.length === 0) throw new CommandError(`No request contains ${only}.`);

  const { problemsOf } = await import("../test/eval/reference.ts");
  const { startWorlds } = await import("../test/eval/world.ts");
  const worlds = await startWorlds();
  let served = 0;
  try {
    for (const one of asked) {
      const world = await worlds.make();
      const before = await world.storedOf(one.as);
      const client = await world.connect(one.as);
      const { calls, said, isAsked } = await converse(model, client, one.ask);
      await client.close();
      const problems = problemsOf(one, said, before, await world.storedOf(one.as));
      if (calls.length > (isAsked ? 3 : 2)) problems.push(`took ${calls.length} calls`);
      if (problems.length === 0) served += 1;
      console.log(`${problems.length === 0 ? "ok" : "FAILED"}: ${one.ask} (${calls.join(", ")})`);
      for (const problem of problems) console.log(`  - ${problem}`);
      if (problems.length > 0) console.log(`  said: ${said.slice(0, 500)}`);
    }
  } finally {
    await worlds.close();
  }
  console.log(`${model.name} served ${served} of ${asked.length}.`);
  const wanted = Math.min(asked.length, enough);
  if (served < wanted) throw new CommandError(`Fewer than ${wanted}.`);
});
