import type { Azd } from "./azd.ts";
import { madeByDeployment, removalListName, writeRemovalList } from "./directory-objects.ts";

export interface PredownOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly azd: Azd;
  readonly print: (line: string) => void;
}

/**
 * Before `azd down`: notes what the deployment made in the Entra tenant. Nothing is deleted yet,
 * since azd asks the person only after this hook; and when it is done, it has dropped the
 * deployment's outputs from the environment.
 *
 * @returns the exit code; 1 stops `azd down` before it deletes anything
 */
export async function predown({ env, azd, print }: PredownOptions): Promise<number> {
  const objects = madeByDeployment(env);
  // A run that repeats one which failed halfway finds no outputs, but the list it left.
  if (objects.length === 0) return 0;
  const kept = await azd.keep(removalListName, writeRemovalList(objects));
  if (kept.ok) return 0;
  print(`The Entra registration could not be noted for removal: ${kept.reason.detail}`);
  print(
    `Nothing has been deleted. "${kept.reason.command}" must work first; then repeat: azd down`,
  );
  return 1;
}
