import { commandIdOf, derivedId, eventIdOf, type Json, type JsonObject } from '@letopis/kernel';
import { chatIdOf } from '@letopis/school';
import { Agenda } from './agenda';
import { inRussian, isWorkingDay, plusDays, WallClock, workingDayFrom, YEAR_ENDS } from './calendar';
import { Talk } from './talk';
import { type Chat, type ClassRoom, People, type Person, type Population } from './people';
import { Random } from './random';
import { Readings } from './readings';
import { USUAL_EVENTS } from './usual-events';
import {
  type Caller,
  type GroundTruth,
  type Issued,
  type Planted,
  type SimulatedYear,
  type Step,
  type YearParameters,
  type YearSummary,
} from './year';

/** Letopis itself: what time brings about. */
export const LETOPIS: Caller = { id: 'letopis', role: 'system' };
/** The messenger's webhook and interface. */
export const MAX: Caller = { id: 'max', role: 'system' };
const OPERATOR: Caller = { id: '00000000-0000-4000-8000-000000000001', role: 'operator' };

const NUMBERS = ['3', '7', '12', '19', '21', '34', '48', '53', '66', '79', '85', '91'] as const;
const TOWNS = ['Ясногорск', 'Северный', 'Приозёрск', 'Новолесной', 'Каменка', 'Светлогорье'] as const;

type Payload = { readonly [field: string]: Json | undefined };

/** What is planted, as chapters tell it. */
export interface Planting {
  readonly control: string;
  readonly rule: string;
  readonly subject: string;
  readonly concerns?: readonly string[];
  readonly about: string;
  readonly opened: Issued;
  /** Until when it is in time; nothing is tolerated where it is absent. */
  readonly due?: number;
  readonly ended?: Issued;
  readonly related?: readonly string[];
}

/**
 * One school in its year: what is still to happen, what was recorded of it, and who is who now. Chapters put tasks on the
 * agenda; a task gives commands and puts further tasks on it. Nothing is made before its time comes.
 */
export class School implements SimulatedYear {
  readonly organizationId: string;
  readonly name: string;
  readonly timeZone: string;
  readonly clock: WallClock;
  readonly people: People;
  readonly population: Population;
  /** The administrator by order; nobody while there is none. */
  administrator: Person | undefined;
  /** Additional administrators, in the order in which they were assigned. */
  readonly additional: Person[] = [];
  /** Everybody who works at the school now. */
  readonly staff: Person[];
  /** The phone of the administrator's office, which every administrator gives: the platform knows the school by it. */
  readonly phone: string;
  readonly chats: Chat[] = [];
  /** Readings of chats that are not as usual. */
  readonly readings = new Readings();

  private readonly talks = new Map<Chat, Talk>();
  private readonly agenda = new Agenda();
  private readonly ended: number;
  private readonly commands = new Map<string, number>();
  private readonly events = new Map<string, number>();
  private readonly memory = new Map<string, Issued>();
  private readonly breaches: Planted[] = [];
  private readonly nearMisses: Planted[] = [];
  private issued: Step[] = [];
  private given = 0;
  private orders = 0;
  private last = 0;
  private now = 0;

  constructor(
    readonly parameters: YearParameters,
    chapters: readonly ((school: School) => void)[],
  ) {
    const { timeZone } = parameters;
    const random = this.random('name');
    this.organizationId = this.id('organization');
    this.name = `МБОУ «Школа № ${random.pick(NUMBERS)}», г. ${random.pick(TOWNS)}`;
    this.timeZone = timeZone;
    this.phone = `+7900${String(random.between(1_000_000, 9_999_999))}`;
    this.clock = new WallClock(timeZone);
    this.people = new People(parameters);
    this.population = this.people.population(parameters);
    this.staff = [...this.population.staff];
    this.ended = this.clock.endOf(YEAR_ENDS);
    for (const chapter of chapters) chapter(this);
  }

  get steps(): Iterable<Step> {
    return this.take();
  }

  private *take(): Generator<Step> {
    for (let task = this.agenda.take(); task !== undefined; task = this.agenda.take()) {
      if (task.at > this.ended) return;
      this.now = task.at;
      task.run();
      yield* this.issued;
      this.issued = [];
    }
  }

  truth(): GroundTruth {
    const { organizationId, name, timeZone, breaches, nearMisses } = this;
    const inOrder = (planted: readonly Planted[]): readonly Planted[] =>
      [...planted].sort((a, b) => (a.control + a.due < b.control + b.due ? -1 : 1));
    return { organizationId, name, timeZone, breaches: inOrder(breaches), nearMisses: inOrder(nearMisses) };
  }

  summary(): YearSummary {
    const sorted = (counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> =>
      Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { commands: sorted(this.commands), events: sorted(this.events) };
  }

  /** The same name gives the same id in the same school. */
  id(...parts: readonly (string | number)[]): string {
    const { seed, school } = this.parameters;
    return derivedId('simulator', String(seed), String(school), ...parts.map(String));
  }

  /** Chance of its own for each name, so that chapters do not disturb each other. */
  random(...parts: readonly (string | number)[]): Random {
    const { seed, school } = this.parameters;
    return new Random('simulator', seed, school, ...parts);
  }

  /** Lower-case hexadecimal, as a file or a link would have. */
  sha256(...parts: readonly (string | number)[]): string {
    return [0, 1].map((half) => this.id('sha256', half, ...parts).replaceAll('-', '')).join('');
  }

  /** Something is to happen; what lies behind happens now. */
  later(at: number, task: () => void): void {
    this.agenda.put(Math.max(Math.round(at), this.now), task);
  }

  /** The day on which the present task happens. */
  today(): string {
    return this.clock.dayOf(this.now);
  }

  /** When the present task happens. */
  moment(): number {
    return this.now;
  }

  /** What is written in a chat. */
  talkOf(chat: Chat): Talk {
    const talk = this.talks.get(chat) ?? new Talk();
    this.talks.set(chat, talk);
    return talk;
  }

  /** Keeps a command for ground truth that is told of later. */
  remember(key: string, issued: Issued): Issued {
    this.memory.set(key, issued);
    return issued;
  }

  recalled(key: string): Issued | undefined {
    return this.memory.get(key);
  }

  /** @throws RangeError where nothing was kept under this key yet */
  remembered(key: string): Issued {
    const issued = this.recalled(key);
    if (issued === undefined) throw new RangeError(`Nothing was kept as ${key}`);
    return issued;
  }

  /** An instant of office hours on the day, from nine to half past four. */
  office(day: string, random: Random): number {
    return this.clock.at(day, random.between(9 * 60, 16 * 60 + 30)) + random.between(0, 59_999);
  }

  /** An instant after lessons, from three to half past eight. */
  evening(day: string, random: Random): number {
    return this.clock.at(day, random.between(15 * 60, 20 * 60 + 30)) + random.between(0, 59_999);
  }

  /** A working day between the two, by chance. */
  someDay(from: string, to: string, random: Random): string {
    const days: string[] = [];
    for (let day = from; day <= to; day = plusDays(day, 1)) if (isWorkingDay(day)) days.push(day);
    return days.length === 0 ? workingDayFrom(from) : random.pick(days);
  }

  /** Number and date of the next order of the school: `№ 12-к от 25.08.2025`. */
  order(day: string, series = ''): string {
    return `№ ${this.orderNumber()}${series} от ${inRussian(day)}`;
  }

  orderNumber(): string {
    this.orders += 1;
    return String(this.orders);
  }

  /**
   * Gives a command: a step of the year.
   *
   * @param records types of the events that it records, where these are not the usual ones
   */
  issue(caller: Caller, command: string, payload: Payload, records?: readonly string[]): Issued {
    return this.issueAt(caller, command, () => payload, records);
  }

  /** As `issue`, for a payload that names its own instant. */
  issueAt(
    caller: Caller,
    command: string,
    payloadAt: (at: string) => Payload,
    records: readonly string[] = [USUAL_EVENTS[command] ?? command],
  ): Issued {
    const at = Math.max(this.now, this.last + 1);
    const occurredAt = new Date(at).toISOString();
    this.last = at;
    this.given += 1;
    const { seed, school } = this.parameters;
    const idempotencyKey = `simulator/${seed}/${school}/${this.given}`;
    const { organizationId } = this;
    this.issued.push({
      organizationId,
      caller,
      command,
      payload: withoutAbsent(payloadAt(occurredAt)),
      occurredAt,
      idempotencyKey,
    });
    count(this.commands, command);
    for (const type of records) count(this.events, type);
    const commandId = commandIdOf(organizationId, caller.id, idempotencyKey);
    return { at, cited: { idempotencyKey, command, occurredAt, eventId: eventIdOf(commandId, 0) } };
  }

  /** A breach: a control has to find it. */
  breach(planting: Planting): void {
    this.breaches.push(plantedOf(planting));
  }

  /** Done just in time: a control must not report it. */
  nearMiss(planting: Planting): void {
    this.nearMisses.push(plantedOf(planting));
  }

  create(): void {
    this.issue(OPERATOR, 'CreateOrganization', { name: this.name, timeZone: this.timeZone });
  }

  get director(): Caller {
    return { id: this.population.director.id, role: 'director' };
  }

  get officer(): Caller {
    return { id: this.population.officer.id, role: 'pdn_officer' };
  }

  deputy(index = 0): Person {
    return at(this.population.deputies, index % this.population.deputies.length);
  }

  asDeputy(index = 0): Caller {
    return { id: this.deputy(index).id, role: 'deputy' };
  }

  /** Whoever administers now: the administrator by order, or an additional one. */
  adminPerson(): Person {
    return this.administrator ?? at(this.additional, 0);
  }

  get admin(): Caller {
    return { id: this.adminPerson().id, role: 'platform_admin' };
  }

  classRoom(index: number): ClassRoom {
    return at(this.population.classes, index % this.population.classes.length);
  }

  /** Id of a chat by its id in the messenger. */
  chatIdOf(maxChatId: string): string {
    return chatIdOf(this.organizationId, maxChatId);
  }
}

export const asCurator = ({ id }: Person): Caller => ({ id, role: 'curator' });
export const asTeacher = ({ id }: Person): Caller => ({ id, role: 'teacher' });
export const asPupil = ({ id }: Person): Caller => ({ id, role: 'student' });
export const asParent = ({ id }: Person): Caller => ({ id, role: 'parent' });

/** @throws RangeError where the list has no such item */
export function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new RangeError(`There is no item ${index} of ${items.length}`);
  return item;
}

function plantedOf({ concerns = [], related = [], opened, ended, due, ...rest }: Planting): Planted {
  return {
    ...rest,
    concerns,
    related,
    opened: opened.cited,
    due: new Date(due ?? opened.at).toISOString(),
    ...(ended !== undefined && { ended: ended.cited }),
  };
}

function withoutAbsent(payload: Payload): JsonObject {
  return Object.fromEntries(
    Object.entries(payload).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
