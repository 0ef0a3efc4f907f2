import { afterAll, beforeAll, expect } from "vitest";
import { apiIdentifierUri, apiScope } from "../../local/directory.ts";
import { signIn } from "../../local/sign-in.ts";
import { sample, type TestedDomain } from "./domains.ts";
import { type RunningStack, startStack, temporaryFolder } from "./stack.ts";

/** A laptop stack that all tests of a file share. */
export interface SharedStack {
  /** The running stack; only within tests. */
  readonly running: () => RunningStack;
  /** The folder that the stack keeps its data in. */
  readonly folder: () => string;
  /** As {@link accessTokenOf}, of this stack. */
  tokenOf(username: string, claims?: string): Promise<string>;
  /**
   * Ends the stack and starts it again at the same port, over what it has stored.
   *
   * @param meanwhile is done while it does not run
   */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
}

/** An access token of a local account; `claims` is the JSON of a claims request. */
export async function accessTokenOf(
  { authority }: Pick<RunningStack, "authority">,
  username: string,
  claims?: string,
): Promise<string> {
  const { accessToken } = await signIn({
    issuer: authority,
    username,
    scope: `${apiIdentifierUri}/${apiScope}`,
    clientName: "Integration test",
    ...(claims === undefined ? {} : { claims }),
  });
  return accessToken;
}

/**
 * Starts a stack before the tests and ends it after them.
 *
 * @param tested the domain that it serves; another than the sample is built before
 */
export function sharedStack(tested: TestedDomain = sample): SharedStack {
  const options = tested.folder === undefined ? [] : ["--domain", tested.folder];
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let stack: RunningStack;
  beforeAll(async () => {
    folder = await temporaryFolder();
    const build = tested.folder === undefined ? [] : ["--build"];
    stack = await startStack(folder.path, { options: [...build, ...options] });
  });
  afterAll(async () => {
    await stack?.stop();
    await folder?.[Symbol.asyncDispose]();
  });
  return {
    running: () => stack,
    folder: () => folder.path,
    tokenOf: (username, claims) => accessTokenOf(stack, username, claims),
    async restart(meanwhile) {
      const { port } = stack;
      await stack.stop();
      await meanwhile?.();
      stack = await startStack(folder.path, { port, options });
    },
  };
}

/** Makes a part of the stack fail, or lets it work again. */
export async function control(base: string, path: string, body: unknown): Promise<void> {
  const response = await fetch(new URL(path, base), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.ok).toBe(true);
}
