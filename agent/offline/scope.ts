/** Words that end what 'excluding' or 'including' reaches, once it has reached a name. */
const BREAK_WORDS = new Set('by per for in over during since from on with of'.split(' '));
const BREAK_SENSES = /^(dim|family|unit|move|why|list|trend|compare|extreme)/;

/** How far an 'excluding' or 'including' reaches: over the names after it, until something else begins. */
export class Scope {
  private kind: 'exclude' | 'include' | null = null;
  private names = 0;

  open(kind: 'exclude' | 'include', names = 0): void {
    this.kind = kind;
    this.names = names;
  }

  /** Whether a name is reached, and how; `between` are the words since the last thing that was. */
  takeName(between: readonly string[]): 'exclude' | 'include' | null {
    if (this.kind !== null && this.names > 0 && between.some((word) => BREAK_WORDS.has(word))) this.kind = null;
    if (this.kind !== null) this.names += 1;
    return this.kind;
  }

  /** Something that is no name comes: after a name it ends the reach. */
  passSense(sense: string): void {
    if (BREAK_SENSES.test(sense) && this.names > 0) this.kind = null;
  }

  get excluding(): boolean {
    return this.kind === 'exclude';
  }

  get including(): boolean {
    return this.kind === 'include';
  }

  /** An exclusion that reached nothing: what should be left out was not understood. */
  get reachedNothing(): boolean {
    return this.kind === 'exclude' && this.names === 0;
  }
}
