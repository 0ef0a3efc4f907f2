import type { RequirementId } from "../../requirements.ts";
import type { ComposedGateway, composeGateway } from "../composed-gateway.ts";

/** A piece of the source that keeps an attack off. */
export interface Guard {
  /** From the project's folder. */
  readonly file: `src/${string}`;
  /** The exact text, which stands in the file once. */
  readonly code: string;
  /** What stands there in a server without the guard. */
  readonly without: string;
}

/** Something that was done to a gateway, here or elsewhere, or that a standard warns of. */
export interface Attack {
  /** The requirement that says what is kept off: one for each threat. */
  readonly threat: Extract<RequirementId, `gateway-attacks.${string}`>;
  readonly name: string;
  /** An advisory, a section of a standard, an issue. */
  readonly source: string;
  /** What has to be taken out for the attack to succeed; several where the guard is doubled on purpose. */
  readonly guard: Guard | readonly Guard[];
  /**
   * Attacks, and asserts that it came to nothing. Rejects with a failed assertion where it succeeds.
   *
   * @param compose makes further instances, and gateways with other settings
   */
  run(gateway: ComposedGateway, compose: typeof composeGateway): Promise<void>;
}

export function guardsOf({ guard }: Attack): readonly Guard[] {
  return Array.isArray(guard) ? guard : [guard as Guard];
}
