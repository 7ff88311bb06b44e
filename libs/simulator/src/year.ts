import { type JsonObject, type Role } from '@letopis/kernel';

/** How big a simulated school is, and which one of all. */
export interface YearParameters {
  /** The same seed gives the same schools, byte for byte. */
  readonly seed: number;
  /** Which school of the seed: 0, 1, … Each has an organisation, people and breaches of its own. */
  readonly school: number;
  /** At least three. */
  readonly classes: number;
  readonly pupils: number;
  readonly parents: number;
  readonly staff: number;
  /** IANA time zone. */
  readonly timeZone: string;
  /** Messages in a chat of a class in a month of lessons; other chats have fewer. */
  readonly messagesPerMonth: number;
}

/** Who gives a command. */
export interface Caller {
  readonly id: string;
  readonly role: Role;
}

/** One command of the year: a line of a batch, with the organisation and the caller beside it. */
export interface Step {
  readonly organizationId: string;
  readonly caller: Caller;
  readonly command: string;
  readonly payload: JsonObject;
  /** RFC 3339, UTC; later than that of the step before it. */
  readonly occurredAt: string;
  readonly idempotencyKey: string;
}

/** A command that was given, as ground truth cites it. */
export interface Cited {
  readonly idempotencyKey: string;
  readonly command: string;
  readonly occurredAt: string;
  /** The first event that the command records. */
  readonly eventId: string;
}

/** A command that was given, and when: milliseconds since the epoch. */
export interface Issued {
  readonly at: number;
  readonly cited: Cited;
}

/** Something that a control watches: a breach, or a near miss. */
export interface Planted {
  /** `C01` … `C34`. */
  readonly control: string;
  /** Which part of the control, in a word or two. */
  readonly rule: string;
  /** Whom or what the control would name: a person, chat, group, link, request, incident … or the organisation. */
  readonly subject: string;
  /** Others whom it concerns, by whom a control might name it instead. */
  readonly concerns: readonly string[];
  /** English, one sentence. */
  readonly about: string;
  /** The command that opened the obligation, or that broke the rule. */
  readonly opened: Cited;
  /** Until when it was in time, by the default parameters; that of `opened` where nothing is tolerated. RFC 3339, UTC. */
  readonly due: string;
  /** The command that fulfilled or mended it; absent where it was never mended. */
  readonly ended?: Cited;
  /** Controls beside this one that may rightly say something about the same facts. */
  readonly related: readonly string[];
}

/** What was planted in a school year, known once all its steps were taken. */
export interface GroundTruth {
  readonly organizationId: string;
  readonly name: string;
  readonly timeZone: string;
  /** What controls have to find: nothing else in the year breaks one. */
  readonly breaches: readonly Planted[];
  /** What controls must not report: done just in time. */
  readonly nearMisses: readonly Planted[];
}

/** What the steps that were taken so far come to. */
export interface YearSummary {
  readonly commands: Readonly<Record<string, number>>;
  /** Events by type, with those that policies record. */
  readonly events: Readonly<Record<string, number>>;
}

/** A school's year. Its steps are made while they are taken, and can be taken once. */
export interface SimulatedYear {
  readonly organizationId: string;
  readonly name: string;
  readonly timeZone: string;
  readonly steps: Iterable<Step>;
  truth(): GroundTruth;
  summary(): YearSummary;
}
