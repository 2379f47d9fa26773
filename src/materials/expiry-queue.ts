/** Something that ends. `place` belongs to the queue that it is in. */
export interface Expiring {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  place: number;
}

/** A binary heap: what ends first comes first; to add and to remove cost the logarithm of its size. */
export class ExpiryQueue<Node extends Expiring> {
  readonly #nodes: Node[] = [];

  get first(): Node | undefined {
    return this.#nodes[0];
  }

  add(node: Node): void {
    this.#rise(node, this.#nodes.length);
  }

  /** @param node one that was added and not removed since */
  remove(node: Node): void {
    const last = this.#nodes.pop();
    if (last === undefined || last === node) return;
    // Only one of the two moves it.
    this.#rise(last, node.place);
    this.#sink(last, last.place);
  }

  #rise(node: Node, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#nodes[above];
      if (parent === undefined || parent.expiresAt <= node.expiresAt) break;
      this.#set(parent, place);
      place = above;
    }
    this.#set(node, place);
  }

  #sink(node: Node, from: number): void {
    let place = from;
    for (;;) {
      const [left, right] = [this.#nodes[2 * place + 1], this.#nodes[2 * place + 2]];
      const below = left !== undefined && right !== undefined && right.expiresAt < left.expiresAt ? right : left;
      if (below === undefined || below.expiresAt >= node.expiresAt) break;
      const next = below.place;
      this.#set(below, place);
      place = next;
    }
    this.#set(node, place);
  }

  #set(node: Node, place: number): void {
    node.place = place;
    this.#nodes[place] = node;
  }
}
