import {
  ChatAutoProvisioned,
  ChatClosed,
  ChatOwnerTransferred,
  ChatRegistered,
  MemberJoined,
  MemberMovementRecorded,
  MemberRemoved,
  RoleVerificationRejected,
  RoleVerified,
} from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Mark, on } from '../marks';
import { invariant, obligation, stretches } from '../rules';

/** Kinds of chats in which a teacher meets pupils. */
const WITH_MINORS: ReadonlySet<string> = new Set(['class_students', 'subject', 'other']);

const verified = on(RoleVerified, ({ data }) => ({ subject: data.personId }));
const dismissed = on(MemberMovementRecorded, ({ data }) =>
  data.kind === 'dismissed' ? { subject: data.personId, at: data.effectiveAt } : undefined,
);
const hired = on(MemberMovementRecorded, ({ data }) =>
  data.kind === 'hired' ? { subject: data.personId, at: data.effectiveAt } : undefined,
);

type Kind =
  'registered' | 'taken' | 'handed' | 'opened' | 'closed' | 'verified' | 'rejected' | 'dismissed' | 'hired';

interface Owner {
  /** Chats that the person owns, by id. */
  readonly chats: ReadonlyMap<string, Mark>;
  /** Of these, which are with minors and which are closed. */
  readonly withMinors: ReadonlySet<string>;
  readonly closed: ReadonlySet<string>;
  readonly verified: boolean;
  readonly employed: boolean;
  readonly rejection?: Mark;
}

export const teacherVerified = control({
  ...headingOf('C10'),
  version: 2,
  parameters: {
    verifyWithin: parameter('Срок подтверждения статуса «учитель» после вступления', workingDays(5)),
  },
  rules: [
    obligation({
      id: 'verified-after-joining',
      about: 'person',
      duty: 'подтвердить статус «учитель» присоединившегося педагога',
      dueWithin: 'verifyWithin',
      opens: [
        on(MemberJoined, ({ data }) =>
          data.platformRole === 'teacher' ? { subject: data.personId, at: data.at } : undefined,
        ),
      ],
      fulfils: [verified],
      cancels: [on(MemberRemoved, ({ data }) => ({ subject: data.personId, at: data.at })), dismissed],
      lapses: [dismissed],
    }),
    invariant({
      id: 'owner-verified',
      about: 'person',
      marks: {
        registered: [
          on(ChatRegistered, ({ data }) =>
            WITH_MINORS.has(data.kind) ? { subject: data.ownerId, refersTo: data.chatId } : undefined,
          ),
        ],
        taken: [
          on(ChatOwnerTransferred, ({ data }) => ({ subject: data.to, at: data.at, refersTo: data.chatId })),
        ],
        handed: [
          on(ChatOwnerTransferred, ({ data }) =>
            data.from === undefined ? undefined : { subject: data.from, at: data.at, refersTo: data.chatId },
          ),
        ],
        opened: [
          on(ChatRegistered, ({ data }) =>
            WITH_MINORS.has(data.kind) ? { subject: data.chatId } : undefined,
          ),
          on(ChatAutoProvisioned, ({ data }) =>
            WITH_MINORS.has(data.kind) ? { subject: data.chatId } : undefined,
          ),
        ],
        closed: [on(ChatClosed, ({ data }) => ({ subject: data.chatId, at: data.at }))],
        verified: [verified],
        rejected: [on(RoleVerificationRejected, ({ data }) => ({ subject: data.personId }))],
        dismissed: [dismissed],
        hired: [hired],
      },
      evidence: ['registered', 'taken'],
      spans: (marks) =>
        stretches<Kind, Owner>(marks, {
          initial: {
            chats: new Map(),
            withMinors: new Set(),
            closed: new Set(),
            verified: false,
            employed: true,
          },
          evolve: (state, mark) => {
            switch (mark.kind) {
              case 'registered':
              case 'taken':
                return { ...state, chats: new Map(state.chats).set(mark.refersTo ?? '', mark) };
              case 'handed': {
                const chats = new Map(state.chats);
                chats.delete(mark.refersTo ?? '');
                return { ...state, chats };
              }
              case 'opened':
                return { ...state, withMinors: new Set(state.withMinors).add(mark.subject) };
              case 'closed':
                return { ...state, closed: new Set(state.closed).add(mark.subject) };
              case 'verified':
                return { ...state, verified: true, rejection: undefined };
              case 'rejected':
                return { ...state, verified: false, rejection: mark };
              case 'dismissed':
                // A teacher who comes back is verified anew; whoever is gone does not act as a teacher.
                return { ...state, verified: false, employed: false };
              case 'hired':
                return { ...state, employed: true };
            }
          },
          broken: (state) => {
            const owned = [...state.chats]
              .filter(([id]) => state.withMinors.has(id) && !state.closed.has(id))
              .map(([, mark]) => mark);
            if (owned.length === 0 || state.verified || !state.employed) return undefined;
            return state.rejection === undefined ? owned : [...owned, state.rejection];
          },
          what: 'чатом с обучающимися владеет педагог без подтверждённого статуса «учитель»',
        }),
    }),
  ],
});
