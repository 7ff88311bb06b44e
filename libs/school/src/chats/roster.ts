import { type PersistentMap } from '../persistent-map';

/** Whether a member or an administrator is there, and since when. */
export interface Presence {
  readonly present: boolean;
  readonly at: string;
  /** The id is the pseudonym of an account that is not linked to a person. */
  readonly account: boolean;
  /** What an administrator may do, as far as it was told. */
  readonly permissions?: readonly string[];
}

/** By person or account: their last coming or going. */
export type Presences = PersistentMap<Presence>;

/** Facts arrive in any order: of two about one member the later to happen counts. Nobody ('') is no member. */
export function moved(presences: Presences, member: string, presence: Presence): Presences {
  const before = presences.get(member);
  const late = before !== undefined && presence.at < before.at;
  return late || member === '' ? presences : presences.with(member, presence);
}

export function isPresent(presences: Presences, member: string): boolean {
  return presences.get(member)?.present === true;
}

/** Everybody who is there now, in order of their ids. */
export function presentIn(presences: Presences): readonly string[] {
  return [...presences]
    .filter(([, { present }]) => present)
    .map(([member]) => member)
    .sort();
}

/** Everybody in a list, each with the ids under which they may be on record: a person's own and those of their accounts. */
export type Listed = ReadonlyMap<string, readonly string[]>;

/**
 * How a list that was read at an instant differs from what is on record. Whoever is known to have come or gone after
 * that instant is left to the next list.
 */
export function differencesFrom(
  presences: Presences,
  listed: Listed,
  readAt: string,
): { readonly unknown: readonly string[]; readonly missing: readonly string[] } {
  const seen = new Set([...listed.values()].flat());
  const settled = (id: string): boolean => (presences.get(id)?.at ?? '') <= readAt;
  return {
    unknown: [...listed]
      .filter(([, ids]) => ids.every((id) => settled(id) && !isPresent(presences, id)))
      .map(([member]) => member),
    missing: presentIn(presences).filter((id) => settled(id) && !seen.has(id)),
  };
}
