/** Small files of each kind that a receipt may be, as their programs begin them. */
export const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
export const jpeg = Buffer.from("ffd8ffe000104a46494600010100000100010000ffd9", "hex");
export const webp = Buffer.from(
  "524946461a000000574542505650384c0d0000002f00000010071011118888fe0700",
  "hex",
);
export const pdf = Buffer.from("%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n", "latin1");

export const files = {
  "image/png": png,
  "image/jpeg": jpeg,
  "image/webp": webp,
  "application/pdf": pdf,
} as const;
