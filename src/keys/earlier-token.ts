import { createHmac, timingSafeEqual } from "node:crypto";
import type { SigningKey } from "./signing-key.ts";

/**
 * What the version before handles gave out: a JSON Web Token with HS256 (RFC 7515 section 5.2). While a
 * deployment replaces that version, and for a day afterwards, people bring such tokens in good faith.
 */
export class EarlierToken {
  readonly #input: string;
  readonly #signature: Buffer;

  private constructor(input: string, signature: string) {
    this.#input = input;
    this.#signature = Buffer.from(signature, "base64url");
  }

  /** Undefined for what has not the form of such a token. */
  static from(text: string): EarlierToken | undefined {
    const [, input, signature] =
      /^(eyJ[\w-]{1,1000}\.[\w-]{1,8000})\.([\w-]{43})$/.exec(text) ?? [];
    return input && signature ? new EarlierToken(input, signature) : undefined;
  }

  isSignedWith({ secret }: SigningKey): boolean {
    return timingSafeEqual(
      createHmac("sha256", secret).update(this.#input).digest(),
      this.#signature,
    );
  }
}
