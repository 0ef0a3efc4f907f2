import { join } from "node:path";
import { openState } from "../../local/authority/state.ts";
import { CommandError, neverProxyLoopback } from "../../local/command-line.ts";
import { accounts, adminGroupId, apiIdentifierUri, apiScope } from "../../local/directory.ts";
import { findStack } from "../../local/find-stack.ts";
import { dataFolder as usualDataFolder } from "../../local/paths.ts";
import { SignInError } from "../../local/pick-account.ts";
import { signIn } from "../../local/sign-in.ts";
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
  const account = accounts.find(({ groups }) => !groups.includes(adminGroupId));
  try {
    const stack = await findStack(dataFolder, port);
    const target = new URL(`http://localhost:${stack.port}/mcp`);
    const authority = join(dataFolder, "stacks", String(stack.port), "authority");
    const { state } = await openState(authority);
    const { accessToken } = await signIn({
      issuer: stack.issuer,
      username: account?.username ?? "",
      scope: `${apiIdentifierUri}/${apiScope}`,
      clientName: "npm run authsuite",
    });
    return {
      target,
      token: accessToken,
      signingKey: state.signingKey,
      origin: target.origin,
      profile: "entra",
    };
  } catch (error) {
    if (error instanceof CommandError || error instanceof SignInError) {
      throw new CannotRun(error.message);
    }
    throw error;
  }
}
