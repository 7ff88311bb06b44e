import fc from 'fast-check';
import {
  changesAt,
  controlCatalogue,
  counts,
  type ControlEvaluation,
  evaluateAll,
  type Frame,
  frameOf,
  judgeEach,
  type Mark,
  marksOf,
  nameOf,
  productionCalendar,
} from '@letopis/compliance';
import { derivedId, type RecordedEvent } from '@letopis/kernel';
import { ChatClosed, ChatRegistered, ChatRosterSnapshotTaken, IntegrationGapDetected } from '@letopis/school';
import { sizeOf } from '@letopis/simulator';
import { happened, history, idOf, ORGANIZATION } from '../../libs/compliance/src/testing';
import { rehearsedYear, type RehearsedYear } from '../support/rehearsed-year';

const DAY = 24 * 3_600_000;
const BEGINNING = Date.parse('2025-08-01T00:00:00.000Z');
const SEED = 20_251_101;

/** How a record differs from what it should be, each in hundredths of its events. */
interface Disorder {
  readonly lost: number;
  readonly doubled: number;
  /** Recorded long before or after others that happened at the same time. */
  readonly misplaced: number;
  /** Said to have happened days before or after it did. */
  readonly misdated: number;
  /** Said to have happened at noon in Moscow, as so many others. */
  readonly rounded: number;
  readonly dice: number;
  /** How many hundredths of the year are over when it is asked about. */
  readonly asked: number;
}

const between = (min: number, max: number) => fc.noBias(fc.integer({ min, max }));
const disorder: fc.Arbitrary<Disorder> = fc.record({
  lost: between(0, 40),
  doubled: between(0, 40),
  misplaced: between(0, 100),
  misdated: between(0, 40),
  rounded: between(0, 40),
  dice: between(1, 1_000_000),
  asked: between(40, 95),
});

/** The same numbers for the same seed, spread over 0 to 1. */
function diceOf(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function moved(at: string, milliseconds: number): string {
  return new Date(Date.parse(at) + Math.round(milliseconds)).toISOString();
}

/** The record in disorder, as the store would hold it: positions tell in which order it came. */
function inDisorder(events: readonly RecordedEvent[], how: Disorder): readonly RecordedEvent[] {
  const roll = diceOf(how.dice);
  const befalls = (hundredths: number): boolean => roll() * 100 < hundredths;
  const arrived = events.flatMap((event, index) => {
    if (befalls(how.lost)) return [];
    const misdated = befalls(how.misdated)
      ? { ...event, occurredAt: moved(event.occurredAt, (roll() - 0.5) * 60 * DAY) }
      : event;
    const dated = befalls(how.rounded)
      ? { ...misdated, occurredAt: `${misdated.occurredAt.slice(0, 10)}T09:00:00.000Z` }
      : misdated;
    const place = befalls(how.misplaced) ? roll() * events.length : index;
    const again = {
      ...dated,
      id: derivedId('again', event.id),
      occurredAt: moved(dated.occurredAt, befalls(50) ? 0 : roll() * 40 * DAY),
    };
    const both = [{ event: dated, place }];
    return befalls(how.doubled) ? [...both, { event: again, place: roll() * events.length }] : both;
  });
  return arrived
    .toSorted((a, b) => a.place - b.place)
    .map(({ event }, index) => ({ ...event, position: BigInt(index + 1), revision: BigInt(index) }));
}

/** Fisher–Yates. */
function shuffled<Item>(items: readonly Item[], roll: () => number): readonly Item[] {
  const all = [...items];
  for (let left = all.length; left > 1; left -= 1) {
    const chosen = Math.floor(roll() * left);
    all.push(...all.splice(chosen, 1));
  }
  return all;
}

/** Of thinned kinds, what a reader of many leaves: the first and the last of each subject's day in Moscow, of what counts. */
function thinned(marks: readonly Mark[], asOf: string): readonly Mark[] {
  const kinds = new Set(
    controlCatalogue.flatMap(({ id, rules }) =>
      rules.flatMap((rule) => (rule.thinned ?? []).map((kind) => `${id}/${rule.id}/${kind}`)),
    ),
  );
  const days = new Map<string, readonly [first: Mark, last: Mark]>();
  const kept: Mark[] = [];
  const inOrder = marks.toSorted((a, b) =>
    a.at === b.at ? Number(a.position - b.position) : a.at < b.at ? -1 : 1,
  );
  for (const mark of inOrder) {
    const kind = `${mark.control}/${mark.rule}/${mark.kind}`;
    if (!kinds.has(kind) || !counts(mark, { asOf })) {
      kept.push(mark);
      continue;
    }
    const day = `${kind}/${mark.subject}/${moved(mark.at, 3 * 3_600_000).slice(0, 10)}`;
    days.set(day, [days.get(day)?.[0] ?? mark, mark]);
  }
  return [...kept, ...[...days.values()].flatMap((both) => [...new Set(both)])];
}

/** Controls whose evaluations differ, with the first finding that one of the two lacks. */
function differences(
  left: readonly ControlEvaluation[],
  right: readonly ControlEvaluation[],
): readonly unknown[] {
  return left.flatMap((one, index) => {
    const other = right[index];
    if (JSON.stringify(one) === JSON.stringify(other)) return [];
    const known = new Set((other?.findings ?? []).map((finding) => JSON.stringify(finding)));
    const lacking = one.findings.find((finding) => !known.has(JSON.stringify(finding)));
    return [{ control: one.control, left: one.status, right: other?.status, lacking }];
  });
}

describe.each(fc.sample(disorder, { seed: SEED, numRuns: 5 }))('a year in disorder (%j)', (how) => {
  let year: RehearsedYear;
  let events: readonly RecordedEvent[];
  let marks: readonly Mark[];
  let evaluations: readonly ControlEvaluation[];
  const asOf = new Date(BEGINNING + Math.floor((how.asked / 100) * 365 * DAY)).toISOString();

  const questionAt = (at: string) => ({
    organizationId: year.organizationId,
    asOf: at,
    timeZone: year.timeZone,
    calendar: productionCalendar,
  });
  const evaluated = (of: Iterable<Mark>, known?: { readonly position: bigint }) =>
    evaluateAll(controlCatalogue, of, { ...questionAt(asOf), ...(known !== undefined && { known }) });

  beforeAll(() => {
    year = rehearsedYear({ ...sizeOf(3), messagesPerMonth: 1, seed: 1 + (how.dice % 20) });
    events = inDisorder(year.events, how);
    marks = marksOf(controlCatalogue, events);
    evaluations = evaluated(marks);
  });

  it('is judged alike in whatever order its marks come', () => {
    const again = evaluated(shuffled(marks, diceOf(how.dice + 1)));
    expect(differences(evaluations, again)).toEqual([]);
  });

  it('as of an instant is what had happened by then', () => {
    const until = events.filter(({ occurredAt }) => occurredAt <= asOf);
    expect(differences(evaluations, evaluated(marksOf(controlCatalogue, until)))).toEqual([]);
  });

  it('as known at a position is what had been recorded by then', () => {
    const position = BigInt(Math.ceil((events.length * how.asked) / 100));
    const known = marksOf(
      controlCatalogue,
      events.filter((event) => event.position <= position),
    );
    expect(differences(evaluated(marks, { position }), evaluated(known))).toEqual([]);
  });

  it('has no two findings of one id', () => {
    const ids = evaluations.flatMap(({ findings }) => findings.map(({ id }) => id));
    expect([ids.length > 500, new Set(ids).size]).toEqual([true, ids.length]);
  });

  it('is judged alike where of many marks a day only the first and the last are read', () => {
    expect(differences(evaluations, evaluated(thinned(marks, asOf)))).toEqual([]);
  });

  it('says the same until the instant at which it says that time changes it', () => {
    const judgedAt = (frame: Frame) =>
      new Map(
        [...judgeEach(controlCatalogue, marks, frame)].map((one) => [
          nameOf(one.control.id, one.rule.id, one.subject),
          one,
        ]),
      );
    const [now, then] = [asOf, moved(asOf, 20 * DAY)].map((at) => frameOf(questionAt(at)));
    const later = judgedAt(then!);
    const unannounced = [...judgedAt(now!)].filter(
      ([name, { control, rule, subject, marks: own, findings, evidence }]) => {
        const changes = changesAt(control, rule, subject, own, findings, now!);
        if (changes !== undefined && changes <= then!.asOf) return changes <= asOf;
        const other = later.get(name);
        return JSON.stringify([evidence, findings]) !== JSON.stringify([other?.evidence, other?.findings]);
      },
    );
    expect(unannounced.map(([name]) => name)).toEqual([]);
  });
});

it('many readings of a chat a day are judged alike where only the first and the last of a day are read', () => {
  const chatId = idOf('chat');
  const at = fc
    .integer({ min: 0, max: 30 * 24 })
    .map((hour) => new Date(Date.parse('2025-11-01T00:00:00.000Z') + hour * 3_600_000).toISOString());
  const reading = at.map((takenAt) =>
    happened(takenAt, ChatRosterSnapshotTaken.of({ chatId, memberIds: [], takenAt, source: 'api' })),
  );
  const gap = at.map((to) =>
    happened(to, IntegrationGapDetected.of({ from: to, to, reason: 'outage', chatId })),
  );
  const entered = at.map((when) =>
    happened(
      when,
      ChatRegistered.of({
        ...{ chatId, maxChatId: '-7001', kind: 'subject', title: 'Физика', ownerId: idOf('teacher') },
      }),
    ),
  );
  const closed = at.map((when) =>
    happened(when, ChatClosed.of({ chatId, at: when, reason: 'предмет завершён' })),
  );
  const happenings = fc.array(
    fc.oneof({ weight: 8, arbitrary: reading }, { weight: 2, arbitrary: gap }, entered, closed),
    { minLength: 5, maxLength: 60, size: 'max' },
  );
  fc.assert(
    fc.property(happenings, (all) => {
      const marks = marksOf(controlCatalogue, history(...all));
      const asOf = '2025-11-29T12:00:00.000Z';
      const [whole, part] = [marks, thinned(marks, asOf)].map((some) =>
        evaluateAll(controlCatalogue, some, {
          organizationId: ORGANIZATION,
          asOf,
          timeZone: 'Europe/Moscow',
          calendar: productionCalendar,
        }),
      );
      expect(differences(whole!, part!)).toEqual([]);
    }),
    { seed: SEED, numRuns: 300 },
  );
});
