import {
  CouncilOpinionRecorded,
  LocalActIssued,
  LocalActRevoked,
  LocalActTookEffect,
  OrganizationCreated,
} from '@letopis/school';
import { byDay, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Moment, type Span } from '../findings';
import { byTime, type Mark, type MarkOf, on, textOf } from '../marks';
import { invariant, stretches } from '../rules';
import { startOfDay } from '../zones';

/**
 * From which day an act has effect, as a mark of the organisation. It may lie before or after the decision: `byEffect`
 * puts it where it belongs.
 */
export const tookEffect = on(LocalActTookEffect, ({ organizationId, data }) => ({
  subject: organizationId,
  detail: { act: data.actId, effectiveFrom: data.effectiveFrom },
}));

export const revoked = on(LocalActRevoked, ({ organizationId, data }) => ({
  subject: organizationId,
  detail: { act: data.actId },
}));

/** The marks in order of time, those of acts that take effect at the beginning of that day; without what is to come. */
export function byEffect<Kind extends string>(
  marks: readonly MarkOf<Kind>[],
  { asOf, timeZone }: Pick<Moment, 'asOf' | 'timeZone'>,
): readonly MarkOf<Kind>[] {
  return marks
    .map((mark) => {
      const at = effectOf(mark, timeZone);
      return at === undefined ? mark : { ...mark, at };
    })
    .filter(({ at }) => at <= asOf)
    .toSorted(byTime);
}

/** When, after `asOf`, the next act takes effect. */
export function nextEffect(
  marks: readonly Mark[],
  { asOf, timeZone }: Pick<Moment, 'asOf' | 'timeZone'>,
): string | undefined {
  return marks
    .map((mark) => effectOf(mark, timeZone))
    .filter((at) => at !== undefined && at > asOf)
    .toSorted()[0];
}

function effectOf(mark: Mark, timeZone: string): string | undefined {
  const day = textOf(mark, 'effectiveFrom');
  return day === undefined ? undefined : startOfDay(day, timeZone);
}

type ActKind = 'polozhenie' | 'order';

interface Acts {
  readonly started: boolean;
  readonly inForce: ReadonlySet<string>;
  readonly ended: ReadonlySet<string>;
}

/** An act of the kind is in force at every instant from the creation of the organisation on. */
function inForce(id: string, kind: ActKind, absence: string) {
  return invariant({
    id,
    about: 'organization',
    toleratedFor: 'actInForceBy',
    marks: {
      since: [on(OrganizationCreated, ({ organizationId }) => ({ subject: organizationId }))],
      issued: [
        on(LocalActIssued, ({ organizationId, data }) => ({
          subject: organizationId,
          detail: { act: data.actId, kind: data.kind },
        })),
      ],
      effect: [tookEffect],
      revoked: [revoked],
    },
    evidence: ['since'],
    spans: (marks, _subject, circumstances) => {
      // An act that is entered after the day from which it has effect is of its kind from that day on.
      const kinds = new Map(
        marks
          .filter((mark) => mark.kind === 'issued')
          .map((mark) => [textOf(mark, 'act'), textOf(mark, 'kind')]),
      );
      return stretches<'since' | 'issued' | 'effect' | 'revoked', Acts>(byEffect(marks, circumstances), {
        initial: { started: false, inForce: new Set(), ended: new Set() },
        evolve: (state, mark) => {
          const act = textOf(mark, 'act') ?? '';
          switch (mark.kind) {
            case 'since':
              return { ...state, started: true };
            case 'issued':
              return state;
            case 'effect':
              return kinds.get(act) !== kind || state.ended.has(act)
                ? state
                : { ...state, inForce: new Set([...state.inForce, act]) };
            case 'revoked':
              return {
                ...state,
                inForce: new Set([...state.inForce].filter((other) => other !== act)),
                ended: new Set([...state.ended, act]),
              };
          }
        },
        broken: ({ started, inForce: acts }) => (started && acts.size === 0 ? [] : undefined),
        what: absence,
      });
    },
    wakesAt: (marks, _subject, circumstances) => nextEffect(marks, circumstances),
  });
}

/** What is wrong with an act as it was issued. */
interface Flaw {
  readonly because: readonly Mark[];
  /** Russian. */
  readonly what: string;
}

/** From the issue of an act that is wrong to its revocation, or until it is entered as it should be. */
function flawed(
  marks: readonly MarkOf<'issued' | 'opinion' | 'revoked'>[],
  flawOf: (issued: Mark, opinions: readonly Mark[]) => Flaw | undefined,
): readonly Span[] {
  const opinions = marks.filter(({ kind }) => kind === 'opinion');
  const spans: Span[] = [];
  let current: Span | undefined;
  for (const mark of marks) {
    if (mark.kind === 'opinion') continue;
    const flaw = mark.kind === 'issued' ? flawOf(mark, opinions) : undefined;
    if (flaw !== undefined) {
      current ??= { from: mark, ...flaw };
    } else if (current !== undefined) {
      spans.push({ ...current, until: mark });
      current = undefined;
    }
    if (mark.kind === 'revoked') break;
  }
  return current === undefined ? spans : [...spans, current];
}

const actRevoked = on(LocalActRevoked, ({ data }) => ({ subject: data.actId }));

/** 273-ФЗ, статья 30, часть 3: whose opinions a local act has to take into account, in the genitive. */
const HEARD: Readonly<Record<string, string>> = {
  students: 'совета обучающихся',
  parents: 'совета родителей',
  staff: 'представительного органа работников',
};

/**
 * Amendments are acts of their own, and the record does not tell them from the regulation that they amend; so where that
 * one is revoked alone, nothing is said. Whether a text coerces parents is for a reader to judge: events do not show it.
 */
export const localActInForce = control({
  ...headingOf('C01'),
  version: 1,
  parameters: {
    actInForceBy: parameter(
      'Срок введения в действие Положения и приказа об использовании платформы',
      byDay('09-01', workingDays(10)),
    ),
  },
  rules: [
    inForce(
      'polozhenie-in-force',
      'polozhenie',
      'нет действующего Положения о применении сервисов взаимодействия',
    ),
    inForce('order-in-force', 'order', 'нет действующего приказа об использовании ИКОП «Сферум»'),
    invariant({
      id: 'opinions-before-issue',
      about: 'act',
      marks: {
        issued: [
          on(LocalActIssued, ({ data }) => ({
            subject: data.actId,
            detail: { kind: data.kind, date: data.date },
          })),
        ],
        // The day of the minutes counts, also where they are entered after the act.
        opinion: [
          on(CouncilOpinionRecorded, ({ data }) => ({
            subject: data.actId,
            detail: { council: data.council, date: data.date },
          })),
        ],
        revoked: [actRevoked],
      },
      evidence: ['issued'],
      spans: (marks) => flawed(marks, unheard),
    }),
    invariant({
      id: 'legal-basis-named',
      about: 'act',
      severity: 'low',
      marks: {
        issued: [
          on(LocalActIssued, ({ data }) => ({
            subject: data.actId,
            detail: { named: data.legalBasis.length > 0 },
          })),
        ],
        opinion: [],
        revoked: [actRevoked],
      },
      evidence: ['issued'],
      spans: (marks) =>
        flawed(marks, ({ detail }) =>
          detail?.named === true
            ? undefined
            : { because: [], what: 'не указаны нормативные правовые акты, на основании которых издан акт' },
        ),
    }),
  ],
});

function unheard(issued: Mark, opinions: readonly Mark[]): Flaw | undefined {
  const date = textOf(issued, 'date') ?? '';
  if (textOf(issued, 'kind') !== 'polozhenie') return undefined;
  const heard = new Set(
    opinions
      .filter((opinion) => (textOf(opinion, 'date') ?? '') <= date)
      .map((opinion) => textOf(opinion, 'council')),
  );
  const missing = Object.keys(HEARD).filter((council) => !heard.has(council));
  if (missing.length === 0) return undefined;
  return {
    because: opinions.filter((opinion) => missing.includes(textOf(opinion, 'council') ?? '')),
    what: `Положение издано без учёта мнения ${missing.map((council) => HEARD[council]).join(', ')}`,
  };
}
