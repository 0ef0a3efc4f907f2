import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startAuthority } from "../../../local/authority/authority.ts";
import { vscodeClientId } from "../../../local/directory.ts";
import { verifies } from "../../requirements.ts";
import { temporaryFolder } from "../../support/stack.ts";
import { qualifiedScope, refusalOf, testAuthority, testCertificate } from "./support.ts";

const refresh = { grant_type: "refresh_token", client_id: vscodeClientId };

async function temporaryDirectory(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return join(folder.path, "state");
}

it(verifies("authority.persistence", "keeps what clients hold good across a restart"), async () => {
  const dataDirectory = await temporaryDirectory();
  const before = await testAuthority({ dataDirectory });
  const redirect_uri = "http://127.0.0.1/callback";
  const client_id = await before.clientAt(redirect_uri);
  const { refresh_token = "" } = await before.signIn({ scope: `${qualifiedScope} offline_access` });
  const keys = await (await fetch(before.keysUrl)).json();
  await before.close();

  const after = await testAuthority({ dataDirectory });
  expect(await (await fetch(after.keysUrl)).json()).toEqual(keys);
  expect((await after.authorize({ client_id, redirect_uri })).status).toBe(200);
  const refreshed = await after.token({ ...refresh, refresh_token });
  expect(refreshed.status).toBe(200);
});

it(verifies("authority.persistence", "keeps nothing without a directory"), async () => {
  const before = await testAuthority();
  const { refresh_token = "" } = await before.signIn({ scope: `${qualifiedScope} offline_access` });
  const after = await testAuthority();
  const refreshed = await after.token({ ...refresh, refresh_token });
  expect(await refusalOf(refreshed)).toBe("400 invalid_grant AADSTS70000");
});

it(verifies("authority.persistence", "keeps every one of many registrations"), async () => {
  const dataDirectory = await temporaryDirectory();
  const before = await testAuthority({ dataDirectory });
  const redirect_uri = "http://127.0.0.1/callback";
  const clientIds = await Promise.all(
    Array.from({ length: 20 }, () => before.clientAt(redirect_uri)),
  );
  expect(await readdir(dataDirectory)).toEqual(["authority.json"]);
  await before.close();
  const after = await testAuthority({ dataDirectory });
  for (const client_id of clientIds) {
    expect((await after.authorize({ client_id, redirect_uri })).status).toBe(200);
  }
});

it(verifies("authority.persistence", "lets nobody else read the keys"), async ({ skip }) => {
  skip(process.platform === "win32", "Windows has no such permissions");
  const dataDirectory = await temporaryDirectory();
  await testAuthority({ dataDirectory });
  const { mode } = await stat(join(dataDirectory, "authority.json"));
  expect(mode & 0o777).toBe(0o600);
});

it.each(["", "{}", "not JSON"])(
  verifies("authority.persistence", "names a file that is not its own: %j"),
  async (content) => {
    const dataDirectory = await temporaryDirectory();
    const authority = await testAuthority({ dataDirectory });
    await authority.close();
    const path = join(dataDirectory, "authority.json");
    await writeFile(path, content);
    const starting = startAuthority({ certificate: await testCertificate(), dataDirectory });
    await expect(starting).rejects.toThrow(path);
  },
);
