import type { Azd } from "../../../infra/hooks/azd.ts";
import type { Clock } from "../../../infra/hooks/clock.ts";
import { failure, success } from "../../../src/core/result.ts";

/** A clock on which waiting takes no time. */
export function fakeClock(): Clock & { readonly waited: () => number } {
  let now = 0;
  return {
    now: () => now,
    waited: () => now,
    async wait(milliseconds) {
      now += milliseconds;
    },
  };
}

export interface FakeAzd extends Azd {
  /** The values of its environment now. */
  readonly kept: Record<string, string>;
  readonly scopes: string[];
}

/**
 * An azd that is signed in, or that fails as told.
 *
 * @param values of its environment
 */
export function fakeAzd(
  failing: { readonly values?: string; readonly token?: string; readonly keep?: string } = {},
  { values = {}, accessToken = "an-access-token" } = {},
): FakeAzd {
  const kept: Record<string, string> = { ...values };
  const scopes: string[] = [];
  const failed = (command: string, detail: string) =>
    failure({ kind: "azd-failed" as const, command, detail });
  return {
    kept,
    scopes,
    async values() {
      return failing.values === undefined
        ? success({ ...kept })
        : failed("azd env get-values", failing.values);
    },
    async accessToken(scope) {
      scopes.push(scope);
      return failing.token === undefined
        ? success(accessToken)
        : failed("azd auth token", failing.token);
    },
    async keep(name, value) {
      if (failing.keep !== undefined) return failed("azd env set", failing.keep);
      kept[name] = value;
      return success(undefined);
    },
  };
}

/** What a hook prints, line by line and as one text. */
export function paper() {
  const lines: string[] = [];
  return { print: (line: string) => void lines.push(line), text: () => lines.join("\n") };
}
