/**
 * The most that an answer has of anything that grows, in characters, so that all of it is less than
 * 4,000: of its text, which quotes and explains, and of its JSON.
 */
export const roomOfAnswer = 3_700;

/**
 * The first units that there is room for, none of them cut.
 *
 * @param lineOf a row as it stands in the text; as JSON it is as it is
 * @param room characters
 */
export function fitting<Row>(
  units: readonly (readonly Row[])[],
  lineOf: (row: Row) => string,
  room: number,
): { readonly fits: readonly (readonly Row[])[]; readonly leftOut: number } {
  let left = room;
  const fits = units.filter((rows) => {
    left -= Math.max(JSON.stringify(rows).length, rows.map(lineOf).join("\n").length + 1);
    return left >= 0;
  });
  return { fits, leftOut: units.length - fits.length };
}
