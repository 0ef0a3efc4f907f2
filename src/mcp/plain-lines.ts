/** What ends a line, and whatever else does something to a terminal rather than stand in it. */
const controls = /[\p{Cc}\u2028\u2029]+/gu;

/**
 * What nobody sees: marks that reorder the text around them (Unicode TR 36, section 2.8), spaces of
 * no width, tags, and every variation selector after another. Models read them all, and texts for
 * models alone have been hidden in each. Joiners stay, since scripts and emoji need them.
 */
const invisible =
  /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|(?<=[\ufe00-\ufe0f\u{e0100}-\u{e01ef}])[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]+/gu;

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

function plainLine(text: string): string {
  return text.toWellFormed().replace(controls, " ").replace(invisible, "");
}
