import { type Pool } from 'pg';
import { type JsonObject, LetopisError } from '@letopis/kernel';
import { type PersonalData, type Sealed } from './registers/sealed';

/** A name as it may be shown: null where none is on record, `destroyed` where its key is gone. */
export type Name = string | null | { readonly destroyed: true };

export interface PersonEntry {
  readonly personId: string;
  readonly fullName: Name;
  readonly formerNames: readonly Name[];
  /** On the roster of staff, of pupils; parents are those who have children on record. */
  readonly employed: boolean;
  readonly enrolled: boolean;
  /** The class of a pupil. */
  readonly groupId: string | null;
  readonly children: readonly string[];
  readonly guardians: readonly string[];
  /** Pseudonyms of accounts of the messenger that are linked to the person now. */
  readonly accounts: readonly string[];
}

interface PersonRow {
  readonly person_id: string;
  readonly employed: boolean;
  readonly enrolled: boolean;
  readonly group_id: string | null;
  readonly full_name: Sealed | null;
  readonly former: readonly Sealed[];
  readonly children: readonly string[];
  readonly guardians: readonly string[];
  readonly accounts: readonly string[];
}

const SELECT = `
  SELECT p.person_id, p.employed, p.enrolled, p.group_id, p.full_name,
         ARRAY(SELECT f.full_name FROM former_names f
               WHERE f.organization_id = p.organization_id AND f.person_id = p.person_id ORDER BY f.position) AS former,
         ARRAY(SELECT g.child_id::text FROM guardianships g
               WHERE g.organization_id = p.organization_id AND g.person_id = p.person_id AND g.holds
               ORDER BY 1) AS children,
         ARRAY(SELECT g.person_id::text FROM guardianships g
               WHERE g.organization_id = p.organization_id AND g.child_id = p.person_id AND g.holds
               ORDER BY 1) AS guardians,
         ARRAY(SELECT a.account_id::text FROM accounts a
               WHERE a.organization_id = p.organization_id AND a.person_id = p.person_id ORDER BY 1) AS accounts
  FROM people p`;
const MAX_FOUND = 100;

/** Looks people up, one organisation at a time. Names lie encrypted; they are opened here, for those who may see them. */
export class PeopleQueries {
  /** @param views a pool whose search path finds the projections' tables */
  constructor(
    private readonly views: Pool,
    private readonly personal: PersonalData,
  ) {}

  /**
   * Those who bear or bore a name, at most 100: those who bear it first.
   *
   * @param nameHash keyed digest of the whole name, as the events have it
   */
  async named(organizationId: string, nameHash: string): Promise<readonly PersonEntry[]> {
    const { rows } = await this.views.query<PersonRow>(
      `${SELECT} WHERE p.organization_id = $1 AND (p.name_hash = $2 OR EXISTS (
         SELECT FROM former_names f
         WHERE f.organization_id = $1 AND f.person_id = p.person_id AND f.name_hash = $2))
       ORDER BY p.name_hash IS DISTINCT FROM $2, p.person_id LIMIT ${MAX_FOUND}`,
      [organizationId, nameHash],
    );
    return this.entries(organizationId, rows);
  }

  /** @throws LetopisError `not-found` where nothing is on record of such a person */
  async person(organizationId: string, personId: string): Promise<PersonEntry> {
    const { rows } = await this.views.query<PersonRow>(
      `${SELECT} WHERE p.organization_id = $1 AND p.person_id = $2`,
      [organizationId, personId],
    );
    const [entry] = await this.entries(organizationId, rows);
    if (entry === undefined) throw new LetopisError('not-found', 'Nothing is on record of such a person');
    return entry;
  }

  private async entries(organizationId: string, rows: readonly PersonRow[]): Promise<readonly PersonEntry[]> {
    const sealed = rows.flatMap(({ full_name: name, former }) => [
      ...(name === null ? [] : [name]),
      ...former,
    ]);
    const opened = await this.personal.open(organizationId, sealed);
    const names = new Map(sealed.map((each, index) => [each, nameIn(each, opened[index])] as const));
    return rows.map((row) => ({
      personId: row.person_id,
      fullName: row.full_name === null ? null : (names.get(row.full_name) ?? null),
      formerNames: row.former.map((each) => names.get(each) ?? null),
      employed: row.employed,
      enrolled: row.enrolled,
      groupId: row.group_id,
      children: row.children,
      guardians: row.guardians,
      accounts: row.accounts,
    }));
  }
}

function nameIn({ field }: Sealed, opened: JsonObject | undefined): Name {
  const value = opened?.[field];
  return typeof value === 'string' ? value : { destroyed: true };
}
