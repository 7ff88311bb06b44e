import { type Json, type JsonObject } from '@letopis/kernel';
import { type ControlReportContent, type ReportControl, type ReportFinding } from './content';

/** A place where two JSON values differ; a member that only one of them has is absent in the other. */
export interface Difference {
  /** JSON pointer (RFC 6901) into the earlier value; `-` behind a list stands for what only the later one has. */
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** What tells the items of a list of objects apart, whatever their order: the first of these that all of them have. */
const KEYS = ['id', 'name', 'clause', 'at', 'responsibleRu'];

/**
 * Where two JSON values differ, in the order of the earlier one, at most `limit` places. Lists of objects with ids are
 * compared item by item by these, so that one more item is one difference, not a difference of all that follow.
 */
export function differencesOf(before: Json, after: Json, limit: number): readonly Difference[] {
  const found: Difference[] = [];
  compare(before, after, '', (difference) => {
    if (found.length < limit) found.push(difference);
    return found.length < limit;
  });
  return found;
}

/** Takes a difference; false where no more are wanted. */
type Take = (difference: Difference) => boolean;

/** @returns false where no more are wanted */
function compare(before: Json, after: Json, path: string, take: Take): boolean {
  if (before === after) return true;
  if (isList(before) && isList(after)) return compareLists(before, after, path, take);
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.every((name) => compareMembers(before[name], after[name], `${path}/${escaped(name)}`, take));
  }
  return take({ path, before, after });
}

function compareMembers(
  before: Json | undefined,
  after: Json | undefined,
  path: string,
  take: Take,
): boolean {
  if (before !== undefined && after !== undefined) return compare(before, after, path, take);
  if (before !== undefined) return take({ path, before });
  return after === undefined || take({ path, after });
}

function compareLists(before: readonly Json[], after: readonly Json[], path: string, take: Take): boolean {
  const key = KEYS.find((name) => [...before, ...after].every((item) => keyIn(item, name) !== undefined));
  if (key === undefined) {
    const longest = before.length > after.length ? before : after;
    return longest.every((_item, index) =>
      compareMembers(before[index], after[index], `${path}/${index < before.length ? index : '-'}`, take),
    );
  }
  const later = new Map(after.map((item) => [keyIn(item, key), item]));
  const earlier = new Set(before.map((item) => keyIn(item, key)));
  return (
    before.every((item, index) =>
      compareMembers(item, later.get(keyIn(item, key)), `${path}/${index}`, take),
    ) && after.every((item) => earlier.has(keyIn(item, key)) || take({ path: `${path}/-`, after: item }))
  );
}

function keyIn(item: Json, name: string): string | undefined {
  const value = isObject(item) ? item[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Whether the value is an object, not a list. */
export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** What a finding was at the end of one of two periods. */
export type FindingStanding = Pick<ReportFinding, 'state' | 'dueAt' | 'closedAt' | 'workflow'>;

/** A finding of one report or of both, and what has become of it. */
export interface ComparedFinding extends Pick<
  ReportFinding,
  'id' | 'rule' | 'subject' | 'subjectKind' | 'severity'
> {
  readonly control: string;
  /** Absent in a list of what only the later report has. */
  readonly before?: FindingStanding;
  /** Absent where the later report has it no more: it was done in time, fell away, or was over before its period. */
  readonly after?: FindingStanding;
}

/** What changed from one report on a school to another. */
export interface ReportComparison {
  readonly counts: Readonly<Record<'opened' | 'closed' | 'changed' | 'unchanged', number>>;
  /** Only the later report has them. */
  readonly opened: readonly ComparedFinding[];
  /** Something was still to be done about them, and nothing is any more. */
  readonly closed: readonly ComparedFinding[];
  /** In both, and otherwise than before. */
  readonly changed: readonly ComparedFinding[];
  /** Controls whose status changed; null where a report's catalogue has not got it. */
  readonly controls: readonly {
    readonly id: string;
    readonly before: ReportControl['status'] | null;
    readonly after: ReportControl['status'] | null;
  }[];
  /** Parameters in force that differ. */
  readonly parameters: readonly {
    readonly control: string;
    readonly name: string;
    readonly before: { readonly valueRu: string; readonly order?: string } | null;
    readonly after: { readonly valueRu: string; readonly order?: string } | null;
  }[];
  /** By what the reports were made, where that is not the same: findings may differ for that alone. */
  readonly versions: readonly { readonly name: string; readonly before: string; readonly after: string }[];
}

/** What changed between two reports on one school. Pure; findings are the same by their ids. */
export function comparisonOf(before: ControlReportContent, after: ControlReportContent): ReportComparison {
  const earlier = findingsById(before);
  const later = findingsById(after);
  const opened: ComparedFinding[] = [];
  const closed: ComparedFinding[] = [];
  const changed: ComparedFinding[] = [];
  let unchanged = 0;
  for (const [id, was] of earlier) {
    const is = later.get(id);
    const compared = comparedOf(was, is);
    if (is === undefined) {
      // What was over in the earlier period is not expected in the later one.
      if (presses(was.finding)) closed.push(compared);
    } else if (presses(was.finding) && !presses(is.finding)) closed.push(compared);
    else if (isSame(was.finding, is.finding)) unchanged += 1;
    else changed.push(compared);
  }
  for (const [id, is] of later) if (!earlier.has(id)) opened.push(comparedOf(undefined, is));
  return {
    counts: { opened: opened.length, closed: closed.length, changed: changed.length, unchanged },
    ...{ opened, closed, changed },
    controls: pairs(before.controls, after.controls, ({ id }) => id).flatMap(([id, was, is]) =>
      was?.status === is?.status ? [] : [{ id, before: was?.status ?? null, after: is?.status ?? null }],
    ),
    parameters: parametersOf(before, after),
    versions: versionsOf(before, after),
  };
}

interface Placed {
  readonly control: string;
  readonly finding: ReportFinding;
}

function findingsById({ controls }: ControlReportContent): ReadonlyMap<string, Placed> {
  return new Map(
    controls.flatMap(({ id: control, findings }) =>
      findings.map((finding) => [finding.id, { control, finding }] as const),
    ),
  );
}

function comparedOf(was: Placed | undefined, is: Placed | undefined): ComparedFinding {
  const placed = is ?? was;
  if (placed === undefined) throw new Error('A finding of neither report');
  const { id, rule, subject, subjectKind, severity } = placed.finding;
  return {
    ...{ id, control: placed.control, rule, subject, subjectKind, severity },
    ...(was !== undefined && { before: standingOf(was.finding) }),
    ...(is !== undefined && { after: standingOf(is.finding) }),
  };
}

function standingOf({ state, dueAt, closedAt, workflow }: ReportFinding): FindingStanding {
  return {
    state,
    ...(dueAt !== undefined && { dueAt }),
    ...(closedAt !== undefined && { closedAt }),
    ...(workflow !== undefined && { workflow }),
  };
}

/** Whether there was still something to do about it, by facts and by decisions of people. */
function presses({ state, workflow }: ReportFinding): boolean {
  if (state !== 'open' && state !== 'overdue' && state !== 'violated') return false;
  switch (workflow?.status) {
    case 'verified':
    case 'excepted':
    case 'dismissed':
      return false;
    case 'assigned':
    case 'remedied':
    case undefined:
      return true;
  }
}

function isSame(was: ReportFinding, is: ReportFinding): boolean {
  return (
    was.state === is.state &&
    was.dueAt === is.dueAt &&
    was.closedAt === is.closedAt &&
    was.workflow?.status === is.workflow?.status &&
    was.workflow?.at === is.workflow?.at &&
    was.workflow?.personId === is.workflow?.personId &&
    was.workflow?.until === is.workflow?.until &&
    was.workflow?.reasonRu === is.workflow?.reasonRu
  );
}

function parametersOf(
  before: ControlReportContent,
  after: ControlReportContent,
): ReportComparison['parameters'] {
  return pairs(before.controls, after.controls, ({ id }) => id).flatMap(([control, was, is]) =>
    pairs(was?.parameters ?? [], is?.parameters ?? [], ({ name }) => name).flatMap(([name, one, other]) =>
      one?.valueRu === other?.valueRu && one?.order === other?.order
        ? []
        : [{ control, name, before: one ? inForce(one) : null, after: other ? inForce(other) : null }],
    ),
  );
}

function inForce({ valueRu, order }: ReportControl['parameters'][number]): {
  readonly valueRu: string;
  readonly order?: string;
} {
  return { valueRu, ...(order !== undefined && { order }) };
}

function versionsOf(before: ControlReportContent, after: ControlReportContent): ReportComparison['versions'] {
  const ofReport = [
    { name: 'catalogue', before: before.catalogue, after: after.catalogue },
    { name: 'calendar', before: before.calendar, after: after.calendar },
  ];
  const ofControls = pairs(before.controls, after.controls, ({ id }) => id).flatMap(([name, was, is]) =>
    was === undefined || is === undefined
      ? []
      : [{ name, before: String(was.version), after: String(is.version) }],
  );
  return [...ofReport, ...ofControls].filter((version) => version.before !== version.after);
}

/** The items of both lists by their keys: those of the first in its order, then those that only the second has. */
function pairs<Item>(
  before: readonly Item[],
  after: readonly Item[],
  key: (item: Item) => string,
): readonly (readonly [key: string, before: Item | undefined, after: Item | undefined])[] {
  const earlier = new Map(before.map((item) => [key(item), item]));
  const later = new Map(after.map((item) => [key(item), item]));
  return [...new Set([...earlier.keys(), ...later.keys()])].map((name) => [
    name,
    earlier.get(name),
    later.get(name),
  ]);
}
