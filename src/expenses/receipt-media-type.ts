/** What a receipt may be, as people call it. */
export const receiptKinds = "PNG, JPEG, WebP or PDF";

interface Signature {
  readonly mediaType: string;
  /** Bytes that a file of this kind has, each piece by where it begins. */
  readonly pieces: readonly (readonly [offset: number, bytes: string])[];
}

/**
 * Sources: https://www.w3.org/TR/png-3/#3PNGsignature, ITU-T T.81 section B.1.1.3,
 * https://developers.google.com/speed/webp/docs/riff_container, ISO 32000-2 section 7.5.2.
 */
const signatures: readonly Signature[] = [
  { mediaType: "image/png", pieces: [[0, "\x89PNG\r\n\x1a\n"]] },
  { mediaType: "image/jpeg", pieces: [[0, "\xff\xd8\xff"]] },
  {
    mediaType: "image/webp",
    pieces: [
      [0, "RIFF"],
      [8, "WEBP"],
    ],
  },
  { mediaType: "application/pdf", pieces: [[0, "%PDF-"]] },
];

/**
 * The media type of a receipt by how the file itself begins, whatever anybody says it is; nothing for
 * what is no receipt. Nothing in it is decoded.
 */
export function receiptMediaType(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  return signatures.find(({ pieces }) =>
    pieces.every(([offset, piece]) => start.startsWith(piece, offset)),
  )?.mediaType;
}
