/**
 * Behaviours that the project promises, as data: by where they come from, what holds, as a sentence in
 * the present tense, under a dotted name, area first (`token.expired`). Tests cite the name.
 *
 * Where they come from is for a reader to open: a standard's section, a public URL, or a file of the
 * project, with the title of a section if it has one. Several are separated by semicolons.
 */
export type Requirements = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One of them. */
export interface Requirement {
  readonly id: string;
  readonly what: string;
  readonly source: string;
}
