interface Task {
  readonly at: number;
  /** Tasks of one instant run in the order in which they were put down. */
  readonly turn: number;
  readonly run: () => void;
}

/** What is still to happen, earliest first (a binary heap). */
export class Agenda {
  private readonly heap: Task[] = [];
  private turns = 0;

  put(at: number, run: () => void): void {
    this.turns += 1;
    const task = { at, turn: this.turns, run };
    let index = this.heap.length;
    this.heap.push(task);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.precedes(index, parent)) break;
      this.swap(index, parent);
      index = parent;
    }
  }

  /** Takes the earliest task; nothing where there is none. */
  take(): Task | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (first === undefined || last === undefined || this.heap.length === 0) return first;
    this.heap[0] = last;
    for (let index = 0; ;) {
      const left = 2 * index + 1;
      const least = [left, left + 1].reduce(
        (best, child) => (this.precedes(child, best) ? child : best),
        index,
      );
      if (least === index) return first;
      this.swap(index, least);
      index = least;
    }
  }

  private precedes(one: number, other: number): boolean {
    const a = this.heap[one];
    const b = this.heap[other];
    if (a === undefined || b === undefined) return false;
    return a.at === b.at ? a.turn < b.turn : a.at < b.at;
  }

  private swap(one: number, other: number): void {
    const a = this.heap[one];
    const b = this.heap[other];
    if (a === undefined || b === undefined) return;
    this.heap[one] = b;
    this.heap[other] = a;
  }
}
