/** Some of the states that are resolved, by their numbers: a bit each. */
export class StateSet {
  readonly #words: Uint32Array;
  readonly #stateCount: number;
  #size = 0;

  constructor(stateCount: number) {
    this.#stateCount = stateCount;
    this.#words = new Uint32Array(Math.ceil(stateCount / 32));
  }

  get isAll(): boolean {
    return this.#size === this.#stateCount;
  }

  addState(state: number): void {
    this.#setBits(state >>> 5, 1 << (state & 31));
  }

  addAll(): void {
    for (let state = 0; state < this.#stateCount; state += 1) this.addState(state);
  }

  add(other: StateSet): void {
    if (this.isAll) return;
    for (let index = 0; index < this.#words.length; index += 1) {
      this.#setBits(index, other.#words[index] ?? 0);
    }
  }

  copy(): StateSet {
    const copied = new StateSet(this.#stateCount);
    copied.#words.set(this.#words);
    copied.#size = this.#size;
    return copied;
  }

  #setBits(index: number, bits: number): void {
    const word = this.#words[index] ?? 0;
    for (let added = bits & ~word; added !== 0; added &= added - 1) this.#size += 1;
    this.#words[index] = word | bits;
  }
}
