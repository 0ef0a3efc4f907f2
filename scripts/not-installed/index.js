/**
 * Stands in for packages that libraries ask for and nothing here runs: a third of the install.
 * `overrides` in the project's package.json puts it in their place. npm finds the folder only where
 * the project itself depends on it under the same name, hence the lines in `devDependencies`.
 *
 * | package | asked for by | for |
 * |---|---|---|
 * | applicationinsights | azurite | telemetry, which `--disableTelemetry` turns off |
 * | sequelize, mysql2, tedious | azurite | keeping its metadata in a SQL database |
 * | @turf/* | @zeit/cosmosdb-query | spatial functions in queries (`ST_DISTANCE` and its like) |
 * | @octokit/rest | @modelcontextprotocol/conformance | its command `tier-check`, which asks GitHub |
 * | apache-arrow | @azure/storage-blob | one of the formats that blobs can be listed in |
 * | @azure/msal-browser | @azure/identity | sign-in in browsers |
 *
 * To use one after all, delete its lines in package.json and run `npm install`.
 */
function notInstalled() {
  throw new Error(
    "This needs a package that the project does not install: see scripts/not-installed/index.js.",
  );
}

// What is read when these libraries load, and what is called first where one is used after all.
exports.Model = notInstalled;
exports.Sequelize = notInstalled;
exports.setup = notInstalled;
exports.Octokit = notInstalled;
exports.tableFromIPC = notInstalled;
exports.feature = notInstalled;
exports.centroid = notInstalled;
