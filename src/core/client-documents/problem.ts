/** Why the document of a client is not accepted. */
export type DocumentProblem =
  | { readonly kind: "url"; readonly rule: string }
  /** The host is, or leads to, an address that is not asked. */
  | { readonly kind: "address" }
  | { readonly kind: "unreachable"; readonly code: string }
  | { readonly kind: "timeout"; readonly milliseconds: number }
  | { readonly kind: "status"; readonly got: number }
  | { readonly kind: "content-type" }
  | { readonly kind: "compressed" }
  | { readonly kind: "too-large"; readonly limit: number }
  | { readonly kind: "not-json" }
  | { readonly kind: "other-client-id" }
  | { readonly kind: "secret"; readonly member: string }
  | { readonly kind: "member"; readonly member: string; readonly rule: string }
  /** More documents are asked for than are fetched at a time or in a minute. */
  | { readonly kind: "busy" };

/** Whether the same request may succeed a little later, without anybody changing anything. */
export function isTransient({ kind }: DocumentProblem): boolean {
  return kind === "unreachable" || kind === "timeout" || kind === "busy";
}

/** For the log of whoever runs the authority. Holds nothing that the document's host sent. */
export function problemInWords(problem: DocumentProblem): string {
  switch (problem.kind) {
    case "url":
      return `The URL ${problem.rule}.`;
    case "address":
      return "The URL leads to this machine, a private network or an address that is no server's. Only public addresses are asked.";
    case "unreachable":
      return `The URL cannot be reached (${problem.code}). The host must answer https with a certificate that is trusted here; no proxy is used.`;
    case "timeout":
      return `There was no whole answer within ${problem.milliseconds / 1000} s.`;
    case "status":
      return `The answer was ${problem.got}. It must be 200; redirects are not followed.`;
    case "content-type":
      return "The answer's content type must be application/json, or end in +json.";
    case "compressed":
      return "The answer is compressed, although that was not asked for.";
    case "too-large":
      return `The document is larger than ${problem.limit} bytes.`;
    case "not-json":
      return "The document must be a JSON object in UTF-8.";
    case "other-client-id":
      return "The document's client_id must be its URL, character for character.";
    case "secret":
      return `The document must not hold ${problem.member}: what is published is no secret.`;
    case "member":
      return `The document's ${problem.member} ${problem.rule}.`;
    case "busy":
      return "Too many documents are being fetched. Try again in a minute.";
  }
}
