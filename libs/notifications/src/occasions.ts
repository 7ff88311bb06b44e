import { type Finding, isBroken, isPressing, SEVERITIES, stands } from '@letopis/compliance';
import { type Topic } from './notice';
import { type Subscription } from './settings-store';

/** Why an organisation is told of a finding. */
export type Reason =
  | 'deadline-approaching'
  | 'deadline-missed'
  | 'violation-found'
  /** It was told of before, lasts, and nobody was told to mend it. */
  | 'unattended'
  | 'remediation-assigned'
  | 'remediation-approaching'
  | 'remediation-missed';

/** Something to tell about a finding, once. */
export interface Occasion {
  readonly reason: Reason;
  readonly topic: Topic;
  readonly key: string;
  readonly finding: Finding;
  /** When what it tells of came about; UTC. */
  readonly since: string;
  /** The deadline that it tells of. */
  readonly dueAt?: string;
  /** How many hours there are left at most, or have passed at least. */
  readonly hours?: number;
  /** Key of the occasion that it repeats. */
  readonly repeats?: string;
}

/** How many hours after it was broken a finding that nobody was told to mend is told of again. */
export const ESCALATE_AFTER_HOURS = [24, 72, 168] as const;

const HOUR = 3_600_000;
/** What is older is told in reports. */
const NEWS_MS = 30 * 24 * HOUR;

/** What there is to tell of the findings as of `now`, whether it was told before or not. */
export function occasionsOf(
  findings: readonly Finding[],
  now: string,
  { topics, remindBeforeHours }: Pick<Subscription, 'topics' | 'remindBeforeHours'>,
): readonly Occasion[] {
  return findings
    .filter((finding) => isPressing(finding) && stands(finding))
    .flatMap((finding) => [
      ...ofDeadline(finding, now, remindBeforeHours),
      ...ofBreach(finding, now),
      ...ofRemediation(finding, now, remindBeforeHours),
    ])
    .filter(({ topic }) => topics.includes(topic));
}

/**
 * Of the occasions those that are news to the subscriber, the gravest first. What came about before the settings were last
 * changed is none, so that switching a channel on sends no old news; but what was told is told again in its time.
 *
 * @param told keys of what was told before, and when
 */
export function newsOf(
  occasions: readonly Occasion[],
  told: ReadonlyMap<string, string>,
  now: string,
  { updatedAt }: Pick<Subscription, 'updatedAt'>,
): readonly Occasion[] {
  const oldest = plus(now, -NEWS_MS);
  const keys = new Set(occasions.map(({ key }) => key));
  const isTime = ({ since, repeats, hours = 0 }: Occasion): boolean => {
    const first = repeats === undefined ? undefined : told.get(repeats);
    // Whoever heard of it late is told again no sooner than anybody else.
    if (first !== undefined) return plus(first, hours * HOUR) <= now;
    // What can be told for the first time is not told a second time at once.
    return since >= updatedAt && (repeats === undefined || !keys.has(repeats));
  };
  const timely = occasions.filter((occasion) => occasion.since >= oldest && isTime(occasion));
  // Who was away for a week is told of the breach again once, not three times.
  const lastOf = new Map(timely.map((occasion) => [occasion.repeats ?? occasion.key, occasion]));
  return timely
    .filter(
      (occasion) => !told.has(occasion.key) && lastOf.get(occasion.repeats ?? occasion.key) === occasion,
    )
    .toSorted(
      (a, b) =>
        SEVERITIES.indexOf(b.finding.severity) - SEVERITIES.indexOf(a.finding.severity) ||
        compare(a.since, b.since) ||
        compare(a.key, b.key),
    );
}

function ofDeadline(
  finding: Finding,
  now: string,
  remindBeforeHours: readonly number[],
): readonly Occasion[] {
  const { id, state, since, dueAt, routine } = finding;
  if (state !== 'open' || dueAt === undefined) return [];
  const topic = 'deadline-approaching';
  // The next turn of what is done again and again is near from the start where turns are short: that is nothing to tell.
  const wanted = remindBeforeHours.filter((hours) => routine !== true || plus(dueAt, -hours * HOUR) > since);
  return reached(since, dueAt, now, wanted).map(({ hours, at }) => ({
    ...{ reason: topic, topic, key: `${id}/${dueAt}/${hours}`, finding, since: at, dueAt, hours },
  }));
}

function ofBreach(finding: Finding, now: string): readonly Occasion[] {
  if (!isBroken(finding)) return [];
  const { id, manner, dueAt, workflow } = finding;
  // Up to and including its deadline there was time.
  const since = dueAt === undefined ? finding.since : plus(dueAt, 1);
  const key = `${id}/broken`;
  const found: Occasion =
    manner === 'duty'
      ? { reason: 'deadline-missed', topic: 'deadline-missed', key, finding, since, dueAt }
      : { reason: 'violation-found', topic: 'finding-opened', key, finding, since };
  if (workflow !== undefined) return [found];
  return [
    found,
    ...ESCALATE_AFTER_HOURS.filter((hours) => plus(since, hours * HOUR) <= now).map((hours): Occasion => ({
      ...{ reason: 'unattended', topic: 'deadline-missed', key: `${id}/escalated/${hours}`, finding, since },
      ...{ dueAt, hours, repeats: key },
    })),
  ];
}

function ofRemediation(
  finding: Finding,
  now: string,
  remindBeforeHours: readonly number[],
): readonly Occasion[] {
  const { id, workflow } = finding;
  if (workflow?.status !== 'assigned') return [];
  const { at: since, until: dueAt, eventId } = workflow;
  const assigned: Occasion = {
    ...{ reason: 'remediation-assigned', topic: 'remediation-assigned', key: `${id}/assigned/${eventId}` },
    ...{ finding, since, dueAt },
  };
  if (dueAt === undefined) return [assigned];
  if (dueAt < now) {
    const key = `${id}/${dueAt}/remediation-missed`;
    const missed = { reason: 'remediation-missed', topic: 'deadline-missed', key, finding, dueAt } as const;
    return [assigned, { ...missed, since: dueAt }];
  }
  return [
    assigned,
    ...reached(since, dueAt, now, remindBeforeHours).map(({ hours, at }): Occasion => ({
      ...{ reason: 'remediation-approaching', topic: 'deadline-approaching' },
      ...{ key: `${id}/${dueAt}/remediation/${hours}`, finding, since: at, dueAt, hours },
    })),
  ];
}

/**
 * The shortest of the reminders whose time has come, and when it came: a deadline that is near from the start, or that
 * nobody looked at for a while, is told of once, not once for each reminder.
 */
function reached(
  since: string,
  dueAt: string,
  now: string,
  remindBeforeHours: readonly number[],
): readonly { readonly hours: number; readonly at: string }[] {
  const hours = Math.min(...remindBeforeHours.filter((each) => plus(dueAt, -each * HOUR) <= now));
  if (!Number.isFinite(hours)) return [];
  const at = plus(dueAt, -hours * HOUR);
  return [{ hours, at: at > since ? at : since }];
}

function plus(at: string, milliseconds: number): string {
  return new Date(Date.parse(at) + milliseconds).toISOString();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
