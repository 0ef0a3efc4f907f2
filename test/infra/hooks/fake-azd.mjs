import { appendFileSync } from "node:fs";

const [group, verb, ...rest] = process.argv.slice(2);
appendFileSync(process.env.FAKE_AZD_LOG, `${JSON.stringify([group, verb, ...rest])}\n`);
if (process.env.FAKE_AZD_ERROR) {
  console.error(process.env.FAKE_AZD_ERROR);
  process.exitCode = 1;
} else if (group === "auth" && verb === "token") {
  console.log(JSON.stringify({ token: "an-access-token", expiresOn: "2026-11-21T12:00:00Z" }));
} else if (group !== "env" || verb !== "set") {
  console.error(`The fake azd does not know "${group} ${verb}".`);
  process.exitCode = 1;
}
