import {
  GuardianRecorded,
  GuardianshipEnded,
  LocalActAcknowledged,
  LocalActIssued,
  MemberMovementRecorded,
} from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { byTime, type Mark, type MarkOf, on, textOf } from '../marks';
import { mention } from '../mentions';
import { rule } from '../rules';
import { byEffect, nextEffect, revoked, tookEffect } from './c01-local-act';

type ActKind = 'issued' | 'effect' | 'revoked' | 'acknowledged';

const acts = {
  issued: [
    on(LocalActIssued, ({ organizationId, data }) => ({
      subject: organizationId,
      detail: { act: data.actId, version: data.clausesVersion },
    })),
  ],
  effect: [tookEffect],
  revoked: [revoked],
  acknowledged: [
    on(LocalActAcknowledged, ({ data }) => ({
      subject: data.personId,
      at: data.at,
      detail: {
        act: data.actId,
        ...(data.clausesVersion !== undefined && { version: data.clausesVersion }),
      },
    })),
  ],
};

function isOfAct(mark: Mark): mark is MarkOf<ActKind> {
  return Object.hasOwn(acts, mark.kind);
}

interface Act {
  readonly version: string;
  /** What put this version in force; absent where it is not. */
  readonly since?: Mark;
  readonly revoked: boolean;
}

/** The acts as they stand at an instant, and which versions of them somebody has acknowledged. */
class Reading {
  private readonly acts = new Map<string, Act>();
  private readonly versions = new Set<string>();

  /** @param marks all there are: an act that is entered late had its first version from the beginning */
  constructor(marks: readonly Mark[]) {
    for (const mark of marks) {
      const id = textOf(mark, 'act');
      if (mark.kind !== 'issued' || id === undefined || this.acts.has(id)) continue;
      this.acts.set(id, { version: textOf(mark, 'version') ?? '', revoked: false });
    }
  }

  take(mark: MarkOf<ActKind>): void {
    const id = textOf(mark, 'act');
    if (id === undefined) return;
    const act = this.acts.get(id) ?? { version: '', revoked: false };
    const version = textOf(mark, 'version') ?? act.version;
    switch (mark.kind) {
      case 'issued': {
        const since = act.since === undefined || act.version === version ? act.since : mark;
        this.acts.set(id, { ...act, version, since });
        break;
      }
      case 'effect':
        if (!act.revoked) this.acts.set(id, { ...act, since: act.since ?? mark });
        break;
      case 'revoked':
        this.acts.set(id, { ...act, since: undefined, revoked: true });
        break;
      case 'acknowledged':
        // What is entered late names the version of the day on which it is entered; the one of its own day was read, too.
        this.versions.add(versionOf(id, version)).add(versionOf(id, act.version));
        break;
    }
  }

  /** Ids of the acts in force. */
  inForce(): readonly string[] {
    return [...this.acts].flatMap(([id, { since }]) => (since === undefined ? [] : [id]));
  }

  /** The act's version in force and what put it there. */
  current(id: string): { readonly version: string; readonly since: Mark } | undefined {
    const act = this.acts.get(id);
    return act?.since === undefined ? undefined : { version: act.version, since: act.since };
  }

  /** Whether this version of the act was acknowledged, or the one that has taken its place. */
  isRead(id: string, version: string): boolean {
    const current = this.acts.get(id)?.version ?? version;
    return this.versions.has(versionOf(id, version)) || this.versions.has(versionOf(id, current));
  }
}

function versionOf(act: string, version: string): string {
  return `${act} ${version}`;
}

/** What an instant asks of somebody. */
interface Call {
  /** Whether acts are asked of the person at all from now on. */
  readonly bound: boolean;
  /** The facts by which the person is bound. */
  readonly grounds: readonly Mark[];
  /** Whether they are of this very instant, rather than the act. */
  readonly begins: boolean;
  readonly asks: (act: string) => boolean;
}

interface Duty {
  readonly span: Span;
  /** Acts that are yet to be acknowledged, with the versions asked for. */
  readonly left: ReadonlyMap<string, string>;
}

/** The duties of one person to acknowledge acts. `callAt` says what the marks of an instant ask of the person. */
function acknowledgements<Kind extends string>(
  marks: readonly MarkOf<Kind>[],
  callAt: (instant: readonly MarkOf<Kind>[], reading: Reading) => Call,
): readonly Span[] {
  const reading = new Reading(marks);
  const spans: Span[] = [];
  let open: readonly Duty[] = [];
  for (const instant of instantsOf(marks)) {
    for (const mark of instant) if (isOfAct(mark)) reading.take(mark);
    const call = callAt(instant, reading);
    open = open.flatMap((duty) => {
      const { left, done } = settled(duty, call, reading);
      if (left.size > 0) return [{ ...duty, left }];
      const read = done ? instant.findLast(({ kind }) => kind === 'acknowledged') : undefined;
      const until = read ?? instant.findLast(({ kind }) => kind !== 'acknowledged') ?? instant.at(-1);
      spans.push({ ...duty.span, until, ...(!done && { ceased: true }) });
      return [];
    });
    const duty = dutyOf(call, reading, open);
    if (duty !== undefined) open = [...open, duty];
  }
  return [...spans, ...open.map(({ span }) => span)];
}

/** What is left of the duty, and whether it was done rather than fell away where nothing is. */
function settled(duty: Duty, { bound }: Call, reading: Reading): Pick<Duty, 'left'> & { done: boolean } {
  const unread = [...duty.left].filter(([act, version]) => !reading.isRead(act, version));
  const done = unread.length < duty.left.size;
  return {
    left: new Map(bound ? unread.filter(([act]) => reading.current(act) !== undefined) : []),
    done: done && unread.length === 0,
  };
}

/** The duty that begins, where something is asked that was not acknowledged and that no open duty asks already. */
function dutyOf(call: Call, reading: Reading, open: readonly Duty[]): Duty | undefined {
  if (!call.bound) return undefined;
  const asked = reading.inForce().flatMap((act) => {
    const current = reading.current(act);
    if (current === undefined || !call.asks(act) || reading.isRead(act, current.version)) return [];
    return open.some(({ left }) => left.get(act) === current.version) ? [] : [{ act, ...current }];
  });
  const [first] = asked;
  if (first === undefined) return undefined;
  const sources = asked.map(({ since }) => since);
  const [from = first.since, ...because] = call.begins
    ? [...call.grounds, ...sources]
    : [...sources, ...call.grounds];
  const named = asked.map(({ act }) => mention('act', act)).join(', ');
  return {
    span: { from, because, what: `ознакомить с локальными актами: ${named}` },
    left: new Map(asked.map(({ act, version }) => [act, version])),
  };
}

/** The marks, in order of time, of each instant. */
function instantsOf<Kind extends string>(marks: readonly MarkOf<Kind>[]): readonly MarkOf<Kind>[][] {
  const instants: MarkOf<Kind>[][] = [];
  for (const mark of marks) {
    const last = instants.at(-1);
    if (last?.[0]?.at === mark.at) last.push(mark);
    else instants.push([mark]);
  }
  return instants;
}

/** Employees: of all acts in force from when they are hired, of new acts and versions from when these are in force. */
function callsOnStaff(): (instant: readonly MarkOf<ActKind | 'hired' | 'away'>[]) => Call {
  let hiring: Mark | undefined;
  return (instant) => {
    const before = hiring;
    for (const mark of instant) {
      if (mark.kind === 'hired') hiring ??= mark;
      if (mark.kind === 'away') hiring = undefined;
    }
    const grounds = hiring === undefined ? [] : [hiring];
    const bound = hiring !== undefined;
    return { bound, grounds, begins: bound && before === undefined, asks: () => true };
  };
}

type FamilyKind = ActKind | 'guardian' | 'bound' | 'ended' | 'enrolled' | 'departed';

interface Child {
  readonly guardian?: Mark;
  /** By which order the child was admitted, and which acts were in force then; absent where it is no pupil. */
  readonly admission?: { readonly mark: Mark; readonly acts: ReadonlySet<string> };
}

/** Parents: once for each child that is admitted, of the acts in force on admission. */
function callsOnParent(): (instant: readonly MarkOf<FamilyKind>[], reading: Reading) => Call {
  const children = new Map<string, Child>();
  const isAdmitted = ({ guardian, admission }: Child): boolean =>
    guardian !== undefined && admission !== undefined;
  return (instant, reading) => {
    const before = new Set([...children].filter(([, child]) => isAdmitted(child)).map(([id]) => id));
    for (const mark of instant) {
      const id = textOf(mark, 'child');
      if (id === undefined) continue;
      const child = children.get(id) ?? {};
      switch (mark.kind) {
        case 'guardian':
          children.set(id, { ...child, guardian: child.guardian ?? mark });
          break;
        case 'ended':
          children.set(id, { ...child, guardian: undefined });
          break;
        case 'enrolled':
          children.set(id, {
            ...child,
            admission: child.admission ?? { mark, acts: new Set(reading.inForce()) },
          });
          break;
        case 'departed':
          children.set(id, { ...child, admission: undefined });
          break;
        case 'bound':
        case 'issued':
        case 'effect':
        case 'revoked':
        case 'acknowledged':
          break;
      }
    }
    const admitted = [...children].filter(([, child]) => isAdmitted(child));
    const newly = admitted.filter(([id]) => !before.has(id)).map(([, child]) => child);
    // The fact of this instant comes first: the duty begins with it.
    const grounds = newly
      .flatMap(({ guardian, admission }) => [guardian, admission?.mark])
      .filter((mark) => mark !== undefined)
      .toSorted((a, b) => byTime(b, a));
    return {
      bound: admitted.length > 0,
      grounds,
      begins: newly.length > 0,
      asks: (act) => newly.some(({ admission }) => admission?.acts.has(act) === true),
    };
  };
}

const ackWithin = parameter('Срок ознакомления с локальным актом', workingDays(10));

/**
 * Employees acknowledge each version of each act in force; parents those in force on the admission of their child. Who is
 * on leave is not asked until the next hiring: no event tells that a leave is over. Children admitted before there was an
 * act ask nothing of their parents.
 */
export const localActAcknowledged = control({
  ...headingOf('C02'),
  version: 1,
  parameters: { ackWithin },
  rules: [
    rule({
      id: 'staff-acknowledged',
      about: 'person',
      manner: 'duty',
      within: 'ackWithin',
      marks: {
        ...acts,
        hired: [
          on(MemberMovementRecorded, ({ organizationId, data }) =>
            data.kind === 'hired'
              ? { subject: data.personId, at: data.effectiveAt, refersTo: organizationId }
              : undefined,
          ),
        ],
        away: [
          on(MemberMovementRecorded, ({ data }) =>
            data.kind === 'dismissed' || data.kind === 'leave'
              ? { subject: data.personId, at: data.effectiveAt }
              : undefined,
          ),
        ],
      },
      evidence: ['hired'],
      spans: (marks, _subject, circumstances) =>
        acknowledgements(byEffect(marks, circumstances), callsOnStaff()),
      wakesAt: (marks, _subject, circumstances) => nextEffect(marks, circumstances),
    }),
    rule({
      id: 'parent-acknowledged',
      about: 'person',
      manner: 'duty',
      within: 'ackWithin',
      marks: {
        ...acts,
        guardian: [
          on(GuardianRecorded, ({ data }) => ({
            subject: data.personId,
            at: data.at,
            refersTo: data.childId,
            detail: { child: data.childId },
          })),
        ],
        // A mark refers to one other subject, and this one to the organisation for its acts.
        bound: [
          on(GuardianRecorded, ({ organizationId, data }) => ({
            subject: data.personId,
            at: data.at,
            refersTo: organizationId,
          })),
        ],
        ended: [
          on(GuardianshipEnded, ({ data }) => ({
            subject: data.personId,
            at: data.at,
            detail: { child: data.childId },
          })),
        ],
        enrolled: [
          on(MemberMovementRecorded, ({ data }) =>
            data.kind === 'enrolled'
              ? { subject: data.personId, at: data.effectiveAt, detail: { child: data.personId } }
              : undefined,
          ),
        ],
        departed: [
          on(MemberMovementRecorded, ({ data }) =>
            data.kind === 'departed'
              ? { subject: data.personId, at: data.effectiveAt, detail: { child: data.personId } }
              : undefined,
          ),
        ],
      },
      evidence: ['guardian'],
      spans: (marks, subject, circumstances) =>
        acknowledgements(
          // Children may read for themselves, which says nothing about the parent.
          byEffect(marks, circumstances).filter(
            ({ kind, subject: whose }) => kind !== 'acknowledged' || whose === subject,
          ),
          callsOnParent(),
        ),
      wakesAt: (marks, _subject, circumstances) => nextEffect(marks, circumstances),
    }),
  ],
});
