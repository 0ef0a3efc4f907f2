import { join } from "node:path";
import { openState } from "../../local/authority/state.ts";
import { neverProxyLoopback } from "../../local/command-line.ts";
import { accounts, adminGroupId, apiIdentifierUri, apiScope } from "../../local/directory.ts";
import { dataFolder as usualDataFolder } from "../../local/paths.ts";
import { SignInError, signIn } from "../../local/sign-in.ts";
import { runningStacks } from "../../local/stack-record.ts";
import { CannotRun } from "../shared/command-line.ts";
import type { LaptopOptions } from "./command-line.ts";
import type { SuiteOptions } from "./prepare.ts";

/**
 * What there is to know of a running laptop stack: where its server is, a token of somebody who is
 * no administrator, signed in as every client does it, and the key that its authority signs with.
 *
 * @throws {CannotRun} where none is running
 */
export async function findLaptop({
  port,
  dataFolder = usualDataFolder,
}: LaptopOptions): Promise<SuiteOptions> {
  neverProxyLoopback(process.env);
  const stacksFolder = join(dataFolder, "stacks");
  const running = await runningStacks(stacksFolder);
  const stack = running.find((record) => port === undefined || record.port === port);
  if (!stack) {
    throw new CannotRun(
      port === undefined
        ? "No laptop stack is running. Start one in another terminal: npm start"
        : `No laptop stack is running at port ${port}. Start it in another terminal: npm start -- --port ${port}`,
    );
  }
  const target = new URL(`http://localhost:${stack.port}/mcp`);
  const { state } = await openState(join(stacksFolder, String(stack.port), "authority"));
  return {
    target,
    token: await signInto(stack.issuer),
    signingKey: state.signingKey,
    origin: target.origin,
    profile: "entra",
  };
}

async function signInto(issuer: string): Promise<string> {
  const account = accounts.find(({ groups }) => !groups.includes(adminGroupId));
  try {
    const { accessToken } = await signIn({
      issuer,
      username: account?.username ?? "",
      scope: `${apiIdentifierUri}/${apiScope}`,
      clientName: "npm run authsuite",
    });
    return accessToken;
  } catch (error) {
    if (error instanceof SignInError) throw new CannotRun(error.message);
    throw error;
  }
}
