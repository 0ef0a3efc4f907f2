import { z } from "zod";
import { defineDomain } from "../../../src/define-domain.ts";
import { prompts } from "./prompts.ts";
import { resources } from "./resources.ts";
import { tools } from "./tools.ts";

/** What the conformance suite asks a server to have. */
export const domain = defineDomain({
  name: "conformance-fixtures",
  title: "Conformance fixtures",
  instructions: "What the conformance suite asks a server to have.",
  scopeDescription: "Call the suite's fixtures",
  settings: z.object({}),
  containers: {},
  tools: () => tools,
  resources: () => resources,
  prompts: () => prompts,
});
