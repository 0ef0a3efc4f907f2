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

/** Why a call that needs approval is not carried out. */
export type ApprovalRefusal =
  /** The person cannot be asked through this client, and nothing less is accepted. */
  | { readonly kind: "cannot-be-asked" }
  /** Nothing that this server gives out for this way of approving. */
  | { readonly kind: "malformed" }
  /** Changed since it was given out, or made with a key that is not, or no longer, known. */
  | { readonly kind: "altered" }
  | { readonly kind: "expired" }
  | { readonly kind: "already-used" }
  /** Given to another person. */
  | { readonly kind: "other-caller" }
  /** Given to the same person through another client application. */
  | { readonly kind: "other-client" }
  | { readonly kind: "other-tool" }
  | { readonly kind: "other-arguments" }
  /** What the call would change is no longer what was shown. */
  | { readonly kind: "affected-changed" }
  /** Neither keys nor ledger can be reached. `cause` is for the log. */
  | { readonly kind: "unavailable"; readonly cause: string };

/** What the model is told: that nothing was done, why, and what to do. */
export function approvalRefusalText(
  tool: string,
  way: ApprovalWay,
  refusal: ApprovalRefusal,
): string {
  const anew =
    way === "question"
      ? `Call ${tool} again, and the person will be asked anew.`
      : `Call ${tool} without confirmation to get a new one.`;
  const approval = way === "question" ? "the person's answer" : "this confirmation";
  const nothing = "Nothing was done:";

  switch (refusal.kind) {
    case "cannot-be-asked":
      return `${nothing} ${tool} needs the person's approval, and this client cannot ask for it. It has to support elicitation in the MCP revision 2026-07-28; tell the person to use such a client.`;
    case "malformed":
      return `${nothing} ${approval} is not valid. ${anew}`;
    case "altered":
      return `${nothing} ${approval} did not come back as it was given out. ${anew}`;
    case "expired":
      return `${nothing} ${approval} came too late. ${anew}`;
    case "already-used":
      return `${nothing} ${approval} has already been used, and is good only once. ${anew}`;
    case "other-caller":
      return `${nothing} ${approval} belongs to somebody else. ${anew}`;
    case "other-client":
      return `${nothing} ${approval} belongs to another client application. ${anew}`;
    case "other-tool":
      return `${nothing} ${approval} is for another tool than ${tool}. ${anew}`;
    case "other-arguments":
      return `${nothing} ${approval} is for other arguments. Repeat those exactly, or start again. ${anew}`;
    case "affected-changed":
      return `${nothing} what ${tool} would change is no longer what was shown. ${anew}`;
    case "unavailable":
      return `${nothing} approvals cannot be checked right now. Try again in a minute.`;
  }
}
