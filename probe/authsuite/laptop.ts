import { join } from "node:path";
import { openState } from "../../local/authority/state.ts";
import { CommandError, neverProxyLoopback } from "../../local/command-line.ts";
import { accounts, adminGroupId, apiIdentifierUri, apiScope } from "../../local/directory.ts";
import { findStack } from "../../local/find-stack.ts";
import { dataFolder as usualDataFolder } from "../../local/paths.ts";
import { SignInError } from "../../local/pick-account.ts";
import { gatewayIssuerOf } from "../../local/settings.ts";
import { signIn } from "../../local/sign-in.ts";
import { CannotRun } from "../shared/command-line.ts";
import type { LaptopOptions } from "./command-line.ts";
import type { SuiteOptions } from "./prepare.ts";

/**
 * What there is to know of a running laptop stack: where its server is, a token of somebody who is
 * no administrator, signed in as every client does it, and the key that its authority signs with. The
 * gateway's signing key leaves its server for nobody.
 *
 * @param asked the URL that is to be checked: the stack's MCP server, unless it is its gateway
 * @throws {CannotRun} where none is running
 */
export async function findLaptop(
  { port, dataFolder = usualDataFolder }: LaptopOptions,
  asked?: URL,
): Promise<SuiteOptions> {
  neverProxyLoopback(process.env);
  const account = accounts.find(({ groups }) => !groups.includes(adminGroupId));
  try {
    const stack = await findStack(dataFolder, port);
    const target = new URL(`http://localhost:${stack.port}/mcp`);
    const person = { username: account?.username ?? "", clientName: "npm run authsuite" };
    const gateway = gatewayIssuerOf(target.href);
    if (asked?.pathname === "/gateway/mcp") {
      const resource = `${gateway}/mcp`;
      const signedIn = await signIn({ ...person, issuer: gateway, scope: apiScope, resource });
      return { target: new URL(resource), token: signedIn.accessToken, origin: target.origin };
    }
    const authority = join(dataFolder, "stacks", String(stack.port), "authority");
    const { state } = await openState(authority);
    const { accessToken } = await signIn({
      ...person,
      issuer: stack.issuer,
      scope: `${apiIdentifierUri}/${apiScope}`,
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
