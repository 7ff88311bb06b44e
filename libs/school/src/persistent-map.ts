/** Either the entries of one hash, or 32 branches by the next five bits of it. */
type Node<Value> =
  | { readonly hash: number; readonly entries: readonly (readonly [string, Value])[] }
  | { readonly branches: readonly (Node<Value> | undefined)[] };

const BITS = 5;
const { imul } = Math;
const NO_BRANCHES: readonly (Node<never> | undefined)[] = Array.from({ length: 1 << BITS }, () => undefined);

/**
 * An immutable map from texts (a hash trie): `with` gives another map that shares all but one path with this one, so
 * folding n events into it costs n log n at most, where a copied `Map` costs n².
 */
export class PersistentMap<Value> implements Iterable<readonly [string, Value]> {
  private constructor(private readonly root: Node<Value> | undefined) {}

  static empty<Value>(): PersistentMap<Value> {
    return new PersistentMap<Value>(undefined);
  }

  get(key: string): Value | undefined {
    const hash = hashOf(key);
    let node = this.root;
    for (let shift = 0; node !== undefined && 'branches' in node; shift += BITS) {
      node = node.branches[branchOf(hash, shift)];
    }
    return node?.entries.find(([known]) => known === key)?.[1];
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** The map with `value` under `key`; this one stays as it is. */
  with(key: string, value: Value): PersistentMap<Value> {
    return new PersistentMap(put(this.root, 0, hashOf(key), [key, value]));
  }

  /** The entries, in no order that means anything. */
  [Symbol.iterator](): Iterator<readonly [string, Value]> {
    return entriesOf(this.root);
  }
}

function put<Value>(
  node: Node<Value> | undefined,
  shift: number,
  hash: number,
  entry: readonly [string, Value],
): Node<Value> {
  if (node === undefined) return { hash, entries: [entry] };
  if ('branches' in node) {
    const index = branchOf(hash, shift);
    return { branches: node.branches.with(index, put(node.branches[index], shift + BITS, hash, entry)) };
  }
  if (node.hash === hash) {
    return { hash, entries: [...node.entries.filter(([key]) => key !== entry[0]), entry] };
  }
  const branches: readonly (Node<Value> | undefined)[] = NO_BRANCHES;
  return put({ branches: branches.with(branchOf(node.hash, shift), node) }, shift, hash, entry);
}

function* entriesOf<Value>(node: Node<Value> | undefined): Generator<readonly [string, Value]> {
  if (node === undefined) return;
  if ('branches' in node) for (const branch of node.branches) yield* entriesOf(branch);
  else yield* node.entries;
}

function branchOf(hash: number, shift: number): number {
  return (hash >>> shift) & ((1 << BITS) - 1);
}

/** FNV-1a, 32 bits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
