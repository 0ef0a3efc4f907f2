/**
 * Runs before every npm script, on whatever Node there is: says in one sentence what the install
 * lacks, and which command brings it.
 */
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const { dependencies, devDependencies } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);
const missing = Object.keys({ ...dependencies, ...devDependencies }).filter(
  (name) => !existsSync(join(root, "node_modules", name)),
);

/** The package `node` is a download that its install script makes. */
const bringNode = "npm rebuild node --ignore-scripts=false";

if (missing.length > 0) {
  const [first, ...others] = missing;
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  stop(`Packages are missing (${first}${more}). Run: npm install --include=dev`);
} else if (!process.features.typescript) {
  stop(
    `Node ${process.versions.node} runs this and cannot read TypeScript: Node 24, a development dependency, is not there, because install scripts are off. Run: ${bringNode}`,
  );
}

function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}
