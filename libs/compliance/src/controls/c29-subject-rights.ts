import {
  ConsentGiven,
  ConsentWithdrawn,
  PersonalDataBlocked,
  PersonalDataDestroyed,
  PersonalDataRectified,
  PersonalDataUnblocked,
  SubjectRequestReceived,
} from '@letopis/school';
import { days, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, type MarkOf, on, type Recorder, textOf } from '../marks';
import { rule } from '../rules';

const declaredFor = ({ personId, onBehalfOf }: { personId: string; onBehalfOf?: string }): string =>
  onBehalfOf ?? personId;

/** Requests of these kinds, each with the person whose data it is about. */
function requested(...kinds: readonly string[]): Recorder {
  return on(SubjectRequestReceived, ({ data }) =>
    kinds.includes(data.kind)
      ? {
          subject: data.requestId,
          at: data.receivedAt,
          refersTo: declaredFor(data),
          detail: { kind: data.kind },
        }
      : undefined,
  );
}

const destroyed = on(PersonalDataDestroyed, ({ data }) => ({ subject: data.subjectId, at: data.at }));
const blocked = on(PersonalDataBlocked, ({ data }) => ({
  subject: data.personId,
  detail: { blockId: data.blockId, legalHold: data.legalHold },
}));
const unblocked = on(PersonalDataUnblocked, ({ data }) => ({
  subject: data.personId,
  detail: { blockId: data.blockId },
}));
const consented = on(ConsentGiven, ({ data }) =>
  data.purpose === 'platform_use' ? { subject: declaredFor(data), at: data.at } : undefined,
);

const destruction = {
  destroyed: [destroyed],
  blocked: [blocked],
  unblocked: [unblocked],
  consented: [consented],
};

const WHAT_TO_DESTROY = 'уничтожить персональные данные с составлением акта и выгрузки из журнала';

/**
 * Terms of 152-ФЗ for what people ask about their data and for destruction. A request is told from others by its id; it is
 * answered by what names it, or by what was done with that person's data and names no request.
 *
 * A legal hold forbids destruction, so the duty rests while it lasts and begins anew with its end; a block without a hold
 * gives the six months of ст. 21 ч. 6. A new consent ends the duty.
 *
 * What the record cannot show: requests for access (ст. 20 ч. 1), since no event tells of an answer; a demand that the
 * school lawfully declines, since no event tells of that either (the finding is then dismissed with the reason); when the
 * goal of processing is attained (ст. 21 ч. 4), since school records have retention terms of their own; that processing
 * found unlawful without a request was stopped (ч. 3). `stop` is taken for a claim that processing is unlawful; where it
 * was lawful, ч. 5.1 gives ten working days, which a school sets by its order. That the act and the extract come before the
 * destruction, `DestroyPersonalData` sees to.
 */
export const subjectRights = control({
  ...headingOf('C29'),
  version: 1,
  parameters: {
    rectifyWithin: parameter('Срок уточнения персональных данных', workingDays(7), '152-ФЗ, ст. 21 ч. 2'),
    blockWithin: parameter(
      'Срок блокирования персональных данных по требованию',
      workingDays(3),
      '152-ФЗ, ст. 21 ч. 3',
    ),
    stopWithin: parameter(
      'Срок прекращения неправомерной обработки персональных данных',
      workingDays(3),
      '152-ФЗ, ст. 21 ч. 3',
    ),
    eraseWithin: parameter(
      'Срок уничтожения персональных данных по требованию',
      workingDays(10),
      '152-ФЗ, ст. 21 ч. 3',
    ),
    destroyAfterWithdrawal: parameter(
      'Срок уничтожения персональных данных после отзыва согласия',
      days(30),
      '152-ФЗ, ст. 21 ч. 5',
    ),
    // No six months in a row have fewer days.
    destroyBlockedWithin: parameter(
      'Срок уничтожения заблокированных персональных данных',
      days(181),
      '152-ФЗ, ст. 21 ч. 6',
    ),
  },
  rules: [
    rule({
      id: 'rectified',
      about: 'request',
      manner: 'duty',
      within: 'rectifyWithin',
      marks: {
        requested: [requested('rectify')],
        rectified: [
          on(PersonalDataRectified, ({ data: { requestId, personId, at } }) => ({
            subject: requestId ?? personId,
            at,
          })),
        ],
        destroyed: [destroyed],
      },
      evidence: ['requested'],
      spans: (marks, subject) => {
        const from = marks.find(({ kind }) => kind === 'requested');
        if (from === undefined) return [];
        const until = marks.find(
          ({ kind, at, subject: whose }) =>
            kind !== 'requested' && (at >= from.at || (kind === 'rectified' && whose === subject)),
        );
        const what = 'уточнить персональные данные по запросу';
        return [{ from, what, ...(until !== undefined && { until, ceased: until.kind === 'destroyed' }) }];
      },
    }),
    rule({
      id: 'processing-stopped',
      about: 'request',
      manner: 'duty',
      marks: {
        requested: [requested('block', 'stop')],
        blocked: [blocked],
        unblocked: [unblocked],
        destroyed: [destroyed],
      },
      evidence: ['requested'],
      spans: stopSpans,
    }),
    rule({
      id: 'destroyed-on-request',
      about: 'request',
      manner: 'duty',
      marks: { opens: [requested('erase')], ...destruction },
      evidence: ['opens'],
      spans: (marks) => destructionSpans(marks, 'eraseWithin'),
    }),
    rule({
      id: 'destroyed-after-withdrawal',
      about: 'person',
      manner: 'duty',
      marks: {
        opens: [
          on(ConsentWithdrawn, ({ data }) =>
            data.purpose === 'platform_use' ? { subject: declaredFor(data), at: data.receivedAt } : undefined,
          ),
        ],
        ...destruction,
      },
      evidence: ['opens'],
      spans: (marks) => destructionSpans(marks, 'destroyAfterWithdrawal'),
    }),
  ],
});

/** Blocked or destroyed: also where that was so when the request came. */
function stopSpans(
  marks: readonly MarkOf<'requested' | 'blocked' | 'unblocked' | 'destroyed'>[],
): readonly Span<'blockWithin' | 'stopWithin'>[] {
  const stops = new Map<string, Mark>();
  let open: Span<'blockWithin' | 'stopWithin'> | undefined;
  for (const mark of marks) {
    switch (mark.kind) {
      case 'requested':
        open ??= stopOf(mark);
        break;
      case 'blocked':
        stops.set(textOf(mark, 'blockId') ?? '', mark);
        break;
      case 'unblocked':
        stops.delete(textOf(mark, 'blockId') ?? '');
        break;
      case 'destroyed':
        stops.set('', mark);
        break;
    }
    const [stop] = stops.values();
    if (open !== undefined && stop !== undefined) return [{ ...open, until: stop }];
  }
  return open === undefined ? [] : [open];
}

function stopOf(request: Mark): Span<'blockWithin' | 'stopWithin'> {
  return textOf(request, 'kind') === 'block'
    ? { from: request, due: 'blockWithin', what: 'заблокировать персональные данные по запросу' }
    : { from: request, due: 'stopWithin', what: 'прекратить обработку персональных данных по запросу' };
}

type DestructionKind = 'opens' | keyof typeof destruction;

/**
 * Data are to be destroyed from an opening on, until they are; what was destroyed before stays so until somebody consents
 * anew. Each change of the term, by a hold or a block or their end, closes a stretch and begins another.
 */
function destructionSpans<Term extends string>(
  marks: readonly MarkOf<DestructionKind>[],
  term: Term,
): readonly Span<NoInfer<Term> | 'destroyBlockedWithin'>[] {
  type DestructionSpan = Span<Term | 'destroyBlockedWithin'>;
  const spans: DestructionSpan[] = [];
  const blocks = new Map<string, boolean>();
  let cause: Mark | undefined;
  let done: Mark | undefined;
  let current: DestructionSpan | undefined;
  for (const mark of marks) {
    switch (mark.kind) {
      case 'opens':
        if (done === undefined) cause ??= mark;
        else spans.push({ from: mark, until: done, due: term, what: WHAT_TO_DESTROY });
        break;
      case 'destroyed':
        if (current !== undefined) spans.push({ ...current, until: mark });
        current = cause = undefined;
        done ??= mark;
        break;
      case 'blocked':
        blocks.set(textOf(mark, 'blockId') ?? '', mark.detail?.legalHold === true);
        break;
      case 'unblocked':
        blocks.delete(textOf(mark, 'blockId') ?? '');
        break;
      case 'consented':
        cause = done = undefined;
        break;
    }
    const held = [...blocks.values()].includes(true);
    const due = cause === undefined || held ? undefined : blocks.size > 0 ? 'destroyBlockedWithin' : term;
    if (current?.due === due) continue;
    if (current !== undefined) spans.push({ ...current, until: mark, ceased: true });
    current =
      cause === undefined || due === undefined
        ? undefined
        : { from: mark, because: cause === mark ? [] : [cause], due, what: WHAT_TO_DESTROY };
  }
  return current === undefined ? spans : [...spans, current];
}
