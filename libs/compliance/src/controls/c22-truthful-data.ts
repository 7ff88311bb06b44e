import { type JsonObject } from '@letopis/kernel';
import {
  GuardianRecorded,
  JoinRequestApproved,
  JoinRequestSubmitted,
  MemberDataCorrected,
  MemberMovementRecorded,
  MemberRemoved,
  MemberRoleChanged,
  ViolationConfirmed,
  ViolationDismissed,
  ViolationReported,
} from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, type MarkOf, on, textOf } from '../marks';
import { rule } from '../rules';
import { reportReviewed } from './c25-ethics';

type Kind = 'reported' | 'confirmed' | 'decided' | 'matched' | 'claimed' | 'named' | 'corrected' | 'removed';

/** The keyed digest by which a full name is compared; the name itself lies encrypted. */
const named = (fullNameHash: string | undefined): JsonObject =>
  fullNameHash === undefined ? {} : { name: fullNameHash };

/**
 * C22. Letopis does not see profiles on the platform. So two things show a deviation: somebody reports it, or a request to
 * join under one name is matched by hand with a person whom the roster has under another. Nothing is said of an exact match,
 * for which the administrator vouches; of somebody whom the roster has no name of; nor of the role, since whoever is matched
 * by hand may be in no roster, for a reason given in writing.
 */
export const truthfulData = control({
  ...headingOf('C22'),
  version: 1,
  parameters: {
    checkWithin: parameter('Срок проверки и исправления данных участника', workingDays(3)),
  },
  rules: [
    rule<Kind, 'checkWithin'>({
      id: 'data-truthful',
      about: 'person',
      manner: 'duty',
      within: 'checkWithin',
      marks: {
        reported: [
          on(ViolationReported, ({ data: { violationId, kind, subjectId, at } }) =>
            kind === 'false_data' && subjectId !== undefined
              ? { subject: subjectId, at, refersTo: violationId }
              : undefined,
          ),
        ],
        confirmed: [
          on(ViolationConfirmed, ({ data: { violationId, kind, subjectId } }) =>
            kind === 'false_data' && subjectId !== undefined
              ? { subject: subjectId, refersTo: violationId }
              : undefined,
          ),
        ],
        decided: [
          on(ViolationDismissed, ({ data }) => ({ subject: data.violationId })),
          on(ViolationConfirmed, ({ data: { violationId, kind, subjectId } }) =>
            kind === 'false_data' && subjectId !== undefined
              ? { subject: violationId, detail: { person: subjectId } }
              : undefined,
          ),
        ],
        matched: [
          on(JoinRequestApproved, ({ data: { personId, requestId, rosterMatch, at } }) =>
            rosterMatch === 'manual' ? { subject: personId, at, refersTo: requestId } : undefined,
          ),
        ],
        claimed: [
          on(JoinRequestSubmitted, ({ data: { requestId, personClaim, at } }) => ({
            subject: requestId,
            at,
            detail: named(personClaim.fullNameHash),
          })),
        ],
        named: [
          on(MemberMovementRecorded, ({ data: { personId, fullNameHash } }) =>
            fullNameHash === undefined ? undefined : { subject: personId, detail: named(fullNameHash) },
          ),
          on(GuardianRecorded, ({ data: { personId, fullNameHash } }) =>
            fullNameHash === undefined ? undefined : { subject: personId, detail: named(fullNameHash) },
          ),
        ],
        corrected: [
          on(MemberDataCorrected, ({ data: { personId, fullNameHash } }) => ({
            subject: personId,
            detail: named(fullNameHash),
          })),
          on(MemberRoleChanged, ({ data: { personId, at } }) => ({ subject: personId, at })),
        ],
        removed: [on(MemberRemoved, ({ data: { personId, at } }) => ({ subject: personId, at }))],
      },
      evidence: ['reported', 'confirmed', 'matched'],
      spans,
    }),
    reportReviewed({
      reports: [
        on(ViolationReported, ({ data: { violationId, kind, subjectId, at } }) =>
          kind === 'false_data' && subjectId === undefined ? { subject: violationId, at } : undefined,
        ),
      ],
      duty: 'рассмотреть сообщение о недостоверных данных, в котором участник не указан: подтвердить его или отклонить',
      dueWithin: 'checkWithin',
    }),
  ],
});

const REPORTED = 'проверить данные участника, о недостоверности которых сообщили, и исправить их';
const MATCHED = 'устранить расхождение между именем в заявке на вступление и именем в списке школы';

/** What is open about one person, by the violation or the request that it is about. */
function spans(marks: readonly MarkOf<Kind>[], subject: string): readonly Span<'checkWithin'>[] {
  const judged: Span<'checkWithin'>[] = [];
  const open = new Map<string, Span<'checkWithin'>>();
  /** Violations that were about the person; a dismissed one may be reported anew. */
  const known = new Set<string>();
  const claims = new Map<string, Mark>();
  let rosterName: Mark | undefined;

  const close = (id: string, end: Partial<Span<'checkWithin'>>): void => {
    const span = open.get(id);
    if (span !== undefined) judged.push({ ...span, ...end });
    open.delete(id);
  };

  for (const mark of marks) {
    const other = mark.refersTo ?? '';
    switch (mark.kind) {
      case 'reported':
      case 'confirmed':
        if (!known.has(other)) open.set(other, { from: mark, what: REPORTED });
        known.add(other);
        break;
      case 'decided':
        if (textOf(mark, 'person') === subject) break;
        close(mark.subject, { until: mark, ceased: true });
        known.delete(mark.subject);
        break;
      case 'claimed':
        claims.set(mark.subject, mark);
        break;
      case 'matched': {
        const claim = claims.get(other);
        if (claim === undefined || rosterName === undefined || isSameName(claim, rosterName)) break;
        open.set(other, { from: mark, because: [claim, rosterName], what: MATCHED });
        break;
      }
      case 'named':
      case 'corrected':
        if (textOf(mark, 'name') !== undefined) rosterName = mark;
        for (const id of [...open.keys()]) {
          const claim = claims.get(id);
          const mended = mark.kind === 'corrected' || (claim !== undefined && isSameName(claim, mark));
          if (mended) close(id, { until: mark });
        }
        break;
      case 'removed':
        for (const id of [...open.keys()]) close(id, { until: mark, ceased: true });
        break;
    }
  }
  return [...judged, ...open.values()];
}

function isSameName(a: Mark, b: Mark): boolean {
  return textOf(a, 'name') === textOf(b, 'name');
}
