/** One behaviour that the project promises, as data. */
export interface Requirement {
  /** Dotted name, area first: `token.expired`. Tests cite it. */
  readonly id: string;
  /** What holds, as a sentence in the present tense. */
  readonly what: string;
  /**
   * Where it comes from, for its reader to open: a standard's section, a public URL, or a file of the
   * project, with the title of a section if it has one. Several are separated by semicolons.
   */
  readonly source: string;
}
