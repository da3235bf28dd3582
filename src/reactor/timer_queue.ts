/** Calls that are due at points of time, the earliest first: a binary heap. */

/** A call that is due at a point of the monotonic clock. */
export interface Timer {
  /** When, in milliseconds. */
  readonly dueMs: number;
  /** What is then called. */
  readonly action: () => void;
}

/** Timers that are deleted stay in the heap until they are so many more than the others. */
const MAX_DELETED = 64;

/** Timers in the order of their deadlines; those of one deadline in the order they were added. */
export class TimerQueue {
  #heap: { readonly timer: Timer; readonly number: number }[] = [];
  readonly #waiting = new Set<Timer>();
  #added = 0;

  /** When the earliest timer is due, in milliseconds; Infinity without a timer. */
  get earliestMs(): number {
    while (this.#heap.length > 0 && !this.#waiting.has(this.#heap[0]!.timer)) this.#removeFirst();
    return this.#heap[0]?.timer.dueMs ?? Infinity;
  }

  /** Tells the timers that are there from those that are added later. */
  get mark(): number {
    return this.#added;
  }

  /** Adds a timer. */
  add(timer: Timer): void {
    this.#waiting.add(timer);
    this.#heap.push({ timer, number: this.#added++ });
    this.#raise(this.#heap.length - 1);
  }

  /** Takes a timer out; one that is not there may be named too. */
  delete(timer: Timer): void {
    this.#waiting.delete(timer);
    if (this.#heap.length > 2 * this.#waiting.size + MAX_DELETED) this.#dropDeleted();
  }

  /**
   * Takes the earliest timer out, if it is due.
   *
   * @param nowMs the time, in milliseconds
   * @param mark what {@linkcode mark} was: a timer that was added later is not taken
   */
  take(nowMs: number, mark: number): Timer | undefined {
    if (this.earliestMs > nowMs) return undefined;
    const first = this.#heap[0];
    if (first === undefined || first.number >= mark) return undefined;
    const timer = this.#removeFirst();
    this.#waiting.delete(timer);
    return timer;
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one]!, this.#heap[other]!];
    return a.timer.dueMs < b.timer.dueMs ||
      (a.timer.dueMs === b.timer.dueMs && a.number < b.number);
  }

  #swap(one: number, other: number): void {
    const entry = this.#heap[one]!;
    this.#heap[one] = this.#heap[other]!;
    this.#heap[other] = entry;
  }

  #raise(index: number): void {
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #removeFirst(): Timer {
    const { timer } = this.#heap[0]!;
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return timer;
    this.#heap[0] = last;
    for (let index = 0;;) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < this.#heap.length && this.#isBefore(child, least)) least = child;
      }
      if (least === index) return timer;
      this.#swap(index, least);
      index = least;
    }
  }

  #dropDeleted(): void {
    this.#heap = this.#heap.filter(({ timer }) => this.#waiting.has(timer));
    for (let index = 1; index < this.#heap.length; index++) this.#raise(index);
  }
}
