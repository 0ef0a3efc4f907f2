import { settingNames } from "../../src/config.ts";
import { requiredScope } from "../../src/gates/token-verifier.ts";
import { keyRingContainer } from "../../src/keys/blob-key-storage.ts";
import { usedApprovalsPrefix } from "../../src/mcp/approvals/ledger.ts";
import type { Code } from "./bicep/check.ts";

/** What the templates are held against, from the server's own source. */
export const sourceNames: Code = {
  settingNames,
  requiredScope,
  keyRingContainer,
  usedApprovalsPrefix,
  containerFile: "src/expenses/container.json",
};
