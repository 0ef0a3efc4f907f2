import { LongFraction } from "../core/exact-numbers.ts";

/** What ends a line, or shows nothing but a gap in it; what else does something to a terminal. */
const blanks = /[[\p{Cc}\s\u2800\u{1d159}\u{13441}\u{13442}]--\x20]+/gv;

/** What joins or arranges signs of Tifinagh, Brahmi, Khitan and hieroglyphs, and is none itself. */
const arranging = String.raw`[\u2d7f\u{1107f}\u{16fe4}\u{13430}-\u{1343f}]`;

/**
 * What nobody sees: all that Unicode says is not displayed (`Default_Ignorable_Code_Point`), among it
 * the marks that reorder the text around them (Unicode TR 36, section 2.8), spaces of no width, and
 * tags; and what stands for something else or arranges it. Models read them all, and texts for models
 * alone have been hidden in each. The other format characters (`Cf`), such as U+0600, are seen.
 */
const invisible = String.raw`[\p{DI}\p{NChar}\ufff9-\ufffc${arranging}]`;

/** Scripts whose letters join, or form conjuncts, as joiners between them say (UAX 31, section 2.3). */
const joining = `[[${"Adlm Arab Bali Beng Deva Gujr Guru Java Khmr Knda Mand Mlym Mong Mymr Nkoo Orya Phag Rohg Sinh Sund Syrc Taml Telu Tibt"
  .split(" ")
  .map((script) => String.raw`\p{scx=${script}}`)
  .join("")}]--${invisible}]`;
const arranged = String.raw`[[\p{scx=Tfng}\p{scx=Brah}\p{scx=Kits}\p{scx=Egyp}]--${invisible}]`;
const mark = String.raw`[\p{M}--${invisible}]`;

/** Where Unicode says that one of them belongs: beside what is seen, never in a row. */
const belonging = [
  String.raw`(?<=${joining}${mark}*)[\u200c\u200d](?=${mark}*${joining})`,
  // At the end of a letter that shows its joined form, as in the Persian abbreviation of Hijri.
  String.raw`(?<=[\p{scx=Arab}&&\p{L}]${mark}*)\u200d`,
  // UTS 51: emoji ZWJ sequences, and emoji or text presentation.
  String.raw`(?<=[\p{ExtPict}\p{EMod}]\ufe0f?)\u200d(?=\p{ExtPict})`,
  String.raw`(?<=[[\p{Emoji}\p{ExtPict}]--[#*0-9]])[\ufe0e\ufe0f]`,
  String.raw`(?<=[#*0-9])\ufe0f(?=\u20e3)`,
  `(?<=${arranged})${arranging}(?=${arranged})`,
  // The standardized variants of Mongolian, and its vowel separator.
  String.raw`(?<=[\p{scx=Mong}--${invisible}])[\u180b-\u180f]`,
];

/** UTS 37, and the standardized variants of ideographs. */
const ofIdeographs = String.raw`(?<=\p{UIdeo})[\ufe00-\ufe02\u{e0100}-\u{e01ef}]`;

/** England, Scotland, Wales: all that tags are for outside of hidden text (UTS 51, annex C). */
const flagOfTags = String.raw`\u{1f3f4}\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}`;

/** What nobody sees and stands elsewhere; a flag that it passes over is its first group. */
function misplaced(places: readonly string[]): RegExp {
  return new RegExp(`(${flagOfTags})|(?=${invisible})(?!${places.join("|")})[^]`, "gv");
}

const toLeaveOut = misplaced([...belonging, ofIdeographs]);
/** One of 243 may stand behind each ideograph and hardly change it: enough for a message. */
const toWriteOut = misplaced(belonging);

/**
 * The same value, each text in it on one line and without what cannot be seen: what somebody else
 * wrote into a directory or a store then cannot pass for a line of ours.
 */
export function withPlainLines<Value>(value: Value): Value {
  return withTexts(value, (text) => withoutInvisible(text).replace(blanks, " "));
}

/**
 * The same value on plain lines, but with what cannot be seen written out, such as `\u{200B}`: for a
 * person who has to decide about it.
 */
export function withEscapes<Value>(value: Value): Value {
  return withTexts(value, (text) =>
    text
      .replace(toWriteOut, (character, flag?: string) => flag ?? escaped(character))
      .replace(blanks, " "),
  );
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16).toUpperCase()}}`;
}

/** Nothing but what everybody sees: nearly every text. */
const plainAscii = /^[\x20-\x7e]*$/;

function withTexts<Value>(value: Value, plain: (text: string) => string): Value {
  if (typeof value === "string") {
    return (plainAscii.test(value) ? value : plain(value.toWellFormed())) as Value;
  }
  if (Array.isArray(value)) return value.map((member) => withTexts(member, plain)) as Value;
  if (typeof value !== "object" || value === null || value instanceof LongFraction) return value;
  const members = Object.entries(value).map(([name, member]) => [name, withTexts(member, plain)]);
  return Object.fromEntries(members) as Value;
}

/** `text` without what nobody sees of it. */
export function withoutInvisible(text: string): string {
  return plainAscii.test(text) ? text : text.replace(toLeaveOut, "$1");
}
