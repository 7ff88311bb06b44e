import { ContentPreserved, ContentRemoved, MessageRemoved, ViolationReported } from '@letopis/school';
import { hours, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, type MarkOf, on, textOf } from '../marks';
import { invariant, rule } from '../rules';
import { dismissed, measureTaken, reportOf, reportReviewed } from './c25-ethics';

type RemovalKind = 'reported' | 'removed' | 'gone' | 'dismissed';
type CopyKind = 'reported' | 'preserved' | 'removed';

/** Stands for the message where a report names none. */
const UNNAMED = '';

/**
 * C26. An unlawful collection of personal data is escalated by Letopis itself: its confirmation makes an incident, which
 * C24 goes on with. Whether content that nobody reported is lawful, no event shows.
 */
export const lawfulContent = control({
  ...headingOf('C26'),
  version: 1,
  parameters: {
    removeWithin: parameter('Срок удаления незаконного содержимого', hours(4)),
    reviewWithin: parameter('Срок рассмотрения сообщения о незаконном содержимом', workingDays(1)),
    measureWithin: parameter('Срок принять меру после подтверждения нарушения', workingDays(3)),
  },
  rules: [
    rule<RemovalKind, 'removeWithin'>({
      id: 'content-removed',
      about: 'violation',
      manner: 'duty',
      within: 'removeWithin',
      marks: {
        reported: [
          on(ViolationReported, ({ data: { violationId, kind, at, mid } }) => {
            // Data can be collected where there is no message to remove; unlawful content always is somewhere.
            const asksRemoval =
              kind === 'unlawful_content' || (kind === 'pdn_collection' && mid !== undefined);
            if (!asksRemoval) return undefined;
            return {
              subject: violationId,
              at,
              ...(mid !== undefined && { refersTo: mid, detail: { mid } }),
            };
          }),
        ],
        removed: [
          on(ContentRemoved, ({ data: { violationId, mid, at } }) => ({
            subject: violationId,
            at,
            detail: { mid },
          })),
        ],
        // What the messenger itself shows, whoever removed it.
        gone: [on(MessageRemoved, ({ data: { mid, at } }) => ({ subject: mid, at, detail: { mid } }))],
        dismissed: [dismissed],
      },
      evidence: ['reported'],
      spans: removals,
    }),
    invariant<CopyKind>({
      id: 'copy-preserved',
      about: 'violation',
      severity: 'high',
      marks: {
        reported: [
          on(ViolationReported, ({ data: { violationId, kind, at, subjectId } }) =>
            kind === 'unlawful_content' || kind === 'pdn_collection'
              ? {
                  subject: violationId,
                  at,
                  ...(subjectId !== undefined && { detail: { author: subjectId } }),
                }
              : undefined,
          ),
        ],
        preserved: [
          on(ContentPreserved, ({ data: { violationId, mid } }) => ({
            subject: violationId,
            detail: { mid },
          })),
        ],
        removed: [
          on(ContentRemoved, ({ data: { violationId, mid, by, at } }) => ({
            subject: violationId,
            at,
            detail: { mid, by },
          })),
        ],
      },
      evidence: ['reported'],
      spans: lostCopies,
    }),
    reportReviewed({
      reports: [reportOf('unlawful_content', 'pdn_collection')],
      duty: 'рассмотреть сообщение о незаконном содержимом или сборе персональных данных: подтвердить его или отклонить',
      dueWithin: 'reviewWithin',
    }),
    measureTaken({
      kind: 'unlawful_content',
      duty: 'принять меру по подтверждённому размещению незаконного содержимого',
      dueWithin: 'measureWithin',
    }),
  ],
});

/** Each message that is reported is to be removed; a report that names none asks for any removal of its violation. */
function removals(marks: readonly MarkOf<RemovalKind>[]): readonly Span<'removeWithin'>[] {
  const what = 'удалить содержимое, о котором сообщили как о незаконном, или отклонить это сообщение';
  const spans: Span<'removeWithin'>[] = [];
  const open = new Map<string, Mark>();
  const removed = new Map<string, Mark>();
  for (const mark of marks) {
    const mid = textOf(mark, 'mid') ?? UNNAMED;
    switch (mark.kind) {
      case 'reported': {
        const removal = removed.get(mid);
        if (removal !== undefined) spans.push({ from: mark, until: removal, what });
        else if (!open.has(mid)) open.set(mid, mark);
        break;
      }
      case 'removed':
      case 'gone':
        for (const key of [mid, UNNAMED]) {
          const from = open.get(key);
          if (from !== undefined) spans.push({ from, until: mark, what });
          open.delete(key);
          removed.set(key, mark);
        }
        break;
      case 'dismissed':
        for (const from of open.values()) spans.push({ from, until: mark, ceased: true, what });
        open.clear();
        break;
    }
  }
  return [...spans, ...[...open.values()].map((from) => ({ from, what }))];
}

/** Messages that were removed while no copy was put by. The school answers for no message that its author removed. */
function lostCopies(marks: readonly MarkOf<CopyKind>[]): readonly Span[] {
  const spans: Span[] = [];
  const preserved = new Set<string>();
  const lost = new Map<string, Span>();
  const authors = new Set<string>();
  let report: Mark | undefined;
  for (const mark of marks) {
    const mid = textOf(mark, 'mid') ?? UNNAMED;
    switch (mark.kind) {
      case 'reported': {
        report ??= mark;
        authors.add(textOf(mark, 'author') ?? '');
        break;
      }
      case 'removed':
        if (report === undefined || preserved.has(mid) || lost.has(mid)) break;
        if (authors.has(textOf(mark, 'by') ?? '')) break;
        lost.set(mid, {
          from: mark,
          because: [report],
          what: 'сообщение удалено, а его копия не сохранена как доказательство',
        });
        break;
      case 'preserved': {
        preserved.add(mid);
        const span = lost.get(mid);
        if (span !== undefined && span.from.at !== mark.at) spans.push({ ...span, until: mark });
        lost.delete(mid);
        break;
      }
    }
  }
  return [...spans, ...lost.values()];
}
