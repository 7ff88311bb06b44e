import { type Pool } from 'pg';
import { type JsonObject } from '@letopis/kernel';
import { type PersonalData, type Sealed } from './registers/sealed';

/** Something that a text names: of which kind, and its id. Kinds that are not known here are told by their id alone. */
export interface Named {
  readonly kind: string;
  readonly id: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What each kind is called where it has no name, or the reader must not see it. */
const NAMELESS: ReadonlyMap<string, string> = new Map([
  ['person', 'участник'],
  ['account', 'аккаунт'],
  ['chat', 'чат'],
  ['group', 'группа'],
  ['channel', 'канал'],
  ['link', 'ссылка-приглашение №'],
  ['act', 'локальный акт'],
  ['request', 'обращение №'],
  ['incident', 'инцидент №'],
  ['violation', 'сообщение о нарушении №'],
  ['check', 'проверка №'],
  ['session', 'занятие или трансляция №'],
  ['material', 'материал №'],
  ['period', 'период'],
]);

const ACTS_RU: ReadonlyMap<string, string> = new Map([
  ['order', 'приказ'],
  ['polozhenie', 'Положение'],
]);

/** So much of an id tells things of one kind apart. */
const ID_LENGTH = 8;

/**
 * How a reader is told of what texts mention: «Петрова Анна», «чат «5А»», «приказ № 324», «участник 3f2a1b0c». What has
 * no name on record, and kinds that have none, are told by their ids; so is whatever is asked for and was not among
 * `mentions`.
 *
 * @param views a pool whose search path finds the projections' tables
 * @param personal opens names; without it people and accounts stay pseudonyms
 * @throws LetopisError `integrity-broken` where a name is not the one that was sealed
 */
export async function readNames(
  views: Pick<Pool, 'query'>,
  organizationId: string,
  mentions: readonly Named[],
  personal?: PersonalData,
): Promise<(mention: Named) => string> {
  const idsOf = (...kinds: readonly string[]): readonly string[] => [
    ...new Set(mentions.flatMap(({ kind, id }) => (kinds.includes(kind) && UUID.test(id) ? [id] : []))),
  ];
  const names = new Map<string, string>();
  for (const { kind, sql } of QUERIES) {
    const ids = idsOf(kind);
    if (ids.length === 0) continue;
    const { rows } = await views.query<NameRow>(sql, [organizationId, ids]);
    for (const row of rows) names.set(`${kind}:${row.id}`, nameIn(kind, row));
  }
  if (personal !== undefined) {
    for (const [id, name] of await people(views, organizationId, idsOf('person', 'account'), personal)) {
      names.set(`person:${id}`, name);
      names.set(`account:${id}`, name);
    }
  }
  return (mention) => names.get(`${mention.kind}:${mention.id}`) ?? namelessly(mention);
}

/** One name, as it lies in a view. */
interface NameRow {
  readonly id: string;
  /** What sort of its kind it is: of groups a class, of acts an order. */
  readonly sort: string | null;
  readonly name: string;
}

/** Where the names lie that anybody may read; `$1` is the organisation, `$2` the ids. */
const QUERIES: readonly { readonly kind: string; readonly sql: string }[] = [
  {
    kind: 'organization',
    sql: `SELECT organization_id AS id, NULL AS sort, name FROM organizations
          WHERE organization_id = $1 AND organization_id = ANY ($2)`,
  },
  {
    kind: 'chat',
    sql: `SELECT chat_id AS id, kind AS sort, title AS name FROM chats
          WHERE organization_id = $1 AND chat_id = ANY ($2) AND title IS NOT NULL`,
  },
  {
    kind: 'group',
    sql: `SELECT group_id AS id, kind AS sort, title AS name FROM groups
          WHERE organization_id = $1 AND group_id = ANY ($2)`,
  },
  {
    // There are few of them, and no view of their own.
    kind: 'channel',
    sql: `SELECT data ->> 'channelId' AS id, NULL AS sort, data ->> 'title' AS name FROM audit_trail
          WHERE organization_id = $1 AND type = 'SystemChannelRegistered' AND data ->> 'channelId' = ANY ($2::text[])
          ORDER BY position`,
  },
  {
    // The version that was entered last comes last, and so counts.
    kind: 'act',
    sql: `SELECT act_id AS id, kind AS sort, number AS name FROM act_versions
          WHERE organization_id = $1 AND act_id = ANY ($2) AND number IS NOT NULL ORDER BY position`,
  },
];

function nameIn(kind: string, { sort, name }: NameRow): string {
  if (kind === 'organization') return name;
  if (kind === 'group') return sort === 'class' ? `класс ${name}` : `группа ${quoted(name)}`;
  if (kind === 'act') return `${ACTS_RU.get(sort ?? '') ?? 'локальный акт'} № ${name}`;
  return `${NAMELESS.get(kind) ?? kind} ${quoted(name)}`;
}

/** A title in quotation marks; those within it become the inner ones. */
function quoted(title: string): string {
  return `«${title.replaceAll('«', '„').replaceAll('»', '“')}»`;
}

function namelessly({ kind, id }: Named): string {
  if (kind === 'organization') return 'организация';
  return `${NAMELESS.get(kind) ?? kind} ${UUID.test(id) ? id.slice(0, ID_LENGTH) : id}`;
}

interface PersonRow {
  readonly id: string;
  readonly full_name: Sealed | null;
  readonly display_name: Sealed | null;
}

/** The names of people as they are now; an account that is linked to somebody is that person. */
async function people(
  views: Pick<Pool, 'query'>,
  organizationId: string,
  ids: readonly string[],
  personal: PersonalData,
): Promise<readonly (readonly [id: string, name: string])[]> {
  if (ids.length === 0) return [];
  const { rows } = await views.query<PersonRow>(
    `SELECT asked.id, person.full_name, account.display_name
     FROM unnest($2::uuid[]) AS asked(id)
     LEFT JOIN accounts account ON account.organization_id = $1 AND account.account_id = asked.id
     LEFT JOIN people person
       ON person.organization_id = $1 AND person.person_id = coalesce(account.person_id, asked.id)`,
    [organizationId, ids],
  );
  const sealed = rows.flatMap(({ id, full_name, display_name }) => {
    const name = full_name ?? display_name;
    return name === null ? [] : [{ id, name }];
  });
  const opened = await personal.open(
    organizationId,
    sealed.map(({ name }) => name),
  );
  return sealed.map(({ id, name }, index) => [
    id,
    textIn(opened[index], name.field) ?? `${namelessly({ kind: 'person', id })} (данные уничтожены)`,
  ]);
}

/** The opened text; undefined where its key is gone. */
function textIn(data: JsonObject | undefined, field: string): string | undefined {
  const value = data?.[field];
  return typeof value === 'string' ? value : undefined;
}
