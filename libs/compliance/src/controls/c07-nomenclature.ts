import { GroupArchived, GroupCreated, GroupRenamed, NomenclatureApproved } from '@letopis/school';
import { byDay, deadlineOf, schoolYearOf, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Moment, type Span } from '../findings';
import { type Mark, type MarkOf, on, type Recorder, textOf } from '../marks';
import { isDuration } from '../parameters';
import { type Circumstances, rule } from '../rules';
import { dayOf, startOfDay } from '../zones';

/** A school year is prepared from July on, and turns on 1 September: until then the groups of the year before count, too. */
const PREPARED = '07-01';
const TURNS = '09-01';

type Kind = 'approved' | 'created' | 'renamed' | 'archived';

/** A group of a nomenclature is known by its kind and title. */
const itemOf = (kind: string, title: string): string => `${kind}:${title}`;
const titleOf = (item: string): string => item.slice(item.indexOf(':') + 1);

/** «Учительская» needs no nomenclature (clause 3.1.4). */
const STAFF_ROOM = 'staff_room';

const approved = on(NomenclatureApproved, ({ organizationId, data }) => ({
  subject: organizationId,
  detail: {
    year: data.schoolYear.slice(0, 4),
    items: data.groups
      .filter(({ kind }) => kind !== STAFF_ROOM)
      .map(({ kind, title }) => itemOf(kind, title)),
  },
}));

/** What becomes of groups, as marks of the subject that `subjectOf` gives. */
function groups(
  subjectOf: (event: { organizationId: string; data: { groupId: string } }) => {
    subject: string;
    refersTo?: string;
  },
): Readonly<Record<Exclude<Kind, 'approved'>, readonly Recorder[]>> {
  return {
    created: [
      on(GroupCreated, (event) =>
        event.data.kind === STAFF_ROOM
          ? undefined
          : {
              ...subjectOf(event),
              detail: { group: event.data.groupId, kind: event.data.kind, title: event.data.title },
            },
      ),
    ],
    renamed: [
      on(GroupRenamed, (event) => ({
        ...subjectOf(event),
        detail: { group: event.data.groupId, title: event.data.to },
      })),
    ],
    archived: [
      on(GroupArchived, (event) => ({ ...subjectOf(event), detail: { group: event.data.groupId } })),
    ],
  };
}

const ofOrganization = groups(({ organizationId }) => ({ subject: organizationId }));
const ofGroup = groups(({ organizationId, data }) => ({ subject: data.groupId, refersTo: organizationId }));

function itemsOf(mark: Mark): readonly string[] {
  const items = mark.detail?.items;
  return Array.isArray(items) ? items.filter((item) => typeof item === 'string') : [];
}

/** The live groups by the marks so far: what they are in the nomenclature, by id. */
class Groups {
  private readonly live = new Map<string, { readonly kind: string; readonly item: string }>();
  private readonly counts = new Map<string, number>();

  take(mark: MarkOf<Kind>): void {
    const id = textOf(mark, 'group') ?? '';
    const before = this.live.get(id);
    const title = textOf(mark, 'title') ?? '';
    switch (mark.kind) {
      case 'approved':
        break;
      case 'created': {
        const kind = textOf(mark, 'kind') ?? '';
        this.put(id, { kind, item: itemOf(kind, title) });
        break;
      }
      case 'renamed':
        if (before !== undefined) this.put(id, { ...before, item: itemOf(before.kind, title) });
        break;
      case 'archived':
        this.put(id, undefined);
        break;
    }
  }

  private put(id: string, group: { kind: string; item: string } | undefined): void {
    const before = this.live.get(id);
    if (before !== undefined) this.counts.set(before.item, (this.counts.get(before.item) ?? 0) - 1);
    if (group === undefined) this.live.delete(id);
    else {
      this.live.set(id, group);
      this.counts.set(group.item, (this.counts.get(group.item) ?? 0) + 1);
    }
  }

  get size(): number {
    return this.live.size;
  }

  item(id: string): string | undefined {
    return this.live.get(id)?.item;
  }

  has(item: string): boolean {
    return (this.counts.get(item) ?? 0) > 0;
  }
}

type Time = Pick<Moment, 'asOf' | 'timeZone'>;

/** The days of a school year on which other nomenclatures begin to count, after `from` up to `asOf`. */
function turnsBetween(from: string, { asOf, timeZone }: Time): readonly string[] {
  const turns: string[] = [];
  for (let year = Number(from.slice(0, 4)); year <= Number(asOf.slice(0, 4)) + 1; year += 1) {
    for (const day of [PREPARED, TURNS]) turns.push(startOfDay(`${year}-${day}`, timeZone));
  }
  return turns.filter((turn) => from < turn && turn <= asOf);
}

/** When, after `asOf`, other nomenclatures begin to count. */
function nextTurn(marks: readonly Mark[], { asOf, timeZone }: Time): string | undefined {
  if (marks.length === 0) return undefined;
  const years = [0, 1].map((ahead) => Number(asOf.slice(0, 4)) + ahead);
  return years
    .flatMap((year) => [PREPARED, TURNS].map((day) => startOfDay(`${year}-${day}`, timeZone)))
    .find((turn) => turn > asOf);
}

/** The school years, by their first year, whose nomenclatures count at the instant. */
function countingAt(at: string, timeZone: string): readonly number[] {
  const day = dayOf(at, timeZone);
  const prepared = schoolYearOf(day);
  return day.slice(5) >= PREPARED && day.slice(5) < TURNS ? [prepared, prepared - 1] : [prepared];
}

/** Takes the marks and the turns of school years in order of time; a turn comes before what happens in its instant. */
function walk(
  marks: readonly MarkOf<Kind>[],
  time: Time,
  take: { readonly turn: (at: string) => void; readonly mark: (mark: MarkOf<Kind>) => void },
): void {
  const turns = [...turnsBetween(marks[0]?.at ?? time.asOf, time)];
  for (const mark of marks) {
    for (let turn = turns[0]; turn !== undefined && turn <= mark.at; turn = turns[0]) {
      take.turn(turn);
      turns.shift();
    }
    take.mark(mark);
  }
  for (const turn of turns) take.turn(turn);
}

/** A group of a nomenclature that a school is to create. */
interface Wanted {
  /** Until when it is looked at: a group that is archived later was there. */
  readonly until: string;
  readonly open?: Span;
}

interface Year {
  readonly number: number;
  readonly endsAt: string;
  readonly approval: Mark;
  readonly wanted: Map<string, Wanted>;
}

/**
 * Every group of the year's nomenclature is there, from the approval to the day by which the structure stands. What
 * becomes of groups later in the year does not count: that the last class is archived in June leaves nothing undone.
 */
function missingGroups(
  marks: readonly MarkOf<Kind>[],
  circumstances: Circumstances<'structureBy'>,
): readonly Span[] {
  const { asOf, timeZone } = circumstances;
  const spans: Span[] = [];
  const groupsNow = new Groups();
  const years = new Map<number, Year>();

  const close = (year: Year, item: string, until: Mark, ceased: boolean): void => {
    const wanted = year.wanted.get(item);
    if (wanted?.open === undefined) return;
    spans.push({ ...wanted.open, until, ...(ceased && { ceased }) });
    year.wanted.set(item, { until: wanted.until });
  };
  const open = (year: Year, item: string, from: Mark): void => {
    const since = sinceOf(from, year.number, timeZone);
    const known = year.wanted.get(item);
    const value = circumstances.valueOf('structureBy', since);
    const due = isDuration(value) ? deadlineOf(since, value, circumstances).at : since;
    if (known !== undefined && since > known.until) return;
    const span: Span = {
      from,
      since,
      key: `${year.number} ${item}`,
      what: `создать группу «${titleOf(item)}», которая есть в номенклатуре, утверждённой на ${year.number}/${year.number + 1} учебный год`,
    };
    year.wanted.set(item, {
      until: known?.until ?? due,
      ...(!groupsNow.has(item) && { open: span }),
    });
  };

  walk(marks, circumstances, {
    turn: (at) => {
      for (const year of [...years.values()].filter(({ endsAt }) => endsAt <= at)) {
        for (const item of year.wanted.keys()) close(year, item, { ...year.approval, at: year.endsAt }, true);
        years.delete(year.number);
      }
    },
    mark: (mark) => {
      if (mark.kind === 'approved') {
        const number = Number(textOf(mark, 'year'));
        const endsAt = startOfDay(`${number + 1}-${TURNS}`, timeZone);
        if (endsAt <= mark.at) return;
        const before = years.get(number)?.wanted ?? new Map<string, Wanted>();
        const year: Year = { number, endsAt, approval: mark, wanted: before };
        years.set(number, year);
        const items = new Set(itemsOf(mark));
        for (const item of [...before.keys()].filter((known) => !items.has(known))) {
          close(year, item, mark, true);
          before.delete(item);
        }
        for (const item of items) {
          const known = before.get(item);
          if (known === undefined) open(year, item, mark);
          else if (known.open !== undefined) {
            const because = [...(known.open.because ?? []), mark];
            before.set(item, { ...known, open: { ...known.open, because } });
          }
        }
        return;
      }
      const id = textOf(mark, 'group') ?? '';
      const lost = groupsNow.item(id);
      groupsNow.take(mark);
      const gained = groupsNow.item(id);
      for (const year of years.values()) {
        if (gained !== undefined) close(year, gained, mark, false);
        if (lost !== undefined && !groupsNow.has(lost) && year.wanted.has(lost)) open(year, lost, mark);
      }
    },
  });
  const last = [...years.values()].flatMap(({ wanted }) =>
    [...wanted.values()].flatMap(({ open: span }) => (span === undefined ? [] : [span])),
  );
  return [...spans, ...last].filter(({ since }) => since === undefined || since <= asOf);
}

/** A year is prepared from July on, whenever its nomenclature was approved. */
function sinceOf({ at }: Mark, year: number, timeZone: string): string {
  const prepared = startOfDay(`${year}-${PREPARED}`, timeZone);
  return at > prepared ? at : prepared;
}

/** The stretches in which a live group is in none of the nomenclatures that count, where there is one. */
function unapproved(marks: readonly MarkOf<Kind>[], group: string, time: Time): readonly Span[] {
  const spans: Span[] = [];
  const groupNow = new Groups();
  const approvals = new Map<number, { readonly mark: Mark; readonly items: ReadonlySet<string> }>();
  const now: { span?: Span; own?: Mark } = {};

  const look = (at: string, mark?: Mark): void => {
    const item = groupNow.item(group);
    const counting = countingAt(at, time.timeZone)
      .map((year) => approvals.get(year))
      .filter((approval) => approval !== undefined);
    const [newest] = counting;
    const broken =
      item !== undefined && newest !== undefined && !counting.some(({ items }) => items.has(item));
    const cause = mark ?? newest?.mark ?? now.own;
    if (cause === undefined) return;
    if (broken) {
      const because = [
        ...(now.own === undefined ? [] : [now.own]),
        ...counting.map((approval) => approval.mark),
      ];
      now.span ??= {
        from: cause,
        since: at,
        because,
        ...(mark === undefined && { key: at }),
        what: 'группы нет в номенклатуре, утверждённой на текущий учебный год',
      };
    } else if (now.span !== undefined) {
      if (now.span.since !== at) spans.push({ ...now.span, until: { ...cause, at } });
      now.span = undefined;
    }
  };

  walk(marks, time, {
    turn: (at) => look(at),
    mark: (mark) => {
      if (mark.kind === 'approved') {
        approvals.set(Number(textOf(mark, 'year')), { mark, items: new Set(itemsOf(mark)) });
      } else {
        groupNow.take(mark);
        now.own = mark;
      }
      look(mark.at, mark);
    },
  });
  return now.span === undefined ? spans : [...spans, now.span];
}

/** School years that begin with groups and without a nomenclature. */
function unplannedYears(marks: readonly MarkOf<Kind>[], time: Time): readonly Span[] {
  const spans: Span[] = [];
  const groupsNow = new Groups();
  const approvedYears = new Set<number>();
  const now: { source?: Mark; year?: number; span?: Span } = {};
  const close = (until: Mark, ceased: boolean): void => {
    if (now.span !== undefined) spans.push({ ...now.span, until, ...(ceased && { ceased }) });
    now.span = undefined;
  };
  walk(marks, time, {
    turn: (at) => {
      const year = schoolYearOf(dayOf(at, time.timeZone));
      const { source } = now;
      if (source === undefined || countingAt(at, time.timeZone).length > 1) return;
      close({ ...source, at }, true);
      if (groupsNow.size === 0 || approvedYears.has(year)) return;
      const what = `утвердить номенклатуру групп на ${year}/${year + 1} учебный год`;
      now.year = year;
      now.span = { from: source, since: at, key: String(year), what };
    },
    mark: (mark) => {
      groupsNow.take(mark);
      if (mark.kind === 'created' || mark.kind === 'approved') now.source = mark;
      if (mark.kind === 'approved') {
        const year = Number(textOf(mark, 'year'));
        approvedYears.add(year);
        if (now.year === year) close(mark, false);
      } else if (groupsNow.size === 0) close(mark, true);
    },
  });
  return now.span === undefined ? spans : [...spans, now.span];
}

/**
 * Two live groups of one title are refused as they are created, so that each approved group has at most one needs no rule.
 */
export const structureByNomenclature = control({
  ...headingOf('C07'),
  version: 1,
  parameters: {
    structureBy: parameter(
      'Срок приведения структуры организации в соответствие номенклатуре',
      byDay('09-10', workingDays(5)),
    ),
  },
  rules: [
    rule({
      id: 'approved-group-created',
      about: 'organization',
      manner: 'duty',
      within: 'structureBy',
      marks: { approved: [approved], ...ofOrganization },
      evidence: ['approved'],
      spans: (marks, _subject, circumstances) => missingGroups(marks, circumstances),
      wakesAt: (marks, _subject, circumstances) => nextTurn(marks, circumstances),
    }),
    rule({
      id: 'group-approved',
      about: 'group',
      manner: 'state',
      within: 'structureBy',
      marks: { approved: [approved], ...ofGroup },
      evidence: ['created'],
      spans: (marks, subject, circumstances) => unapproved(marks, subject, circumstances),
      wakesAt: (marks, _subject, circumstances) => nextTurn(marks, circumstances),
    }),
    rule({
      id: 'nomenclature-approved',
      about: 'organization',
      manner: 'duty',
      within: 'structureBy',
      marks: { approved: [approved], ...ofOrganization },
      evidence: ['created', 'approved'],
      spans: (marks, _subject, circumstances) => unplannedYears(marks, circumstances),
      wakesAt: (marks, _subject, circumstances) => nextTurn(marks, circumstances),
    }),
  ],
});
