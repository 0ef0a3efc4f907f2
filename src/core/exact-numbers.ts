/** A decimal of at most so many digits comes back from a double as it was written (IEEE 754). */
export const exactDigits = 15;

/**
 * How many digits of a decimal count, without the zeros around them: 4 of `0012.3400e5`.
 *
 * @param decimal as JSON writes numbers
 */
export function significantDigits(decimal: string): number {
  const [significand = ""] = decimal.split(/e/i);
  const digits = significand.replace(/[-.]/g, "").replace(/^0+/, "");
  return digits.search(/[1-9]0*$/) + 1;
}

const decoder = new TextDecoder();

/** The compiler does not know of it yet. */
const { rawJSON } = JSON as JSON & { rawJSON(text: string): unknown };

/** A fraction of more digits than a double holds: neither a number, which would be another, nor text. */
export class LongFraction {
  /** As it stood in the JSON. */
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  /** In JSON it is what it was. */
  toJSON(): unknown {
    return rawJSON(this.source);
  }
}

/**
 * Parses JSON, but a fraction of more digits than a double holds becomes a {@link LongFraction}: whoever
 * expects a number then refuses it instead of taking another one for it.
 *
 * @throws {SyntaxError} where it is none
 */
export function parseExactJson(utf8: Uint8Array): unknown {
  const text = decoder.decode(utf8);
  return mayHaveLongFraction(utf8) ? JSON.parse(text, keepLongFraction) : JSON.parse(text);
}

/** A reviver makes parsing ten times as slow, and nearly no text needs it. */
function mayHaveLongFraction(text: Uint8Array): boolean {
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] as number;
    digits = character <= 0x39 && character >= 0x2e && character !== 0x2f ? digits + 1 : 0;
    if (digits > exactDigits) return true;
  }
  return false;
}

/** Whole numbers stay numbers, since ids are such. */
function keepLongFraction(_name: string, value: unknown, context?: { source: string }): unknown {
  if (typeof value !== "number" || !context || /^-?\d+$/.test(context.source)) return value;
  return significantDigits(context.source) > exactDigits ? new LongFraction(context.source) : value;
}
