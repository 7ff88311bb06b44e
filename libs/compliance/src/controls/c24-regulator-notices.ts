import {
  IncidentRegistered,
  PersonalDataImpactAssessed,
  RegulatorFindingsNoticeSent,
  RegulatorInitialNoticeSent,
  UnauthorizedAccessReported,
} from '@letopis/school';
import { hours, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, type MarkOf, on, type Recorder, textOf } from '../marks';
import { obligation, rule, type Rule } from '../rules';
import { utc } from '../zones';

type Kind = 'detected' | 'affected' | 'unaffected' | 'sent';

const detection = ({ data }: { data: { incidentId: string; detectedAt: string } }) => ({
  subject: data.incidentId,
  detail: { detectedAt: utc(data.detectedAt) },
});

/** Roskomnadzor is notified within a time after the detection of an incident that affects personal data. */
function notified<const Parameter extends string>({
  id,
  dueWithin,
  duty: what,
  sent,
}: {
  readonly id: string;
  readonly dueWithin: Parameter;
  readonly duty: string;
  readonly sent: Recorder;
}): Rule<Parameter> {
  return rule<Kind, Parameter>({
    id,
    about: 'incident',
    manner: 'duty',
    within: dueWithin,
    marks: {
      detected: [on(UnauthorizedAccessReported, detection), on(IncidentRegistered, detection)],
      affected: [
        on(PersonalDataImpactAssessed, (event) => (event.data.pdnAffected ? detection(event) : undefined)),
      ],
      unaffected: [
        on(PersonalDataImpactAssessed, ({ data }) =>
          data.pdnAffected ? undefined : { subject: data.incidentId },
        ),
      ],
      sent: [sent],
    },
    evidence: ['affected'],
    spans: (marks) => notices(marks, what),
  });
}

/**
 * The duty shows with the assessment, and counts from the detection that the assessment names. A corrected assessment
 * ends it where no data were affected, and puts another in its place where the incident was detected at another time.
 */
function notices(marks: readonly MarkOf<Kind>[], what: string): readonly Span[] {
  const spans: Span[] = [];
  const detections = new Map<string, Mark>();
  let open: Span | undefined;
  let sent: Mark | undefined;
  /** The detection by which what was sent has been judged. */
  let judgedBy: string | undefined;
  for (const mark of marks) {
    switch (mark.kind) {
      case 'detected': {
        const detectedAt = detectedAtOf(mark);
        if (!detections.has(detectedAt)) detections.set(detectedAt, mark);
        break;
      }
      case 'affected': {
        const since = detectedAtOf(mark);
        if (open?.since === since || judgedBy === since) break;
        if (open !== undefined) spans.push({ ...open, until: mark, ceased: true });
        const shown = detections.get(since);
        open = { from: mark, since, what, ...(shown !== undefined && { because: [shown] }) };
        if (sent === undefined) break;
        spans.push({ ...open, until: sent });
        open = undefined;
        judgedBy = since;
        break;
      }
      case 'unaffected':
        if (open !== undefined) spans.push({ ...open, until: mark, ceased: true });
        open = undefined;
        break;
      case 'sent':
        sent ??= mark;
        if (open === undefined) break;
        spans.push({ ...open, until: mark });
        judgedBy = open.since;
        open = undefined;
        break;
    }
  }
  return open === undefined ? spans : [...spans, open];
}

function detectedAtOf(mark: Mark): string {
  return textOf(mark, 'detectedAt') ?? mark.at;
}

/**
 * C24. What the notices say, and whether Roskomnadzor has taken them, no event shows. Nobody knows of the two terms
 * before it is assessed whether personal data were affected, so the assessment itself has one, from when the school was
 * told; that term is Letopis' own, the law asks for none.
 */
export const regulatorNotices = control({
  ...headingOf('C24'),
  version: 1,
  parameters: {
    rknInitial: parameter(
      'Срок первичного уведомления Роскомнадзора об инциденте',
      hours(24),
      '152-ФЗ, ст. 21 ч. 3.1 п. 1',
    ),
    rknFindings: parameter(
      'Срок уведомления Роскомнадзора о результатах внутреннего расследования',
      hours(72),
      '152-ФЗ, ст. 21 ч. 3.1 п. 2',
    ),
    assessWithin: parameter('Срок оценить, затронуты ли персональные данные', workingDays(1)),
  },
  rules: [
    notified({
      id: 'regulator-initial',
      dueWithin: 'rknInitial',
      duty: 'уведомить Роскомнадзор об инциденте, затронувшем персональные данные',
      sent: on(RegulatorInitialNoticeSent, ({ data }) => ({ subject: data.incidentId, at: data.sentAt })),
    }),
    notified({
      id: 'regulator-findings',
      dueWithin: 'rknFindings',
      duty: 'уведомить Роскомнадзор о результатах внутреннего расследования инцидента',
      sent: on(RegulatorFindingsNoticeSent, ({ data }) => ({ subject: data.incidentId, at: data.sentAt })),
    }),
    obligation({
      id: 'impact-assessed',
      about: 'incident',
      severity: 'high',
      duty: 'оценить, затронул ли инцидент персональные данные',
      dueWithin: 'assessWithin',
      opens: [
        on(UnauthorizedAccessReported, ({ data }) => ({ subject: data.incidentId, at: data.reportedAt })),
        on(IncidentRegistered, ({ data }) => ({ subject: data.incidentId })),
      ],
      fulfils: [on(PersonalDataImpactAssessed, ({ data }) => ({ subject: data.incidentId }))],
    }),
  ],
});
