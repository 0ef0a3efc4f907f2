import { z } from "zod";

/** A receipt of an expense; what it looks like lies in Blob Storage. */
export interface Receipt {
  /** Unique among the receipts of one person. */
  readonly id: string;
  /** `image/png`, for instance. */
  readonly mediaType: string;
  /** How large it is. */
  readonly bytes: number;
  /** What its file was called. */
  readonly name?: string | undefined;
  /** RFC 3339, UTC, with milliseconds. */
  readonly addedAt: string;
}

/** A receipt as the tools show it. Composed with `z.object`. */
export const shownReceiptFields = {
  uri: z.string().describe("A resource."),
  media_type: z.string().describe("Its type."),
  bytes: z.int().describe("Its size."),
} as const;

/** Where the receipt of an expense can be read, by the person whose it is alone. */
export function receiptUri(expenseId: string, receiptId: string): string {
  return `expenses://me/expenses/${expenseId}/receipts/${receiptId}`;
}

export function shownReceipt(expenseId: string, { id, mediaType, bytes }: Receipt) {
  return { uri: receiptUri(expenseId, id), media_type: mediaType, bytes };
}
