import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { systemKeyring } from "../../../bridge/cache/keyring.ts";
import { verifies } from "../../requirements.ts";
import { runProgram } from "../../support/run-program.ts";
import { temporaryFolder } from "../../support/stack.ts";

async function testFolder(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return folder.path;
}

const withoutDbus = "only Linux has the Secret Service";

it(verifies("bridge.keyring", "is none where no service is"), async (context) => {
  context.skip(process.platform !== "linux", withoutDbus);
  const address = `unix:path=${join(await testFolder(), "nobody")}`;
  const keyring = systemKeyring({ env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: address } });
  const words = expect.stringContaining("Failed to connect to socket");
  expect(await keyring.read()).toEqual({ ok: false, reason: words });
  expect(await keyring.make()).toEqual({ ok: false, reason: words });
});

it(verifies("bridge.keyring", "is none where the service does not answer"), async (context) => {
  context.skip(process.platform !== "linux", withoutDbus);
  const path = join(await testFolder(), "silent");
  const silent = createServer().listen(path);
  onTestFinished(() => void silent.close());
  const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` };
  const keyring = systemKeyring({ env, timeout: 700 });
  expect(await keyring.read()).toEqual({ ok: false, reason: "it did not answer within 0.7 s" });
});

it(
  verifies("bridge.keyring", "is found where a client passes no variables of the session"),
  async (context) => {
    context.skip(process.platform !== "linux", withoutDbus);
    const runtimeFolder = await testFolder();
    const silent = createServer().listen(join(runtimeFolder, "bus"));
    onTestFinished(() => void silent.close());
    const env = { PATH: process.env.PATH, HOME: process.env.HOME };
    const keyring = systemKeyring({ env, runtimeFolder, timeout: 700 });
    expect(await keyring.read()).toEqual({ ok: false, reason: "it did not answer within 0.7 s" });
  },
);

const daemon = "gnome-keyring-daemon";

it(verifies("bridge.keyring", "keeps the key from one bridge to the next"), async (context) => {
  const { code } = await runProgram("sh", [
    "-c",
    `command -v dbus-run-session && command -v ${daemon}`,
  ]);
  context.skip(code !== 0, `needs dbus-run-session and ${daemon}`);
  const home = await testFolder();
  const script = fileURLToPath(new URL("keyring-session.ts", import.meta.url));
  const { stdout, stderr } = await runProgram(
    "dbus-run-session",
    [
      ...["--", "sh", "-c"],
      `echo password | ${daemon} --unlock --components=secrets >/dev/null && exec "$0" "$1"`,
      ...[process.execPath, script],
    ],
    { env: { HOME: home, XDG_RUNTIME_DIR: home } },
  );
  const [before, made, read, again] = JSON.parse(stdout || JSON.stringify([stderr])) as string[];
  expect([before, made]).toEqual(["nothing", expect.stringMatching(/^[0-9a-f]{64}$/)]);
  expect([read, again]).toEqual([made, made]);
});
