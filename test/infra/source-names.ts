import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { everyMethod } from "../../functions/http-handler.ts";
import { projectFolder } from "../../local/paths.ts";
import { settingNames } from "../../src/config.ts";
import { domain } from "../../src/domain.ts";
import { requiredScope } from "../../src/gates/token-verifier.ts";
import { keyRingContainer } from "../../src/keys/blob-key-storage.ts";
import { usedApprovalsPrefix } from "../../src/mcp/approvals/ledger.ts";
import { restorableDays, userDataContainer } from "../../src/storage/user-blobs.ts";

/** What the server's own source calls things. */
export interface Code {
  /** Every environment variable that the server reads. */
  readonly settingNames: readonly string[];
  /** The delegated scope, bare. */
  readonly requiredScope: string;
  /** The container of the key ring. */
  readonly keyRingContainer: string;
  /** Where used approvals are kept inside it, with a trailing slash. */
  readonly usedApprovalsPrefix: string;
  /** The container of people's files; absent where the domain keeps none. */
  readonly userDataContainer?: string;
  /** The areas in it, with the days after which what lies there is deleted. */
  readonly areas: Readonly<Record<string, { readonly keepDays?: number }>>;
  /** Days for which what was deleted from Blob Storage can be brought back. */
  readonly restorableDays: number;
  /** The definitions of the containers in Cosmos DB, without their names. */
  readonly containers: readonly object[];
  /** The app roles that tools' policies ask for. */
  readonly roles: readonly string[];
  /** The audiences of a managed identity's token as a credential, one for each cloud. */
  readonly exchangeAudiences: readonly string[];
  /** What the triggers register, such as `GET /health`. */
  readonly routes: readonly string[];
}

export function readCode(): Code {
  const areas = domain.blobs ?? {};
  const policies = textOf("src").matchAll(/\bpolicy: \{[^}]*\broles: \[([^\]]*)\]/g);
  const triggers = textOf("functions").matchAll(/route: "([^"]+)",\s*methods: everyMethod/g);
  return {
    settingNames: [...settingNames, ...Object.keys(domain.settings.shape)],
    requiredScope,
    keyRingContainer,
    usedApprovalsPrefix,
    ...(Object.keys(areas).length > 0 && { userDataContainer }),
    areas,
    restorableDays,
    containers: Object.values(domain.containers),
    roles: [...policies].flatMap(([, roles = ""]) => quoted(roles)),
    exchangeAudiences: quoted(
      textOf("src")
        .match(/^ +tokenExchangeAudience: .*$/gm)
        ?.join("\n") ?? "",
    ),
    routes: [...triggers].flatMap(([, path = ""]) =>
      everyMethod.map((method) => `${method} /${path}`),
    ),
  };
}

/** All files below a folder of the project in one text. */
export function textOf(folder: string, ending = ".ts"): string {
  return readdirSync(join(projectFolder, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(projectFolder, folder, name), "utf8"))
    .join("\n");
}

function quoted(list: string): string[] {
  return [...list.matchAll(/"([^"]+)"/g)].map(([, text = ""]) => text);
}
