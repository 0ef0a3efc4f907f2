import type { ScopeChallengeHandler, StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { ToolPolicy } from "./policy.ts";
import { RequestSlot, type ScopeNames } from "./request-slot.ts";
import type { DefinedTool } from "./tool.ts";

/** A tool as the SDK is told of it. */
export interface Registration {
  readonly tool: DefinedTool;
  readonly config: Pick<DefinedTool["listing"], "title" | "description" | "annotations"> & {
    readonly inputSchema: StandardSchemaWithJSON<unknown, unknown>;
    readonly scopeChallenge: ScopeChallengeHandler | undefined;
  };
}

/**
 * `defineTool` checks the arguments itself, so that its words, and not a validator's, reach the
 * model; and the SDK then converts no schema per request.
 */
export function registrationOf(tool: DefinedTool, scopes: ScopeNames): Registration {
  const { title, description, annotations, inputSchema } = tool.listing;
  return {
    tool,
    config: {
      title,
      description,
      annotations,
      scopeChallenge: scopeChallengeOf(tool.policy, { tool: tool.name }, scopes),
      inputSchema: {
        "~standard": {
          version: 1,
          vendor: "defineTool",
          validate: (value) => ({ value }),
          jsonSchema: { input: () => inputSchema, output: () => inputSchema },
        },
      },
    },
  };
}

/**
 * 403 before anything runs, with all the scopes that the next token needs: the client can step up
 * (MCP specification, Authorization, Scope Challenge Handling). Where no token would ever have them, the
 * policy refuses in words.
 *
 * @param named what it is for, as the audit log has it
 */
export function scopeChallengeOf(
  policy: ToolPolicy,
  named: { readonly tool: string } | { readonly name: string },
  { required, qualified, isOnly = false }: ScopeNames,
): ScopeChallengeHandler | undefined {
  const needed = policy.scopes?.map(qualified);
  if (!needed || isOnly) return undefined;
  const scopes = [qualified(required), ...needed] as const;
  return ({ authInfo }) => {
    const missing = needed.find((scope) => !authInfo?.scopes.includes(scope));
    if (missing === undefined) return undefined;
    RequestSlot.of(authInfo).context.audit({
      action: "authorization",
      ...named,
      outcome: "challenged",
      reason: "missing-tool-scope",
      expected: missing,
    });
    return { scopes };
  };
}
