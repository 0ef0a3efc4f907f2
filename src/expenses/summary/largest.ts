import { type Result, success } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { Expense } from "../expense.ts";
import { largestPage } from "../store/store.ts";
import { type ExpenseFigures, sumsOf } from "./sums.ts";

/** The largest expenses are shown of so many currencies, those with the most expenses. */
export const currenciesOfLargest = 3;

/** What each of the largest takes in an answer beside its description, in characters. */
export const roomOfOneLargest = 150;
/** What of each description is shown in any case, and what of none is exceeded. */
const [shortestDescription, longestDescription] = [24, 200];

/**
 * The largest expenses of each currency, without refunds.
 *
 * @param figures newest first
 * @param listed the largest of one currency, refunds included
 */
export async function largestOf(
  figures: readonly ExpenseFigures[],
  count: number,
  listed: (
    currency: string,
    limit: number,
  ) => Promise<Result<{ readonly expenses: readonly Expense[] }, StoreFailure>>,
): Promise<Result<readonly Expense[], StoreFailure>> {
  if (count === 0) return success([]);
  const currencies = sumsOf(figures)
    .sort((one, other) => other.count - one.count)
    .slice(0, currenciesOfLargest);
  const pages = await Promise.all(
    currencies.map(({ currency }) => {
      const own = figures.filter((figure) => figure.currency === currency);
      return listed(currency, Math.min(placesOfLargest(own, count), largestPage));
    }),
  );
  const largest: Expense[] = [];
  for (const page of pages) {
    if (!page.ok) return page;
    largest.push(...page.value.expenses.filter(({ isRefund }) => !isRefund).slice(0, count));
  }
  return success(largest);
}

/**
 * How far down the list by amount the largest reach, refunds between them included.
 *
 * @param figures newest first, as the list has what is equally large
 */
function placesOfLargest(figures: readonly ExpenseFigures[], count: number): number {
  const byAmount = figures.toSorted((one, other) => other.minorUnits - one.minorUnits);
  let places = 0;
  for (let left = count; left > 0 && places < byAmount.length; places += 1) {
    if (!byAmount[places]?.isRefund) left -= 1;
  }
  return Math.max(places, 1);
}

/** The characters that an answer has for so many of the largest, where they have the shortest descriptions. */
export function roomOfLargest(count: number): number {
  return count * (roomOfOneLargest + shortestDescription);
}

/**
 * Descriptions for an answer with little room: the beginning of what is too long.
 *
 * @param room characters that all descriptions share
 */
export function fittingDescriptions<Shown extends { readonly description: string }>(
  largest: readonly Shown[],
  room: number,
): Shown[] {
  const share = Math.floor(room / largest.length);
  const each = Math.min(Math.max(share, shortestDescription), longestDescription);
  return largest.map((one) => ({ ...one, description: beginningOf(one.description, each) }));
}

/** @param room characters as JSON, where some take two */
function beginningOf(text: string, room: number): string {
  const lengthOf = (part: string) => JSON.stringify(part).length - '""'.length;
  if (lengthOf(text) <= room) return text;
  let beginning = "";
  for (const character of text) {
    if (lengthOf(beginning + character) >= room) break;
    beginning += character;
  }
  return `${beginning}…`;
}
