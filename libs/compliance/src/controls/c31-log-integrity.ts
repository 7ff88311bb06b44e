import {
  ChatClosed,
  ChatRosterSnapshotTaken,
  IntegrationGapDetected,
  IntegrationSubscribed,
  IntegrationUnsubscribed,
  LogIntegrityVerified,
  LogIntegrityViolated,
  RetentionApplied,
} from '@letopis/school';
import { days, deadlineOf, hours, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, type MarkOf, on, textOf } from '../marks';
import { isDuration } from '../parameters';
import { cadence, invariant, rule, stretches } from '../rules';
import { dayOf } from '../zones';

const ofOrganization = ({ organizationId }: { readonly organizationId: string }) => ({
  subject: organizationId,
});

/** Why updates are missing, in Russian. */
const REASONS: Readonly<Record<string, string>> = {
  '8h_unsubscribe': 'мессенджер прекратил их передачу',
  no_admin_rights: 'бот учёта не администратор',
  outage: 'нет связи с мессенджером',
};

/**
 * The record is whole and as it was written. An organisation whose record was never verified has nothing to judge in
 * `verified-daily`: it is verified by Letopis, not by the school.
 *
 * What the record cannot show: that a quarantined update was read later, since no event says so (`letopis max status` and
 * the metrics do); that somebody read the log without being recorded; how long updates were missing that were switched
 * off on purpose (`IntegrationUnsubscribed`), which is an explanation.
 */
export const logIntegrity = control({
  ...headingOf('C31'),
  version: 1,
  parameters: {
    verifyEvery: parameter('Как часто проверяется целостность журнала', days(1)),
    gapAlert: parameter('Допустимый пробел в приёме обновлений мессенджера', hours(1)),
    chatReadableWithin: parameter('Срок вернуть боту учёта права в чате', workingDays(3)),
    retention: parameter('Срок хранения записей журнала', days(365)),
  },
  rules: [
    cadence({
      id: 'verified-daily',
      about: 'organization',
      duty: 'проверить целостность журнала',
      every: 'verifyEvery',
      starts: [],
      // What finds the log broken has verified it.
      happens: [on(LogIntegrityVerified, ofOrganization), on(LogIntegrityViolated, ofOrganization)],
      startsByItself: true,
    }),
    invariant({
      id: 'log-intact',
      about: 'organization',
      marks: {
        violated: [
          on(LogIntegrityViolated, ({ organizationId, data: { atSeq } }) => ({
            subject: organizationId,
            detail: { atSeq },
          })),
        ],
        verified: [
          on(LogIntegrityVerified, ({ organizationId, data: { fromSeq, toSeq } }) => ({
            subject: organizationId,
            detail: { fromSeq, toSeq },
          })),
        ],
      },
      evidence: ['violated', 'verified'],
      spans: intactSpans,
    }),
    invariant({
      id: 'no-ingestion-gap',
      about: 'organization',
      toleratedFor: 'gapAlert',
      marks: {
        gap: [
          on(IntegrationGapDetected, ({ organizationId, data: { from, to, reason, botId, chatId } }) =>
            chatId !== undefined
              ? undefined
              : {
                  subject: organizationId,
                  at: from,
                  detail: { foundAt: to, reason, ...(botId !== undefined && { botId }) },
                },
          ),
        ],
        restored: [
          on(IntegrationSubscribed, ({ organizationId, data: { botId } }) => ({
            subject: organizationId,
            detail: { botId },
          })),
        ],
        switchedOff: [
          on(IntegrationUnsubscribed, ({ organizationId, data: { botId } }) => ({
            subject: organizationId,
            detail: { botId },
          })),
        ],
      },
      evidence: ['gap', 'restored'],
      spans: gapSpans,
    }),
    invariant({
      id: 'chat-readable',
      about: 'chat',
      severity: 'high',
      toleratedFor: 'chatReadableWithin',
      marks: {
        // It is found long after it began, and nobody could have mended it before.
        unreadable: [
          on(IntegrationGapDetected, ({ data: { chatId, to } }) =>
            chatId === undefined ? undefined : { subject: chatId, at: to },
          ),
        ],
        read: [
          on(ChatRosterSnapshotTaken, ({ data }) =>
            data.source === 'api' ? { subject: data.chatId, at: data.takenAt } : undefined,
          ),
        ],
        closed: [on(ChatClosed, ({ data }) => ({ subject: data.chatId, at: data.at }))],
      },
      evidence: ['unreadable', 'read'],
      spans: (marks) =>
        stretches<'unreadable' | 'read' | 'closed', Mark | undefined>(marks, {
          initial: undefined,
          evolve: (since, mark) => (mark.kind === 'unreadable' ? (since ?? mark) : undefined),
          broken: (since) => since && [since],
          what: 'бот учёта не получает сообщений чата и не может прочитать его состав',
        }),
    }),
    rule<'applied', 'retention'>({
      id: 'retention-kept',
      about: 'organization',
      manner: 'act',
      marks: {
        applied: [
          on(RetentionApplied, ({ organizationId, data: { cutoff, affected } }) =>
            affected === 0 ? undefined : { subject: organizationId, detail: { cutoff } },
          ),
        ],
      },
      evidence: ['applied'],
      spans: (marks, _subject, circumstances) =>
        marks
          .filter((mark) => {
            const retention = circumstances.valueOf('retention', mark.at);
            const cutoff = textOf(mark, 'cutoff');
            if (cutoff === undefined || !isDuration(retention)) return false;
            const { timeZone } = circumstances;
            const keptUntil = deadlineOf(cutoff, retention, circumstances).at;
            // Whole days: what is removed on the last day was kept long enough.
            return dayOf(mark.at, timeZone) < dayOf(keptUntil, timeZone);
          })
          .map((mark) => ({ from: mark, what: 'удалены записи журнала, срок хранения которых не истёк' })),
    }),
  ],
});

/** Each place where the record is not as it was, until a verification that covers it. */
function intactSpans(marks: readonly MarkOf<'violated' | 'verified'>[]): readonly Span[] {
  const spans: Span[] = [];
  let broken = new Map<string, Span>();
  for (const mark of marks) {
    if (mark.kind === 'violated') {
      const seq = textOf(mark, 'atSeq') ?? '';
      const what = `журнал не такой, каким был записан, начиная с записи № ${seq}`;
      if (!broken.has(seq)) broken.set(seq, { from: mark, what });
      continue;
    }
    if (broken.size === 0) continue;
    const from = BigInt(textOf(mark, 'fromSeq') ?? 0);
    const to = BigInt(textOf(mark, 'toSeq') ?? 0);
    const still = new Map<string, Span>();
    for (const [seq, span] of broken) {
      if (from <= BigInt(seq) && BigInt(seq) <= to) spans.push({ ...span, until: mark });
      else still.set(seq, span);
    }
    broken = still;
  }
  return [...spans, ...broken.values()];
}

/** The gaps of each bot, until MAX posts its updates again after the gap was found, or it was switched off on purpose. */
function gapSpans(marks: readonly MarkOf<'gap' | 'restored' | 'switchedOff'>[]): readonly Span[] {
  const spans: Span[] = [];
  const gaps = new Map<string, Mark>();
  for (const mark of marks) {
    const botId = textOf(mark, 'botId') ?? '';
    if (mark.kind === 'gap') {
      if (!gaps.has(botId)) gaps.set(botId, mark);
      continue;
    }
    // A gap that names no bot is over as soon as any posts.
    for (const id of botId === '' ? [''] : ['', botId]) {
      const gap = gaps.get(id);
      if (gap === undefined || (textOf(gap, 'foundAt') ?? '') > mark.at) continue;
      spans.push({ ...gapOf(gap), until: mark });
      gaps.delete(id);
    }
  }
  return [...spans, ...[...gaps.values()].map(gapOf)];
}

function gapOf(gap: Mark): Span {
  const why = REASONS[textOf(gap, 'reason') ?? ''] ?? 'причина не указана';
  return { from: gap, what: `обновления мессенджера не поступают (${why})` };
}
