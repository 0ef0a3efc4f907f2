/** What ends a line, and whatever else does something to a terminal rather than stand in it. */
const controls = /[\p{Cc}\u2028\u2029]+/gu;

/** England, Scotland, Wales: all that tags are for outside of hidden text (Unicode TR 51, annex C). */
const flagOfTags = String.raw`\u{1f3f4}\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}`;

/**
 * What nobody sees: all that Unicode says is not displayed (`Default_Ignorable_Code_Point`), among it
 * the marks that reorder the text around them (Unicode TR 36, section 2.8), spaces of no width, and
 * tags. Models read them all, and texts for models alone have been hidden in each. Scripts and emoji
 * need joiners, and a variation selector behind what it varies: none in rows, which would be a text.
 */
const invisible = new RegExp(
  [
    `(${flagOfTags})`,
    String.raw`[[\p{DI}\ufff9-\ufffb]--[\u200c\u200d\p{VS}]]`,
    String.raw`(?<=\p{VS})\p{VS}+`,
    String.raw`(?<=[\u200c\u200d]{3})[\u200c\u200d]+`,
  ].join("|"),
  "gv",
);

/**
 * The same value, each text in it on one line and without what cannot be seen: what somebody else
 * wrote into a directory or a store then cannot pass for a line of ours.
 */
export function withPlainLines<Value>(value: Value): Value {
  if (typeof value === "string") return plainLine(value) as Value;
  if (Array.isArray(value)) return value.map(withPlainLines) as Value;
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, withPlainLines(member)]);
  return Object.fromEntries(members) as Value;
}

/** Nothing but what everybody sees: nearly every text. */
const plainAscii = /^[\x20-\x7e]*$/;

function plainLine(text: string): string {
  if (plainAscii.test(text)) return text;
  return withoutInvisible(text.toWellFormed().replace(controls, " "));
}

/** `text` without what nobody sees of it. */
export function withoutInvisible(text: string): string {
  return text.replace(invisible, "$1");
}
