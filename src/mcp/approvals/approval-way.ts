/**
 * How a call is approved: by the person's answer to a question that their client shows, or by a
 * second call that carries the confirmation which the first one gave.
 */
export type ApprovalWay = "question" | "confirmation";

/**
 * Which ways are accepted: either, the question wherever the client can put it; or the question
 * alone.
 */
export type ApprovalMode = "any" | "strict";
