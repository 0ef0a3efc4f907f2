import { bundleServer } from "../../scripts/bundle.ts";
import type { Measurement } from "../report.ts";
import type { ScenarioGroup } from "../scenario.ts";

const bundleName = "bundle-size/all";
const ownName = "bundle-size/own";
/** Packages that have less are left out of the report. */
const worthTelling = 90_000;

/** How large the bundle is, and what most of it is. */
export const bundleSize: ScenarioGroup = {
  names: ["bundle-size"],

  async measure() {
    const { metafile } = await bundleServer();
    const output = Object.entries(metafile.outputs).find(([path]) => path.endsWith(".mjs"))?.[1];
    if (!output) throw new Error("The build makes no bundle.");
    const sizes = new Map<string, number>();
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = packageOf(path);
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
    }
    const largest = [...sizes]
      .filter(([name, bytes]) => bytes >= worthTelling && name !== ownName)
      .sort(([, one], [, other]) => other - one);
    return [
      measurementOf(bundleName, output.bytes),
      measurementOf(ownName, sizes.get(ownName) ?? 0),
      ...largest.map(([name, bytes]) => measurementOf(name, bytes)),
    ];
  },
};

function packageOf(path: string): string {
  const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path.replaceAll("\\", "/"))?.[1];
  return name === undefined ? ownName : `bundle-size/${name}`;
}

function measurementOf(name: string, bytes: number): Measurement {
  return {
    name,
    metrics: [{ name: "size", unit: "kB", values: [bytes / 1000] }],
    answers: 1,
    errors: 0,
  };
}
