import { appendFileSync, readFileSync, writeFileSync } from "node:fs";

const [group, verb, ...rest] = process.argv.slice(2);
const { FAKE_AZD_ERROR, FAKE_AZD_FAILS, FAKE_AZD_LOG, FAKE_AZD_VALUES } = process.env;
appendFileSync(FAKE_AZD_LOG, `${JSON.stringify([group, verb, ...rest])}\n`);
const values = () => JSON.parse(readFileSync(FAKE_AZD_VALUES, "utf8"));
if (FAKE_AZD_ERROR && (FAKE_AZD_FAILS ?? `${group} ${verb}`) === `${group} ${verb}`) {
  console.error(FAKE_AZD_ERROR);
  process.exitCode = 1;
} else if (group === "auth" && verb === "token") {
  const token = process.env.FAKE_AZD_TOKEN ?? "an-access-token";
  console.log(JSON.stringify({ token, expiresOn: "2026-11-21T12:00:00Z" }));
} else if (group === "env" && verb === "get-values") {
  if (FAKE_AZD_VALUES) console.log(JSON.stringify(values()));
  else console.error("ERROR: no project exists; to create a new project, run `azd init`");
  process.exitCode = FAKE_AZD_VALUES ? 0 : 1;
} else if (group === "env" && verb === "set") {
  const [name, value] = rest;
  if (FAKE_AZD_VALUES) {
    writeFileSync(FAKE_AZD_VALUES, JSON.stringify({ ...values(), [name]: value }));
  }
} else {
  console.error(`The fake azd does not know "${group} ${verb}".`);
  process.exitCode = 1;
}
