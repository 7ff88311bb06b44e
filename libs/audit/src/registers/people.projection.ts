import {
  defineProjection,
  defineTable,
  nullable,
  on,
  type ProjectedEvent,
  type Rows,
  typed,
} from '@letopis/projections';
import {
  AccountLinked,
  AccountUnlinked,
  ChatMemberAdded,
  GuardianRecorded,
  GuardianshipEnded,
  MemberDataCorrected,
  MemberMovementRecorded,
} from '@letopis/school';
import { type Sealed, sealedOf } from './sealed';

const sealed = typed<Sealed>('jsonb');

/** People by their pseudonymous ids, as orders and corrections have them. Facts come in any order: the later to happen counts. */
const people = defineTable({
  name: 'people',
  columns: {
    person_id: 'uuid',
    /** In the roster of staff. */
    employed: 'boolean',
    employed_since: 'timestamptz?',
    /** In the roster of pupils. */
    enrolled: 'boolean',
    enrolled_since: 'timestamptz?',
    /** The class of a pupil. */
    group_id: 'uuid?',
    group_since: 'timestamptz?',
    full_name: nullable(sealed),
    /** Keyed digest of the name, by which it can be found. */
    name_hash: 'uuid?',
    named_at: 'timestamptz?',
  },
  key: ['person_id'],
  indexes: [
    ['organization_id', 'group_id'],
    ['organization_id', 'name_hash'],
  ],
});

/** Who is whose parent or guardian, and who was. */
const guardianships = defineTable({
  name: 'guardianships',
  columns: { person_id: 'uuid', child_id: 'uuid', holds: 'boolean', since: 'timestamptz' },
  key: ['person_id', 'child_id'],
  indexes: [['organization_id', 'child_id']],
});

/** Names that a person had before, or that came in late: a paper under the old name is about the same person. */
const formerNames = defineTable({
  name: 'former_names',
  columns: { person_id: 'uuid', position: 'bigint', full_name: sealed, name_hash: 'uuid?' },
  key: ['person_id', 'position'],
  indexes: [['organization_id', 'name_hash']],
});

/** Accounts of the messenger: whose they are, as far as it is known, and the name that they show. */
const accounts = defineTable({
  name: 'accounts',
  columns: { account_id: 'uuid', person_id: 'uuid?', display_name: nullable(sealed) },
  key: ['account_id'],
  indexes: [['organization_id', 'person_id']],
});

type Person = NonNullable<(typeof people)['shape']>['row'];

const nobody = (personId: string): Person => ({
  person_id: personId,
  employed: false,
  employed_since: null,
  enrolled: false,
  enrolled_since: null,
  group_id: null,
  group_since: null,
  full_name: null,
  name_hash: null,
  named_at: null,
});

function personIn(rows: Rows, personId: string): Person {
  return rows.get(people, { person_id: personId }) ?? nobody(personId);
}

/** The person under the name that the event tells, if it tells one. The name that yields is kept. */
function named(
  rows: Rows,
  person: Person,
  event: ProjectedEvent<{
    readonly personId: string;
    readonly fullName?: string;
    readonly fullNameHash?: string;
  }>,
): Person {
  const name = sealedOf(event, 'fullName', 'personId');
  if (name === null) return person;
  const hash = event.data.fullNameHash ?? null;
  const { full_name: known, name_hash: knownHash, named_at: since } = person;
  // An order repeats the name that everybody knows.
  if (known !== null && hash !== null && hash === knownHash) {
    return since !== null && event.occurredAt < since ? person : { ...person, named_at: event.occurredAt };
  }
  const former = (fullName: Sealed, nameHash: string | null): void => {
    rows.put(formerNames, {
      person_id: person.person_id,
      position: event.position,
      full_name: fullName,
      name_hash: nameHash,
    });
  };
  if (since !== null && event.occurredAt < since) {
    former(name, hash);
    return person;
  }
  if (known !== null) former(known, knownHash);
  return { ...person, full_name: name, name_hash: hash, named_at: event.occurredAt };
}

function later(at: string, since: string | null): boolean {
  return since === null || at >= since;
}

function moved(person: Person, data: ReturnType<typeof MemberMovementRecorded.of>['data']): Person {
  const { kind, effectiveAt: at, fromGroup, toGroup } = data;
  switch (kind) {
    case 'hired':
    case 'dismissed':
      return later(at, person.employed_since)
        ? { ...person, employed: kind === 'hired', employed_since: at }
        : person;
    case 'enrolled':
    case 'departed': {
      const enrolled = kind === 'enrolled';
      const listed = later(at, person.enrolled_since) ? { ...person, enrolled, enrolled_since: at } : person;
      const group = enrolled ? (toGroup ?? listed.group_id) : null;
      return later(at, listed.group_since) ? { ...listed, group_id: group, group_since: at } : listed;
    }
    case 'transferred':
      return later(at, person.group_since) && (toGroup ?? fromGroup) !== undefined
        ? { ...person, group_id: toGroup ?? null, group_since: at }
        : person;
    case 'leave':
      return person;
  }
}

function guardian(
  rows: Rows,
  { personId, childId, at }: { readonly personId: string; readonly childId: string; readonly at: string },
  holds: boolean,
): void {
  const key = { person_id: personId, child_id: childId };
  const before = rows.get(guardianships, key);
  if (before === undefined || later(at, before.since)) rows.put(guardianships, { ...key, holds, since: at });
}

/** Who is who: rosters, classes, names (encrypted) and accounts. */
export const peopleProjection = defineProjection({
  name: 'people',
  version: 1,
  tables: [people, guardianships, formerNames, accounts],
  on: [
    on(MemberMovementRecorded, {
      reads: ({ data }) => [people.at({ person_id: data.personId })],
      apply: (rows, event) => {
        const person = personIn(rows, event.data.personId);
        rows.put(people, moved(named(rows, person, event), event.data));
      },
    }),
    on(MemberDataCorrected, {
      reads: ({ data }) => [people.at({ person_id: data.personId })],
      apply: (rows, event) => {
        rows.put(people, named(rows, personIn(rows, event.data.personId), event));
      },
    }),
    on(GuardianRecorded, {
      reads: ({ data: { personId, childId } }) => [
        people.at({ person_id: personId }),
        guardianships.at({ person_id: personId, child_id: childId }),
      ],
      apply: (rows, event) => {
        rows.put(people, named(rows, personIn(rows, event.data.personId), event));
        guardian(rows, event.data, true);
      },
    }),
    on(GuardianshipEnded, {
      reads: ({ data: { personId, childId } }) => [
        guardianships.at({ person_id: personId, child_id: childId }),
      ],
      apply: (rows, { data }) => guardian(rows, data, false),
    }),
    on(AccountLinked, {
      reads: ({ data }) => [accounts.at({ account_id: data.externalUserId })],
      apply: (rows, { data: { personId, externalUserId } }) => {
        const account = rows.get(accounts, { account_id: externalUserId });
        rows.put(accounts, { ...account, account_id: externalUserId, person_id: personId });
      },
    }),
    on(AccountUnlinked, {
      reads: ({ data }) => [accounts.at({ account_id: data.externalUserId })],
      apply: (rows, { data: { personId, externalUserId } }) => {
        rows.change(accounts, { account_id: externalUserId }, (account) =>
          // Meanwhile it may have been linked to somebody else.
          account.person_id === personId ? { ...account, person_id: null } : account,
        );
      },
    }),
    on(ChatMemberAdded, {
      reads: ({ data }) =>
        data.externalUserId === undefined ? [] : [accounts.at({ account_id: data.externalUserId })],
      apply: (rows, event) => {
        const { externalUserId } = event.data;
        const displayName = sealedOf(event, 'displayName', 'externalUserId');
        if (externalUserId === undefined || displayName === null) return;
        const account = rows.get(accounts, { account_id: externalUserId });
        rows.put(accounts, {
          ...account,
          account_id: externalUserId,
          display_name: displayName,
        });
      },
    }),
  ],
});
