import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verifies } from "./requirements.ts";

type Names = Readonly<Record<string, string>>;

interface LockedPackage {
  readonly resolved?: string;
  readonly link?: true;
  readonly optional?: true;
  readonly dependencies?: Names;
  readonly devDependencies?: Names;
  readonly optionalDependencies?: Names;
  readonly peerDependencies?: Names;
}

const root = join(import.meta.dirname, "..");
const read = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8"));
const packages: Readonly<Record<string, LockedPackage>> = read("package-lock.json").packages;
const left = Object.keys(read("package.json").overrides);

/** The name of a package by the folder that the lock file puts it into. */
const nameOf = (folder: string) => folder.split("node_modules/").at(-1) ?? "";

describe("npm install", () => {
  it(verifies("install.light", "puts the stand-in wherever a package is left out"), () => {
    expect(left.length).toBeGreaterThan(5);
    const installed = Object.entries(packages).filter(([folder]) => left.includes(nameOf(folder)));
    expect(Object.fromEntries(installed)).toEqual(
      Object.fromEntries(
        left.map((name) => [
          `node_modules/${name}`,
          { resolved: "scripts/not-installed", link: true },
        ]),
      ),
    );
  });

  it(verifies("install.light", "says what is missing where it is used after all"), () => {
    const require = createRequire(import.meta.url);
    const { default: SqlBlobMetadataStore } =
      require("azurite/dist/src/blob/persistence/SqlBlobMetadataStore.js");
    expect(() => new SqlBlobMetadataStore("mysql://localhost")).toThrow(
      "scripts/not-installed/index.js",
    );
  });

  it(verifies("install.light", "brings fewer than 580 packages, whatever the platform"), () => {
    const everywhere = Object.values(packages).filter(({ optional, link }) => !optional && !link);
    expect(everywhere.length).toBeLessThan(580);
  });

  it(verifies("install.lock", "leaves the lock file alone: it has nothing nobody asks for"), () => {
    const asked = new Set(
      Object.values(packages).flatMap((locked) =>
        [
          locked.dependencies,
          locked.devDependencies,
          locked.optionalDependencies,
          locked.peerDependencies,
        ].flatMap((names) => Object.keys(names ?? {})),
      ),
    );
    const unasked = Object.keys(packages).filter(
      (folder) => folder.includes("node_modules/") && !asked.has(nameOf(folder)),
    );
    expect(unasked).toEqual([]);
  });

  it(verifies("install.lock", "leaves the lock file alone, whichever npm it is"), () => {
    const written = Object.entries(packages).filter(([, locked]) => "libc" in locked);
    expect(written.map(([folder]) => folder)).toEqual([]);
  });
});
