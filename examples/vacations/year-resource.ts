import { failure, success } from "../../src/core/result.ts";
import { defineResource } from "../../src/mcp/define-resource.ts";
import type { DefinedResource } from "../../src/mcp/offer.ts";
import { everyone } from "../../src/mcp/policy.ts";
import { storeToolFailure, type VacationStore } from "./store.ts";

/**
 * One's own vacations of a year, for programs. Policy: everyone.
 *
 * @param now milliseconds since the epoch
 */
export function yearOfVacations(store: VacationStore, now: () => number): DefinedResource {
  return defineResource({
    name: "year",
    title: "Vacations of a year",
    description: "The signed-in person's vacations of a calendar year, earliest first.",
    uriTemplate: "vacations://me/years/{year}.json",
    mediaType: "application/json",
    policy: everyone,

    complete: {
      year: () => {
        const current = new Date(now()).getUTCFullYear();
        return success([current, current + 1, current - 1].map(String));
      },
    },

    async read({ year }, { caller, signal, log }) {
      if (!/^20\d\d$/.test(year)) {
        const message = "There are vacations of the years from 2000 to 2099.";
        return failure({ reason: "no-such-year", message, isMissing: true });
      }
      const listed = await store.list(caller.objectId, Number(year), signal);
      if (!listed.ok) return storeToolFailure(listed.reason, log);
      return success({ text: JSON.stringify(listed.value.items) });
    },
  });
}
