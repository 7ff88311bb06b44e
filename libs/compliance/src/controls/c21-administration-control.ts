import {
  ControlCheckCompleted,
  ControlCheckScheduled,
  ControlFindingRecorded,
  ControlPlanApproved,
  ControlReportApproved,
  OrganizationCreated,
  RemediationAssigned,
  RemediationCompleted,
} from '@letopis/school';
import { termDays, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { declaredControls, headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, type MarkOf, on, textOf } from '../marks';
import { mention } from '../mentions';
import { cadence, obligation, rule } from '../rules';
import { utc } from '../zones';

type PlanKind = 'planned' | 'scheduled' | 'completed';
type FindingKind = 'recorded' | 'assigned' | 'mended';

const CLOSE_WITHIN = {
  critical: 'closeCriticalWithin',
  high: 'closeHighWithin',
  medium: 'closeMediumWithin',
  low: 'closeLowWithin',
} as const;
type Closing = (typeof CLOSE_WITHIN)[keyof typeof CLOSE_WITHIN];

const completed = on(ControlCheckCompleted, ({ data }) => ({ subject: data.checkId, at: data.at }));

const responsible = (personId: string | undefined): string =>
  personId === undefined ? '' : `; ответственный: ${mention('person', personId)}`;

/**
 * C21. A check that is called off has no event: it stays overdue until somebody decides about the finding. Whether a plan
 * is approved at all is not asked for, only that checks are held; and how thorough a check was, no event shows. That
 * nobody checks themselves is refused when it is entered.
 */
export const administrationControl = control({
  ...headingOf('C21'),
  version: 1,
  parameters: {
    checkEvery: parameter('Как часто проводятся проверки', termDays(30)),
    spravkaWithin: parameter('Срок утверждения справки по итогам контроля', workingDays(5)),
    closeCriticalWithin: parameter(
      'Срок поручить устранение критического нарушения, выявленного при проверке',
      workingDays(1),
    ),
    closeHighWithin: parameter(
      'Срок поручить устранение нарушения высокой степени, выявленного при проверке',
      workingDays(3),
    ),
    closeMediumWithin: parameter(
      'Срок поручить устранение нарушения средней степени, выявленного при проверке',
      workingDays(5),
    ),
    closeLowWithin: parameter(
      'Срок поручить устранение нарушения низкой степени, выявленного при проверке',
      workingDays(10),
    ),
  },
  rules: [
    cadence({
      id: 'checked-regularly',
      about: 'organization',
      duty: 'провести проверку использования платформы',
      every: 'checkEvery',
      startsByItself: true,
      starts: [on(OrganizationCreated, ({ organizationId }) => ({ subject: organizationId }))],
      happens: [
        on(ControlCheckCompleted, ({ organizationId, data: { at } }) => ({ subject: organizationId, at })),
      ],
    }),
    rule<PlanKind>({
      id: 'plan-carried-out',
      about: 'organization',
      manner: 'duty',
      marks: {
        planned: [
          on(ControlPlanApproved, ({ organizationId, data: { schoolYear, items } }) => ({
            subject: organizationId,
            detail: { schoolYear, items: textOfItems(items) },
          })),
        ],
        scheduled: [
          on(ControlCheckScheduled, ({ organizationId, data: { checkId, schoolYear, controlIds } }) =>
            schoolYear === undefined
              ? undefined
              : {
                  subject: organizationId,
                  detail: { check: checkId, schoolYear, controls: controlIds.join(' ') },
                },
          ),
        ],
        completed: [
          on(ControlCheckCompleted, ({ organizationId, data: { checkId, at } }) => ({
            subject: organizationId,
            at,
            detail: { check: checkId },
          })),
        ],
      },
      evidence: ['planned'],
      spans: plannedChecks,
    }),
    rule<'scheduled' | 'completed'>({
      id: 'check-completed',
      about: 'check',
      manner: 'duty',
      marks: {
        // A check by the plan is to be completed by the plan's own day.
        scheduled: [
          on(ControlCheckScheduled, ({ data: { checkId, schoolYear, dueAt, responsibleId } }) =>
            schoolYear === undefined
              ? { subject: checkId, detail: { dueAt: utc(dueAt), responsible: responsibleId } }
              : undefined,
          ),
        ],
        completed: [completed],
      },
      evidence: ['scheduled'],
      spans: (marks) => {
        const from = marks.find(({ kind }) => kind === 'scheduled');
        if (from === undefined) return [];
        return [
          {
            from,
            until: marks.find(({ kind }) => kind === 'completed'),
            what: `завершить внеплановую проверку${responsible(textOf(from, 'responsible'))}`,
            due: { at: textOf(from, 'dueAt') ?? from.at },
          },
        ];
      },
    }),
    obligation({
      id: 'report-approved',
      about: 'check',
      duty: 'утвердить справку по итогам контроля',
      dueWithin: 'spravkaWithin',
      opens: [completed],
      fulfils: [on(ControlReportApproved, ({ data }) => ({ subject: data.checkId }))],
    }),
    rule<FindingKind, Closing>({
      id: 'finding-closed',
      about: 'check',
      manner: 'duty',
      marks: {
        recorded: [
          on(ControlFindingRecorded, ({ data: { checkId, findingId, severity } }) => ({
            subject: checkId,
            detail: { finding: findingId, within: CLOSE_WITHIN[severity] },
          })),
        ],
        assigned: [
          on(RemediationAssigned, ({ data: { checkId, findingId, assigneeId, dueAt } }) => ({
            subject: checkId,
            detail: { finding: findingId, assignee: assigneeId, dueAt: utc(dueAt) },
          })),
        ],
        mended: [
          on(RemediationCompleted, ({ data: { checkId, findingId, at } }) => ({
            subject: checkId,
            at,
            detail: { finding: findingId },
          })),
        ],
      },
      evidence: ['recorded'],
      spans: closings,
    }),
  ],
});

/** A control that a plan has checked by a day. */
interface Item {
  readonly control: string;
  readonly due: string;
  readonly responsible: string;
  /** Tells it from others of the same school year, also from one plan to the next. */
  readonly key: string;
}

interface PlannedCheck {
  readonly controlIds: readonly string[];
  readonly dueAt: string;
  readonly responsibleId: string;
}

/** Each control of each item on a line of its own, in order: `C14 2025-10-31T15:00:00.000Z c4b3…`. */
function textOfItems(items: readonly PlannedCheck[]): string {
  return items
    .flatMap(({ controlIds, dueAt, responsibleId }) =>
      [...new Set(controlIds)].map((id) => `${id} ${utc(dueAt)} ${responsibleId}`),
    )
    .sort()
    .join('\n');
}

function itemsOf(plan: Mark): readonly Item[] {
  const counts = new Map<string, number>();
  return (textOf(plan, 'items') ?? '').split('\n').map((line) => {
    const [id = '', due = '', person = ''] = line.split(' ');
    const count = (counts.get(`${id} ${due}`) ?? 0) + 1;
    counts.set(`${id} ${due}`, count);
    return { control: id, due, responsible: person, key: `${id} ${due} ${count}` };
  });
}

interface PlannedYear {
  /** What is to be done yet, and since which plan. */
  readonly open: Map<string, { readonly item: Item; readonly plan: Mark }>;
  readonly done: Set<string>;
  /** How often a control was checked when no item of it was open. */
  readonly spare: Map<string, number>;
}

/**
 * Each control of each item of a plan is checked by its day. A check names its controls and its school year, and no item:
 * it stands for the item of its control that is due first. Of one school year the last plan is in force; what it has as
 * the one before goes on.
 */
function plannedChecks(marks: readonly MarkOf<PlanKind>[]): readonly Span[] {
  const spans: Span[] = [];
  const years = new Map<string, PlannedYear>();
  const checks = new Map<string, Mark>();
  for (const mark of marks) {
    if (mark.kind === 'scheduled') checks.set(textOf(mark, 'check') ?? '', mark);
  }
  const yearOf = (mark: Mark): PlannedYear => {
    const name = textOf(mark, 'schoolYear') ?? '';
    const year = years.get(name) ?? { open: new Map(), done: new Set(), spare: new Map() };
    years.set(name, year);
    return year;
  };
  for (const mark of marks) {
    switch (mark.kind) {
      case 'planned':
        spans.push(...replan(yearOf(mark), mark));
        break;
      case 'completed': {
        const check = checks.get(textOf(mark, 'check') ?? '');
        if (check === undefined) break;
        const year = yearOf(check);
        for (const id of (textOf(check, 'controls') ?? '').split(' ')) {
          const first = firstDue(year, id);
          if (first === undefined) {
            year.spare.set(id, (year.spare.get(id) ?? 0) + 1);
          } else {
            spans.push({ ...spanOf(first.item, first.plan), because: [check], until: mark });
            year.open.delete(first.item.key);
            year.done.add(first.item.key);
          }
        }
        break;
      }
      case 'scheduled':
        break;
    }
  }
  const open = [...years.values()].flatMap((year) => [...year.open.values()]);
  return [...spans, ...open.map(({ item, plan }) => spanOf(item, plan))];
}

/** Puts a plan in the place of the one before; what of that it has no more falls away. */
function replan(year: PlannedYear, plan: Mark): readonly Span[] {
  const items = itemsOf(plan);
  const keys = new Set(items.map(({ key }) => key));
  const dropped = [...year.open.values()].filter(({ item }) => !keys.has(item.key));
  for (const { item } of dropped) year.open.delete(item.key);
  for (const item of items) {
    if (year.open.has(item.key) || year.done.has(item.key)) continue;
    const spare = year.spare.get(item.control) ?? 0;
    if (spare > 0 && item.due <= plan.at) {
      // The plan was entered after the check that it lists.
      year.spare.set(item.control, spare - 1);
      year.done.add(item.key);
    } else {
      year.open.set(item.key, { item, plan });
    }
  }
  return dropped.map(({ item, plan: from }) => ({ ...spanOf(item, from), until: plan, ceased: true }));
}

function firstDue({ open }: PlannedYear, id: string) {
  return [...open.values()]
    .filter(({ item }) => item.control === id)
    .reduce<{ readonly item: Item; readonly plan: Mark } | undefined>(
      (first, one) => (first === undefined || one.item.due < first.item.due ? one : first),
      undefined,
    );
}

function spanOf(item: Item, plan: Mark): Span {
  const title = declaredControls.find(({ id }) => id === item.control)?.title.ru ?? '';
  return {
    from: plan,
    key: item.key,
    due: { at: item.due },
    what: `провести проверку «${title}» (${item.control}) по плану контроля${responsible(item.responsible)}`,
  };
}

/**
 * A finding is given to somebody to mend, in a time by its severity, and mended by the day that was set. An assignment takes
 * the place of the one before, with its day.
 */
function closings(marks: readonly MarkOf<FindingKind>[]): readonly Span<Closing>[] {
  const spans: Span<Closing>[] = [];
  const recorded = new Map<string, Mark>();
  const open = new Map<string, Span<Closing>>();
  const mended = new Set<string>();
  for (const mark of marks) {
    const id = textOf(mark, 'finding') ?? '';
    const before = open.get(id);
    switch (mark.kind) {
      case 'recorded': {
        const due = Object.values(CLOSE_WITHIN).find((name) => name === textOf(mark, 'within'));
        recorded.set(id, mark);
        open.set(id, { from: mark, what: 'поручить устранение нарушения, выявленного при проверке', due });
        break;
      }
      case 'assigned': {
        if (mended.has(id)) break;
        const finding = recorded.get(id);
        // Another assignment ends the one before; the first one does what was asked for.
        if (before !== undefined)
          spans.push({ ...before, until: mark, ceased: before.from.kind === 'assigned' });
        open.set(id, {
          from: mark,
          because: finding === undefined ? [] : [finding],
          what: `устранить нарушение, выявленное при проверке${responsible(textOf(mark, 'assignee'))}`,
          due: { at: textOf(mark, 'dueAt') ?? mark.at },
        });
        break;
      }
      case 'mended':
        if (before !== undefined) spans.push({ ...before, until: mark });
        open.delete(id);
        mended.add(id);
        break;
    }
  }
  return [...spans, ...open.values()];
}
