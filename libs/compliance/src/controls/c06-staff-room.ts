import {
  GroupArchived,
  GroupCreated,
  MemberJoined,
  MemberMovementRecorded,
  MemberRemoved,
  MemberRoleChanged,
  OrganizationRegistrationConfirmed,
} from '@letopis/school';
import { hours, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Mark, on, type Recorder, textOf } from '../marks';
import { invariant, rule, stretches } from '../rules';

const opened = on(GroupCreated, ({ organizationId, data }) =>
  data.kind === 'staff_room' ? { subject: organizationId, detail: { group: data.groupId } } : undefined,
);
const closed = on(GroupArchived, ({ organizationId, data }) => ({
  subject: organizationId,
  detail: { group: data.groupId },
}));
/** The kind of a group, for whoever joined it. */
const group = on(GroupCreated, ({ data }) => ({ subject: data.groupId, detail: { kind: data.kind } }));
const joined = on(MemberJoined, ({ data }) =>
  data.platformRole === 'teacher'
    ? {
        subject: data.personId,
        at: data.at,
        ...(data.groupId !== undefined && { refersTo: data.groupId }),
      }
    : undefined,
);
const left: readonly Recorder[] = [
  on(MemberRemoved, ({ data }) => ({ subject: data.personId, at: data.at })),
  on(MemberRoleChanged, ({ data }) =>
    data.from === 'teacher' ? { subject: data.personId, at: data.at } : undefined,
  ),
];

/** The rooms that are left after the mark. */
function roomsAfter(rooms: ReadonlySet<string>, mark: Mark): ReadonlySet<string> {
  const room = textOf(mark, 'group') ?? '';
  if (mark.kind === 'opened') return new Set([...rooms, room]);
  return rooms.has(room) ? new Set([...rooms].filter((other) => other !== room)) : rooms;
}

/** What is known of the groups that somebody joined: by id, their kind. */
function kindsOf(marks: readonly Mark[]): ReadonlyMap<string, string | undefined> {
  return new Map(
    marks.filter(({ kind }) => kind === 'group').map((mark) => [mark.subject, textOf(mark, 'kind')]),
  );
}

interface Colleague {
  /** By which order the person is employed, if one is. */
  readonly hiring?: Mark;
  readonly rooms: ReadonlySet<string>;
  readonly joined: boolean;
}

interface FormerColleague {
  readonly dismissal?: Mark;
  readonly joining?: Mark;
}

/**
 * Orders of hiring that are entered are those of pedagogical staff (clause 3.1.9), so everybody who was hired counts as a
 * teacher. Whoever joined without a group that is known may be in «Учительская»: nothing is said of them. Nobody has to
 * join anew where one room takes the place of another.
 */
export const staffRoomComplete = control({
  ...headingOf('C06'),
  version: 1,
  parameters: {
    joinWithin: parameter('Срок присоединения педагога к «Учительской» после приёма', workingDays(5)),
    createWithin: parameter('Срок создания «Учительской» после регистрации организации', workingDays(5)),
    leaveWithin: parameter('Сколько уволенный может оставаться в «Учительской»', hours(24)),
  },
  rules: [
    invariant({
      id: 'staff-room-exists',
      about: 'organization',
      toleratedFor: 'createWithin',
      marks: {
        since: [
          on(OrganizationRegistrationConfirmed, ({ organizationId, data }) => ({
            subject: organizationId,
            at: data.confirmedAt,
          })),
        ],
        opened: [opened],
        closed: [closed],
      },
      evidence: ['since', 'opened'],
      spans: (marks) =>
        stretches<
          'since' | 'opened' | 'closed',
          { readonly started: boolean; readonly rooms: ReadonlySet<string> }
        >(marks, {
          initial: { started: false, rooms: new Set() },
          evolve: (state, mark) =>
            mark.kind === 'since'
              ? { ...state, started: true }
              : {
                  started: state.started || mark.kind === 'opened',
                  rooms: roomsAfter(state.rooms, mark),
                },
          broken: ({ started, rooms }) => (started && rooms.size === 0 ? [] : undefined),
          what: 'нет группы «Учительская»',
        }),
    }),
    rule({
      id: 'staff-room-joined',
      about: 'person',
      manner: 'duty',
      within: 'joinWithin',
      marks: {
        hired: [
          on(MemberMovementRecorded, ({ organizationId, data }) =>
            data.kind === 'hired'
              ? { subject: data.personId, at: data.effectiveAt, refersTo: organizationId }
              : undefined,
          ),
        ],
        // Whoever is on leave need not join; no event tells when the leave is over.
        away: [
          on(MemberMovementRecorded, ({ data }) =>
            data.kind === 'dismissed' || data.kind === 'leave'
              ? { subject: data.personId, at: data.effectiveAt }
              : undefined,
          ),
        ],
        joined: [joined],
        left,
        group: [group],
        opened: [opened],
        closed: [closed],
      },
      evidence: ['hired'],
      spans: (marks) => {
        const kinds = kindsOf(marks);
        return stretches<'hired' | 'away' | 'joined' | 'left' | 'group' | 'opened' | 'closed', Colleague>(
          marks,
          {
            initial: { rooms: new Set(), joined: false },
            evolve: (state, mark) => {
              switch (mark.kind) {
                case 'hired':
                  return { ...state, hiring: state.hiring ?? mark };
                case 'away':
                  return { ...state, hiring: undefined };
                case 'joined': {
                  const kind = mark.refersTo === undefined ? undefined : kinds.get(mark.refersTo);
                  return { ...state, joined: state.joined || kind === undefined || kind === 'staff_room' };
                }
                case 'left':
                  return { ...state, joined: false };
                case 'group':
                  return state;
                case 'opened':
                case 'closed':
                  return { ...state, rooms: roomsAfter(state.rooms, mark) };
              }
            },
            broken: ({ hiring, rooms, joined: isIn }) =>
              hiring === undefined || isIn || rooms.size === 0 ? undefined : [hiring],
            what: 'присоединить педагога к группе «Учительская»',
          },
        ).map((span) =>
          span.until === undefined || span.until.kind === 'joined' ? span : { ...span, ceased: true },
        );
      },
    }),
    invariant({
      id: 'departed-left-staff-room',
      about: 'person',
      toleratedFor: 'leaveWithin',
      marks: {
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
        joined: [joined],
        left,
        group: [group],
      },
      evidence: ['dismissed'],
      spans: (marks) => {
        const kinds = kindsOf(marks);
        return stretches<'dismissed' | 'hired' | 'joined' | 'left' | 'group', FormerColleague>(marks, {
          initial: {},
          evolve: (state, mark) => {
            switch (mark.kind) {
              case 'dismissed':
                return { ...state, dismissal: mark };
              case 'hired':
                return { ...state, dismissal: undefined };
              case 'joined':
                return mark.refersTo !== undefined && kinds.get(mark.refersTo) === 'staff_room'
                  ? { ...state, joining: mark }
                  : state;
              case 'left':
                return { ...state, joining: undefined };
              case 'group':
                return state;
            }
          },
          broken: ({ dismissal, joining }) =>
            dismissal === undefined || joining === undefined ? undefined : [dismissal, joining],
          what: 'уволенный работник остаётся в группе «Учительская»',
        });
      },
    }),
  ],
});
