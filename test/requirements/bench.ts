import type { Requirement } from "./requirement.ts";

const source = "docs/performance.md";

export const benchRequirements = [
  {
    id: "bench.scenarios",
    what: "`npm run bench` measures every scenario against the built server on the laptop stack, looks at every answer, and tells the figures with the machine they are of, as text or JSON.",
    source,
  },
  {
    id: "bench.wrong-answers",
    what: "A wrong answer is counted and shown, and the run fails: figures of a server that does not work say nothing.",
    source,
  },
  {
    id: "bench.compare",
    what: "--compare names the figures that changed by more than the spread of both runs, better or worse, and what else differs between the runs.",
    source,
  },
  {
    id: "bench.floor",
    what: "`--only floor` tells how many times the floor the server takes for the same tool and schemas: both in one process, in alternating blocks, in both eras, as the median of the ratios with their spread; and what a list of the tools takes against a call.",
    source,
  },
  {
    id: "bench.against",
    what: "`--against FOLDER` measures another build in turns with this one: import, bytes loaded at import, and the time from the start of the process to the first answered tool call.",
    source,
  },
  {
    id: "bundle.left-out",
    what: "What libraries bring along for others is not in the bundle, and the build fails when it can no longer be left out.",
    source: "docs/performance.md, Cold start",
  },
] as const satisfies readonly Requirement[];
