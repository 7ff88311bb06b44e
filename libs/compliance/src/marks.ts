import { type DomainEvent, type EventType, type JsonObject, type RecordedEvent } from '@letopis/kernel';
import { utc } from './zones';

/**
 * What one event says to one rule about one subject: a fact that is only ever inserted, and the only one of its control,
 * rule, subject, kind and position.
 */
export interface Mark {
  readonly control: string;
  readonly rule: string;
  /** Whom or what the rule judges: a person, a link, an incident, an organisation. */
  readonly subject: string;
  /** Another subject of the same rule, whose marks bear on this one: the link by which somebody joined. */
  readonly refersTo?: string;
  /** What the mark means within its rule. */
  readonly kind: string;
  /** From when it counts. Often the event's own instant; a detection lies before it, an expiry after it. */
  readonly at: string;
  readonly detail?: JsonObject;
  readonly eventId: string;
  readonly eventType: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly position: bigint;
}

/** What a recorder reads off an event; `at` is the event's own instant when absent. */
export interface Trace {
  readonly subject: string;
  readonly at?: string;
  readonly refersTo?: string;
  readonly detail?: JsonObject;
}

/** Reads traces, as many as there are, off one event; pure, and blind to every other event. Each has a subject of its own. */
export type Recorder = ((event: RecordedEvent) => readonly Trace[]) & {
  /** The only type of event that it reads anything off; of any where it is absent. */
  readonly type?: string;
};

const NOTHING: readonly Trace[] = [];
const NO_MARKS: readonly Mark[] = [];

/** Reads traces off events of one type. */
export function on<Data>(
  type: EventType<string, Data>,
  trace: (event: RecordedEvent & DomainEvent<string, Data>) => Trace | readonly Trace[] | undefined,
): Recorder {
  const isOfType = (event: RecordedEvent): event is RecordedEvent & DomainEvent<string, Data> =>
    event.type === type.type;
  const read = (event: RecordedEvent): readonly Trace[] => {
    const traces = isOfType(event) ? trace(event) : undefined;
    if (traces === undefined) return NOTHING;
    return isList(traces) ? traces : [traces];
  };
  return Object.assign(read, { type: type.type });
}

/** The recorders of each kind of mark of a rule. Of one kind, at most one reads a trace of one subject off an event. */
export type Recorders<Kind extends string> = Readonly<Record<Kind, readonly Recorder[]>>;

/** A mark of a rule whose kinds are known. */
export type MarkOf<Kind extends string> = Mark & { readonly kind: Kind };

/** Reads the marks for a rule off an event: one for each recorder that reads a trace. */
export function marksOfRule<Kind extends string>(
  rule: string,
  recorders: Recorders<Kind>,
): (event: RecordedEvent, control: string) => readonly Mark[] {
  // By type of event, once: this runs for every rule and every event.
  const all = Object.entries<readonly Recorder[]>(recorders).flatMap(([kind, list]) =>
    list.map((read) => ({ kind, read })),
  );
  const ofAnyType = all.filter(({ read }) => read.type === undefined);
  const byType = new Map(
    all.flatMap(({ read: { type } }) =>
      type === undefined
        ? []
        : [[type, all.filter(({ read }) => read.type === type || read.type === undefined)]],
    ),
  );
  return (event, control) => {
    const readers = byType.get(event.type) ?? ofAnyType;
    if (readers.length === 0) return NO_MARKS;
    const marks: Mark[] = [];
    for (const { kind, read } of readers) {
      const traces = read(event);
      if (traces.length === 0) continue;
      const { id: eventId, type: eventType, recordedAt, position } = event;
      const occurredAt = utc(event.occurredAt);
      for (const trace of traces) {
        const at = trace.at === undefined ? occurredAt : utc(trace.at);
        marks.push({
          control,
          rule,
          ...trace,
          kind,
          at,
          eventId,
          eventType,
          occurredAt,
          recordedAt,
          position,
        });
      }
    }
    return marks;
  };
}

function isList(traces: Trace | readonly Trace[]): traces is readonly Trace[] {
  return Array.isArray(traces);
}

/**
 * The order in which a rule sees marks, whatever the order in which they arrived: by what happened when, then by
 * position, then by kind and subject.
 */
export function byTime(a: Mark, b: Mark): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  if (a.position !== b.position) return a.position < b.position ? -1 : 1;
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  if (a.subject !== b.subject) return a.subject < b.subject ? -1 : 1;
  return 0;
}

/** A detail that the mark's own recorder wrote, where it is text. */
export function textOf(mark: Mark, name: string): string | undefined {
  const value = mark.detail?.[name];
  return typeof value === 'string' ? value : undefined;
}
