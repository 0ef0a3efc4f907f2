import { readConfig } from "../../../src/config.ts";
import type { Endpoint } from "../../../src/core/endpoint.ts";
import { consoleLog } from "../../../src/core/log.ts";
import { success } from "../../../src/core/result.ts";
import { createGates } from "../../../src/gates/gates.ts";
import { createMcpEndpoint } from "../../../src/mcp/server.ts";
import { extend } from "./extend.ts";
import { requestState } from "./request-state.ts";
import { tools } from "./tools.ts";

const gates = createGates(readConfig(process.env), consoleLog);

/** The gates of the application, and the same MCP server over the suite's fixtures. */
export const endpoint: Endpoint = gates.guard(
  createMcpEndpoint({
    ...gates.scopes,
    name: "conformance-fixtures",
    title: "Conformance fixtures",
    version: "1.0.0",
    instructions: "What the conformance suite asks a server to have.",
    tools,
    isAdministrator: async () => success(false),
    requestState,
    extend,
  }),
);
