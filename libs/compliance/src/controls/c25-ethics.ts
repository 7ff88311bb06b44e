import { MeasureRecorded, ViolationConfirmed, ViolationDismissed, ViolationReported } from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { byTime, type Mark, on, type Recorder, textOf } from '../marks';
import { obligation, rule, type Rule } from '../rules';
import { dayOf, endOfDay } from '../zones';

/** What kind of violation a report is about: each kind belongs to one of C22, C25, C26, C27 and C30. */
export type ViolationKind = Parameters<typeof ViolationReported.of>[0]['kind'];

/** A violation is reported, as one of the kinds. Of one that is reported as several, each control sees its own. */
export function reportOf(...kinds: readonly ViolationKind[]): Recorder {
  return on(ViolationReported, ({ data }) =>
    kinds.includes(data.kind) ? { subject: data.violationId, at: data.at } : undefined,
  );
}

export const confirmed = on(ViolationConfirmed, ({ data }) => ({ subject: data.violationId }));
export const dismissed = on(ViolationDismissed, ({ data }) => ({ subject: data.violationId }));
export const measured = on(MeasureRecorded, ({ data }) => ({
  subject: data.violationId,
  detail: { date: data.date },
}));

/** What `reports` say is confirmed or dismissed. Who reports after a dismissal was not heard in it, and is to be. */
export function reportReviewed<const Parameter extends string>(declaration: {
  readonly reports: readonly Recorder[];
  readonly duty: string;
  readonly dueWithin: Parameter;
}): Rule<Parameter> {
  const { reports, ...rest } = declaration;
  return obligation({
    ...rest,
    id: 'report-reviewed',
    about: 'violation',
    opens: reports,
    fulfils: [confirmed, dismissed],
    lapses: [dismissed],
  });
}

/** A confirmed violation of the kind is answered with a measure. */
export function measureTaken<const Parameter extends string>(declaration: {
  readonly kind: ViolationKind;
  readonly duty: string;
  readonly dueWithin: Parameter;
}): Rule<Parameter> {
  const { kind: violation, duty: what, dueWithin } = declaration;
  return rule({
    id: 'measure-taken',
    about: 'violation',
    manner: 'duty',
    within: dueWithin,
    marks: {
      confirmed: [
        on(ViolationConfirmed, ({ data }) =>
          data.kind === violation ? { subject: data.violationId } : undefined,
        ),
      ],
      measured: [measured],
    },
    evidence: ['confirmed'],
    spans: (marks, _subject, { timeZone }) => {
      const from = marks.find(({ kind }) => kind === 'confirmed');
      if (from === undefined) return [];
      const [until] = marks
        .filter(({ kind }) => kind === 'measured')
        .map((mark) => takenOnItsDay(mark, timeZone))
        .toSorted(byTime);
      return [{ from, until, what }];
    },
  });
}

/** The mark of a measure as of the measure's own day: one that was entered on a later day was taken by the end of its day. */
export function takenOnItsDay<Measured extends Mark>(mark: Measured, timeZone: string): Measured {
  const date = textOf(mark, 'date');
  return date === undefined || date >= dayOf(mark.at, timeZone)
    ? mark
    : { ...mark, at: endOfDay(date, timeZone) };
}

/**
 * C25. Whether a measure fits what was done, and whether anybody writes politely while nobody complains, no event shows.
 * Removing a message is no measure: clause 4.5.3 asks for both. Reports of other kinds are reviewed by the controls that
 * they belong to.
 */
export const ethics = control({
  ...headingOf('C25'),
  version: 1,
  parameters: {
    reviewWithin: parameter('Срок рассмотрения сообщения о нарушении этики общения', workingDays(1)),
    measureWithin: parameter('Срок принять меру после подтверждения нарушения', workingDays(3)),
  },
  rules: [
    reportReviewed({
      reports: [reportOf('ethics')],
      duty: 'рассмотреть сообщение о нарушении этики общения: подтвердить его или отклонить',
      dueWithin: 'reviewWithin',
    }),
    measureTaken({
      kind: 'ethics',
      duty: 'принять меру по подтверждённому нарушению этики общения',
      dueWithin: 'measureWithin',
    }),
  ],
});
