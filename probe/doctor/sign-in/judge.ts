import type { Answer, Prompt, Wish } from "./authorization-request.ts";

/** How an authority takes a request, next to one that cannot be right. */
export type Judgement =
  | { readonly kind: "unclear"; readonly answer: Answer }
  /** It accepts both, so that nothing is to be seen before somebody signs in. */
  | { readonly kind: "unseen"; readonly answer: Answer }
  /** @property control how it refused the other one */
  | { readonly kind: "accepted"; readonly control: Answer }
  /** @property prompt how it was asked */
  | { readonly kind: "refused"; readonly answer: Answer; readonly prompt: Prompt };

/**
 * That an authority accepts a request says something only where it refuses a control. With `prompt=none`
 * it may find first of all that nobody is signed in; then it is asked as browsers ask, since it may look
 * at the request before it shows its sign-in page.
 */
export async function judge(
  ask: (wish: Wish, prompt: Prompt) => Promise<Answer>,
  wish: Wish,
  control: Wish,
): Promise<Judgement> {
  const silent = await ask(wish, "none");
  if (silent.kind === "unclear") return { kind: "unclear", answer: silent };
  for (const prompt of ["none", "page"] as const) {
    const answer = prompt === "none" ? silent : await ask(wish, prompt);
    if (answer.kind === "refused") return { kind: "refused", answer, prompt };
    const controlled = await ask(control, prompt);
    if (answer.kind === "accepted" && controlled.kind === "refused") {
      return { kind: "accepted", control: controlled };
    }
  }
  return { kind: "unseen", answer: silent };
}
