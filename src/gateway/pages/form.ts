import { type Html, html } from "../../core/html.ts";

/** The fields of a form that a person does not fill in. */
export type FormFields = readonly (readonly [name: string, value: string])[];

export function hiddenFields(fields: FormFields): readonly Html[] {
  return fields.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`,
  );
}
