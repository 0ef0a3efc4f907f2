import type { Requirements } from "./requirement.ts";

export const benchRequirements = {
  "docs/performance.md": {
    "bench.scenarios":
      "`npm run bench` measures every scenario against the built server on the laptop stack, looks at every answer, and tells the figures with the machine they are of, as text or JSON.",
    "bench.wrong-answers":
      "A wrong answer is counted and shown, and the run fails: figures of a server that does not work say nothing.",
    "bench.compare":
      "--compare names the figures that changed by more than the spread of both runs, better or worse, and what else differs between the runs.",
    "bench.floor":
      "`--only floor` tells how many times the floor the server takes for the same tool and schemas: both in one process, in alternating blocks, in both eras, as the median of the ratios with their spread; and what a list of the tools takes against a call.",
    "bench.against":
      "`--against FOLDER` measures another build in turns with this one: import, bytes loaded at import, and the time from the start of the process to the first answered tool call.",
  },
  "docs/performance.md, Cold start": {
    "bundle.left-out":
      "What libraries bring along for others is not in the bundle, and the build fails when it can no longer be left out.",
  },
} satisfies Requirements;
