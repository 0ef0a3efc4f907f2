/** One behaviour that the project promises, as data. */
export interface Requirement {
  /** Dotted name, area first: `token.expired`. Tests cite it. */
  readonly id: string;
  /** What holds, as a sentence in the present tense. */
  readonly what: string;
  /** Where it comes from: an RFC or specification section, a documentation page, or a design decision. */
  readonly source: string;
}
