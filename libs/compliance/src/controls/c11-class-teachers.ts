import {
  ClassTeacherAssigned,
  ClassTeacherDistributionApproved,
  ClassTeacherUnassigned,
  GroupArchived,
  GroupCreated,
  MemberMovementRecorded,
} from '@letopis/school';
import { type Place, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Moment, type Span } from '../findings';
import { type Mark, type MarkOf, on, textOf } from '../marks';
import { mention } from '../mentions';
import { rule } from '../rules';
import { dayOf, startOfDay } from '../zones';

/** After this day of the year lessons are over, and a class may wait for its teacher of the next school year. */
const LESSONS_END = '05-25';
const YEAR_BEGINS = '09-01';

const recorders = {
  created: [on(GroupCreated, ({ data }) => (data.kind === 'class' ? { subject: data.groupId } : undefined))],
  archived: [on(GroupArchived, ({ data }) => ({ subject: data.groupId }))],
  approved: [
    on(ClassTeacherDistributionApproved, ({ data: { schoolYear, pairs } }) =>
      [...new Map(pairs.map(({ groupId, personId }) => [groupId, personId]))].map(([groupId, personId]) => ({
        subject: groupId,
        detail: { teacher: personId, year: Number(schoolYear.slice(0, 4)) },
      })),
    ),
  ],
  assigned: [on(ClassTeacherAssigned, ({ data }) => ({ subject: data.groupId, refersTo: data.personId }))],
  unassigned: [on(ClassTeacherUnassigned, ({ data }) => ({ subject: data.groupId }))],
  dismissed: [
    on(MemberMovementRecorded, ({ data }) =>
      data.kind === 'dismissed' ? { subject: data.personId, at: data.effectiveAt } : undefined,
    ),
  ],
  hired: [
    on(MemberMovementRecorded, ({ data }) =>
      data.kind === 'hired' ? { subject: data.personId, at: data.effectiveAt } : undefined,
    ),
  ],
};
type Kind = keyof typeof recorders;

/**
 * C11. That a class has no more than one class teacher needs no rule: the second is refused (clause 3.1.7,
 * `one-class-teacher`). A long leave has no end on record, so whoever is on leave counts as the class teacher until
 * somebody else is; and a distribution that leaves a class out may be one of changes only, so nothing follows from it.
 */
export const classTeachersAssigned = control({
  ...headingOf('C11'),
  version: 1,
  parameters: {
    assignWithin: parameter('Срок прикрепления классного руководителя', workingDays(3)),
  },
  rules: [
    rule({
      id: 'class-teacher-assigned',
      about: 'group',
      manner: 'duty',
      within: 'assignWithin',
      marks: recorders,
      evidence: ['created'],
      spans: (marks, _subject, circumstances) =>
        vacanciesOf(marks, circumstances).filter(({ since }) => since <= circumstances.asOf),
      wakesAt: (marks, _subject, circumstances) =>
        vacanciesOf(marks, circumstances).find(({ since }) => since > circumstances.asOf)?.since,
    }),
    rule({
      id: 'teacher-as-distributed',
      about: 'group',
      manner: 'state',
      within: 'assignWithin',
      marks: recorders,
      evidence: ['assigned'],
      spans: (marks, _subject, circumstances) => deviationsOf(marks, circumstances),
      wakesAt: (marks, _subject, { asOf, ...place }) =>
        marks
          .filter(({ kind }) => kind === 'approved')
          .map((approval) => beginningOf(yearOf(approval), place))
          .filter((at) => at > asOf)
          .sort()[0],
    }),
  ],
});

/** Who leads the class, mark by mark. */
class ClassRoom {
  private assignment: Mark | undefined;
  private readonly dismissed = new Set<string>();
  private created = false;
  private archived = false;

  take(mark: MarkOf<Kind>): void {
    switch (mark.kind) {
      case 'created':
        this.created = true;
        break;
      case 'archived':
        this.archived = true;
        break;
      case 'assigned':
        this.assignment = mark;
        break;
      case 'unassigned':
        this.assignment = undefined;
        break;
      case 'dismissed':
        this.dismissed.add(mark.subject);
        break;
      case 'hired':
        this.dismissed.delete(mark.subject);
        break;
      case 'approved':
        break;
    }
  }

  get isLive(): boolean {
    return this.created && !this.archived;
  }

  /** The last assignment, also of somebody who was dismissed since. */
  get lastAssignment(): Mark | undefined {
    return this.assignment;
  }

  /** The assignment of whoever leads the class now. */
  get led(): Mark | undefined {
    const teacher = this.assignment?.refersTo;
    return teacher === undefined || this.dismissed.has(teacher) ? undefined : this.assignment;
  }
}

type Vacancy = Span & { readonly since: string };

/** When the class was without a class teacher and needed one, also where it will only need one. */
function vacanciesOf(marks: readonly MarkOf<Kind>[], place: Place): readonly Vacancy[] {
  const vacancies: Vacancy[] = [];
  const classRoom = new ClassRoom();
  const approvals: Mark[] = [];
  let from: Mark | undefined;
  let because: readonly Mark[] = [];
  const end = (until?: MarkOf<Kind>): void => {
    if (from === undefined) return;
    const { since, approval } = needOf(from, approvals, place);
    const vacancy: Vacancy = {
      from,
      since,
      because: approval === undefined ? because : [...because, approval],
      what: 'прикрепить к классу классного руководителя по распределению',
      ...(until !== undefined && { until, ceased: until.kind === 'archived' }),
    };
    if (until === undefined || (until.at > since && until.at > from.at)) vacancies.push(vacancy);
    from = undefined;
  };
  for (const mark of marks) {
    const before = classRoom.lastAssignment;
    classRoom.take(mark);
    if (mark.kind === 'approved') approvals.push(mark);
    const vacant = classRoom.isLive && classRoom.led === undefined;
    if (!vacant) end(mark);
    else if (from === undefined) {
      from = mark;
      because = before === undefined ? [] : [before];
    }
  }
  end();
  return vacancies;
}

/**
 * From when a class without a class teacher needs one: at once in the school year; in summer from the distribution of the
 * year to come that names it, or from the first of September.
 */
function needOf(
  { at }: Mark,
  approvals: readonly Mark[],
  place: Pick<Place, 'timeZone'>,
): { readonly since: string; readonly approval?: Mark } {
  const day = dayOf(at, place.timeZone);
  if (day.slice(5) <= LESSONS_END || day.slice(5) >= YEAR_BEGINS) return { since: at };
  const year = Number(day.slice(0, 4));
  const begins = beginningOf(year, place);
  const approval = approvals.find((one) => yearOf(one) === year && one.at < begins);
  if (approval === undefined) return { since: begins };
  return { since: approval.at > at ? approval.at : at, approval };
}

type Deviation = Span & { readonly since: string };

/** When somebody led the class whom the distribution in force does not name. */
function deviationsOf(marks: readonly MarkOf<Kind>[], moment: Moment): readonly Deviation[] {
  const deviations: Deviation[] = [];
  const classRoom = new ClassRoom();
  const distribution = new Distribution();
  let current: Deviation | undefined;
  for (const { mark, at, begins } of stepsOf(marks, moment)) {
    if (mark.kind === 'approved') distribution.take(mark, begins);
    else classRoom.take(mark);
    const led = classRoom.isLive ? classRoom.led : undefined;
    const contrary = led && distribution.contraryTo(led.refersTo);
    if (led !== undefined && contrary !== undefined) {
      const leads = mention('person', led.refersTo ?? '');
      const named = mention('person', textOf(contrary, 'teacher') ?? '');
      const what = `класс ведёт ${leads}, а по утверждённому распределению — ${named}`;
      current ??= { from: mark, since: at, because: [led, contrary], what };
    } else if (current !== undefined) {
      if (at > current.since) deviations.push({ ...current, until: mark });
      current = undefined;
    }
  }
  return current === undefined ? deviations : [...deviations, current];
}

/** Whom the approved distributions name for the class, approval by approval. */
class Distribution {
  private inForce: Mark | undefined;
  /** Approved for a school year that has not begun. */
  private prepared: readonly Mark[] = [];

  take(approval: Mark, begins: boolean): void {
    if (!begins) {
      this.prepared = [...this.prepared, approval];
    } else if (this.inForce === undefined || yearOf(approval) >= yearOf(this.inForce)) {
      this.inForce = approval;
      this.prepared = this.prepared.filter((one) => yearOf(one) > yearOf(approval));
    }
  }

  /** The distribution in force, where it names another teacher and nothing prepared names this one. */
  contraryTo(teacher: string | undefined): Mark | undefined {
    const names = (one: Mark): boolean => textOf(one, 'teacher') === teacher;
    if (this.inForce === undefined || names(this.inForce) || this.prepared.some(names)) return undefined;
    return this.inForce;
  }
}

interface Step {
  readonly mark: MarkOf<Kind>;
  readonly at: string;
  /** For an approval: whether its school year begins with this step, or had begun. */
  readonly begins: boolean;
}

/** The marks in order of time; an approval for a school year to come has a second step, when the year begins. */
function stepsOf(marks: readonly MarkOf<Kind>[], moment: Moment): readonly Step[] {
  const steps = marks.flatMap((mark): readonly Step[] => {
    const { at } = mark;
    if (mark.kind !== 'approved') return [{ mark, at, begins: false }];
    const year = beginningOf(yearOf(mark), moment);
    if (year <= at) return [{ mark, at, begins: true }];
    const prepared = { mark, at, begins: false };
    return year > moment.asOf ? [prepared] : [prepared, { mark, at: year, begins: true }];
  });
  return steps.toSorted((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1));
}

/** The first year of the school year that a distribution is for. */
function yearOf(approval: Mark): number {
  const year = approval.detail?.year;
  return typeof year === 'number' ? year : 0;
}

/** The first instant of the school year that begins in the autumn of `year`. */
function beginningOf(year: number, { timeZone }: Pick<Place, 'timeZone'>): string {
  return startOfDay(`${year}-09-01`, timeZone);
}
