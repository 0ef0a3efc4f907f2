/** How amounts and days are written, in the person's language. */
export class Format {
  readonly locale: string | undefined;
  readonly timeZone: string | undefined;

  constructor(locale?: string, timeZone?: string) {
    this.locale = locale;
    this.timeZone = timeZone;
  }

  /** An amount, exactly. As text where a number would not hold its digits. */
  money(amount: number | string, currency: string): string {
    const options = { style: "currency", currency } as const;
    // Currencies whose decimals in the browser's data are not those of ISO 4217 lose none.
    const exact = { ...options, maximumFractionDigits: Math.max(4, decimalsIn(amount)) };
    const usual = new Intl.NumberFormat(this.locale, options).resolvedOptions();
    return new Intl.NumberFormat(this.locale, {
      ...exact,
      minimumFractionDigits: usual.minimumFractionDigits ?? 0,
    }).format(amount as number);
  }

  /** How much more or less, with its sign. */
  difference(amount: number, currency: string): string {
    const sign = amount > 0 ? "+" : "";
    return `${sign}${this.money(amount, currency)}`;
  }

  /** An amount, short, for the axis of a chart. */
  shortMoney(amount: number, currency: string): string {
    return new Intl.NumberFormat(this.locale, {
      style: "currency",
      currency,
      notation: "compact",
      minimumFractionDigits: 0,
      maximumFractionDigits: 1,
    }).format(amount);
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.locale).format(value);
  }

  /** A day, `YYYY-MM-DD`, such as "Fri, 20 Nov 2026". */
  day(date: string, options: Intl.DateTimeFormatOptions = { dateStyle: "medium" }): string {
    const at = new Date(`${date}T00:00:00Z`);
    if (Number.isNaN(at.getTime())) return date;
    // A calendar day is the same everywhere.
    return new Intl.DateTimeFormat(this.locale, { ...options, timeZone: "UTC" }).format(at);
  }

  /** A month, `YYYY-MM`. */
  month(month: string, style: "short" | "long" = "long"): string {
    const options =
      style === "long" ? ({ year: "numeric", month: "long" } as const) : { month: style };
    return this.day(`${month}-01`, options);
  }

  /** A moment, RFC 3339, in the person's time zone. */
  moment(at: string): string {
    return new Intl.DateTimeFormat(this.locale, {
      dateStyle: "medium",
      timeStyle: "short",
      timeZone: this.timeZone,
    }).format(new Date(at));
  }

  size(bytes: number): string {
    const unit = bytes < mebibyte ? "kilobyte" : "megabyte";
    const value = bytes / (unit === "kilobyte" ? 1024 : mebibyte);
    const options = { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 } as const;
    return new Intl.NumberFormat(this.locale, options).format(value);
  }

  /** Today, where the person is, as `YYYY-MM-DD`. */
  today(now = new Date()): string {
    const parts = new Intl.DateTimeFormat("en-CA", {
      timeZone: this.timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    }).formatToParts(now);
    const of = (type: string) => parts.find((part) => part.type === type)?.value;
    return `${of("year")}-${of("month")}-${of("day")}`;
  }

  /** What stands between units and decimals. */
  get decimalSign(): string {
    const parts = new Intl.NumberFormat(this.locale).formatToParts(1.5);
    return parts.find(({ type }) => type === "decimal")?.value ?? ".";
  }
}

const mebibyte = 1024 * 1024;

function decimalsIn(amount: number | string): number {
  return String(amount).split(".")[1]?.length ?? 0;
}

/** A name from the server as people write it: `debit_card` is "Debit card". */
export function nameOf(value: string): string {
  const words = value.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * Reads an amount that somebody typed. `undefined` where it is none, or could be two: "1,234" is
 * 1.234 to some and 1234 to others.
 *
 * @param decimalSign of the person's language
 */
export function readAmount(text: string, decimalSign: string): number | undefined {
  const compact = text.trim();
  const [, units = "", sign = "", decimals = ""] = /^(\d*)(?:([.,])(\d+))?$/.exec(compact) ?? [];
  if (units === "" && decimals === "") return undefined;
  if (sign !== "" && sign !== decimalSign && decimals.length === 3) return undefined;
  return Number(`${units || "0"}.${decimals || "0"}`);
}

/** Words of the server without the marks by which models tell what people entered from the rest. */
export function unquoted(text: string): string {
  const [line, nonce] = /^Between <(\w+)> and <\/\1> [^\n]*\n/.exec(text) ?? [];
  if (line === undefined) return text.trim();
  return text.slice(line.length).replaceAll(`<${nonce}>`, "").replaceAll(`</${nonce}>`, "").trim();
}
