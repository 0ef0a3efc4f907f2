import { invalidRequest, Refusal } from "./refusal.ts";

/** Parameters that may come more than once (RFC 8707, section 2). */
const repeatable = new Set(["resource"]);

/** The parameters of an OAuth request, from its query or its form. */
export class Parameters {
  readonly #values: URLSearchParams;

  constructor(values: URLSearchParams) {
    this.#values = values;
  }

  /** A parameter without a value counts as absent (RFC 6749, section 3.1). */
  get(name: string): string | undefined {
    return this.#values.get(name) || undefined;
  }

  all(name: string): readonly string[] {
    return this.#values.getAll(name).filter((value) => value !== "");
  }

  /** RFC 6749, section 3.1: parameters must not be included more than once. */
  get duplicateRefusal(): Refusal | undefined {
    const names = [...this.#values.keys()].filter((name) => !repeatable.has(name));
    const duplicate = names.find((name, index) => names.indexOf(name) !== index);
    return duplicate === undefined
      ? undefined
      : new Refusal(
          "AADSTS9000411",
          `The request is not properly formatted. The parameter '${duplicate}' is duplicated.`,
        );
  }
}

/** Reads a form, which is what the token endpoint and the sign-in page's own address take. */
export async function readForm(request: Request): Promise<Parameters | Refusal> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    return invalidRequest("The content type must be application/x-www-form-urlencoded.");
  }
  const parameters = new Parameters(new URLSearchParams(await request.text()));
  return parameters.duplicateRefusal ?? parameters;
}
