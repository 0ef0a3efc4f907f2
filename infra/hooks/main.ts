/**
 * `npm run hook NAME`: what azd runs at the points that `azure.yaml` names, with the values of the
 * azd environment as environment variables.
 */
import { spawn } from "node:child_process";
import { createAzd } from "./azd.ts";
import { postdeploy } from "./postdeploy.ts";
import { postdown } from "./postdown.ts";
import { predown } from "./predown.ts";

const { env } = process;
const print = (line: string) => console.log(line);
const azd = createAzd(env);

const hooks: Readonly<Record<string, () => Promise<number>>> = {
  postdeploy: () => postdeploy({ env, print, runDoctor }),
  predown: () => predown({ env, print, azd }),
  postdown: () => postdown({ env, print, azd }),
};

/** The command of the same name, by Node's own runner of scripts: npm's needs a shell on Windows. */
function runDoctor(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--run", "doctor", "--", url], { stdio: "inherit" });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

const [name = "", ...rest] = process.argv.slice(2);
const hook = Object.hasOwn(hooks, name) ? hooks[name] : undefined;
if (!hook || rest.length > 0) {
  const isHelp = name === "--help";
  console[isHelp ? "log" : "error"](`Usage: npm run hook ${Object.keys(hooks).join("|")}`);
  process.exitCode = isHelp ? 0 : 2;
} else {
  process.exitCode = await hook();
}
