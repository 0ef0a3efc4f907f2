import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type RequirementId, verifies } from "../requirements.ts";
import { checkInfrastructure } from "./bicep/check.ts";
import { describeFinding, type FindingKind } from "./bicep/finding.ts";
import { environmentVariables } from "./bicep/parameters-file.ts";
import { parametersFile, projectOf, readFiles } from "./bicep/project.ts";
import { routesIn } from "./bicep/routes.ts";
import { settingsIn } from "./bicep/settings.ts";
import { sourceNames } from "./source-names.ts";

const root = join(import.meta.dirname, "..", "..");
const files = await readFiles();
const findings = checkInfrastructure(files, sourceNames);

/** What each requirement has to be free of; type checking wants every kind to be somewhere. */
const requirementOf: Readonly<Record<FindingKind, RequirementId>> = {
  syntax: "infrastructure.syntax",
  "unresolved-symbol": "infrastructure.symbols",
  "unknown-property": "infrastructure.symbols",
  "unknown-function": "infrastructure.symbols",
  "argument-count": "infrastructure.symbols",
  "unknown-decorator": "infrastructure.symbols",
  "duplicate-symbol": "infrastructure.symbols",
  "cyclic-reference": "infrastructure.deployment-time",
  "default-reference": "infrastructure.deployment-time",
  "not-known-at-start": "infrastructure.deployment-time",
  "conditional-access": "infrastructure.deployment-time",
  "unused-symbol": "infrastructure.used",
  "unused-file": "infrastructure.used",
  "module-output-unused": "infrastructure.used",
  "description-missing": "infrastructure.used",
  "module-file-missing": "infrastructure.modules",
  "module-parameter-missing": "infrastructure.modules",
  "module-parameter-unknown": "infrastructure.modules",
  "module-parameter-type": "infrastructure.modules",
  "declared-type": "infrastructure.modules",
  "module-scope": "infrastructure.modules",
  "module-output-unknown": "infrastructure.modules",
  "loaded-file-missing": "infrastructure.modules",
  "parameters-file": "infrastructure.parameters-file",
  "parameters-file-missing-entry": "infrastructure.parameters-file",
  "parameters-file-unknown-entry": "infrastructure.parameters-file",
  "output-feeds-back": "infrastructure.parameters-file",
  "resource-name-duplicate": "infrastructure.resources",
  "resource-type": "infrastructure.resources",
  "resource-parent": "infrastructure.resources",
  "refused-property": "infrastructure.resources",
  "dependency-unnecessary": "infrastructure.resources",
  "api-version": "infrastructure.resources",
  "location-fixed": "infrastructure.resources",
  "environment-url-fixed": "infrastructure.resources",
  "shared-keys": "infrastructure.authentication",
  "local-authentication": "infrastructure.authentication",
  "basic-publishing": "infrastructure.authentication",
  "public-blobs": "infrastructure.authentication",
  tls: "infrastructure.transport",
  "https-only": "infrastructure.transport",
  "platform-cors": "infrastructure.transport",
  "role-not-allowed": "infrastructure.roles",
  "role-scope": "infrastructure.roles",
  "role-principal-type": "infrastructure.roles",
  "secret-read": "infrastructure.secrets",
  "secret-exposed": "infrastructure.secrets",
  "secret-literal": "infrastructure.secrets",
  "secret-parameter-plain": "infrastructure.secrets",
  "setting-unknown": "infrastructure.settings",
  "setting-not-set": "infrastructure.settings",
  "container-definition": "infrastructure.names",
  "code-name": "infrastructure.names",
  "gateway-route": "infrastructure.gateway-paths",
};

describe("the templates", () => {
  for (const requirement of new Set(Object.values(requirementOf))) {
    it(verifies(requirement, `hold what ${requirement} asks`), () => {
      const broken = findings.filter(({ kind }) => requirementOf[kind] === requirement);
      expect(broken.map(describeFinding)).toEqual([]);
    });
  }

  it(verifies("infrastructure.settings", "set what the server cannot start without"), () => {
    const names = settingsIn(projectOf(files)).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["ENTRA_TENANT_ID", "COSMOS_ENDPOINT", "STORAGE_BLOB_ENDPOINT"]),
    );
  });

  it(
    verifies("infrastructure.gateway-paths", "are held against the routes that the triggers have"),
    () => {
      expect(routesIn(projectOf(files)).map(({ path }) => path)).toEqual(
        expect.arrayContaining(["mcp", "health/ready", ".well-known/oauth-protected-resource/mcp"]),
      );
    },
  );

  it(
    verifies("infrastructure.directory-names", "name what they make in Entra by the identity"),
    () => {
      const together = files.get("infra/modules/resources.bicep") ?? "";
      const names = [...together.matchAll(/^ +uniqueName: (.+)$/gm)].map(([, name]) => name);
      expect(names).toHaveLength(2);
      for (const name of names) expect(name).toMatch(/^'[a-z-]+\$\{directoryToken\}'$/);
      expect(together).toContain("var directoryToken = uniqueString(identity.outputs.principalId)");
    },
  );

  it(
    verifies(
      "infrastructure.parameters-documented",
      "take parameters that docs/deploy.md explains",
    ),
    async () => {
      const page = await readFile(join(root, "docs", "deploy.md"), "utf8");
      const variables = environmentVariables(files.get(parametersFile) ?? "");
      expect(variables.length).toBeGreaterThan(10);
      expect(
        variables.map(({ variable }) => variable).filter((name) => !page.includes(`\`${name}\``)),
      ).toEqual([]);
    },
  );
});
