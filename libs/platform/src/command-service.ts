import { type Appended, type EventStore } from '@letopis/event-store';
import {
  type Actor,
  type AnyCommand,
  type AnyEvent,
  type Clock,
  commandIdOf,
  derivedId,
  type Domain,
  eventIdOf,
  instant,
  instantOf,
  isLetopisError,
  type JsonObject,
  LetopisError,
  newId,
  type NewEvent,
  type Policy,
  type Role,
  type Source,
  streamOf,
  type StreamRef,
} from '@letopis/kernel';
import { canonicalJson } from '@letopis/ledger';
import {
  type KeyVault,
  type MasterKey,
  type PersonalFields,
  type SubjectKeys,
  type SubjectRef,
} from '@letopis/privacy';
import { type EventCatalogue } from './event-catalogue';
import { readPayload } from './payloads';
import { type StreamState, type StreamStates } from './stream-states';

/** A command as it comes in, from whichever door. */
export interface CommandRequest {
  readonly name: string;
  readonly organizationId: string;
  readonly payload: unknown;
  /** Who asks, in which roles; the command is carried out in the first of them that may. */
  readonly caller: { readonly id: string; readonly roles: readonly Role[] };
  readonly source: Source;
  readonly occurredAt?: string;
  /** The same key with the same request is the same command, for ever. */
  readonly idempotencyKey?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  /** The stream's revision as the caller knows it (`If-Match`). */
  readonly expectedRevision?: bigint;
}

/** What a command's reply means: its events are durably recorded. */
export interface CommandReply {
  readonly commandId: string;
  readonly stream: string;
  /** Of the stream's last event; null where it has none. */
  readonly revision: string | null;
  /** Of the last event recorded; null where the facts were known and nothing was recorded. */
  readonly position: string | null;
  readonly events: readonly { readonly id: string; readonly type: string }[];
  /** The command had been carried out before, or there was nothing new in it. */
  readonly repeated: boolean;
}

export type CommandOutcome =
  { readonly ok: true; readonly reply: CommandReply } | { readonly ok: false; readonly error: Error };

/** A command that a policy issues. */
interface FollowUpRequest extends CommandRequest {
  readonly payload: JsonObject;
}

interface Prepared {
  readonly request: CommandRequest;
  readonly declaration: AnyCommand;
  readonly payload: object;
  readonly actor: Actor;
  readonly commandId: string;
  readonly recordedAt: string;
  readonly occurredAt: string;
  readonly ref: StreamRef;
  /** The stream is named by an id that was just made: it is empty, or this command is a repeat. */
  readonly begins: boolean;
  readonly requestDigest?: string;
  attempts: number;
}

/** A command in one round, with the states it decides on. */
interface Loaded {
  readonly prepared: Prepared;
  readonly own: StreamState;
  /** The own state was read from the store in this round. */
  readonly fresh: boolean;
  readonly reads: Readonly<Record<string, StreamState>>;
  /** What the command's precondition has to say against it. */
  readonly objection?: Error;
}

type Decision =
  | {
      readonly kind: 'events';
      readonly expected: bigint;
      readonly events: readonly NewEvent[];
      readonly subjects: readonly SubjectRef[];
      /** Streams that policies will write to after the events. */
      readonly followed: readonly StreamRef[];
    }
  /** `solid`: taken on nothing but what is recorded. */
  | { readonly kind: 'nothing'; readonly revision: bigint; readonly solid: boolean }
  | { readonly kind: 'refused'; readonly error: Error; readonly solid: boolean }
  /** Not taken: it rests on an earlier command of the call that is not settled. */
  | { readonly kind: 'waits' };

type Settled =
  | { readonly kind: 'done'; readonly outcome: CommandOutcome }
  /** Done, and policies are to follow its events before the reply goes out. */
  | {
      readonly kind: 'recorded';
      readonly reply: CommandReply;
      readonly followUps: readonly FollowUpRequest[];
    }
  /** To be tried again; final all the same where `solid`. */
  | { readonly kind: 'again'; readonly error: Error; readonly solid: boolean };

type Followed = Exclude<Settled, { readonly kind: 'recorded' }>;

/** Commands on their way, as those that come after them see it. */
export interface Underway {
  /** Resolves when each has been decided on at least once: from then on the next commands may start. */
  readonly decided: Promise<void>;
  readonly outcomes: Promise<readonly CommandOutcome[]>;
  /** Of which streams it is not settled yet what these commands will record there. */
  readonly open: OpenStreams;
}

/** Why a stream is not settled. Each reason holds back what those before it hold back, and more. */
enum Unsettled {
  /** What was decided on it is not recorded yet. Its own revision guards who writes to it, nothing who reads it. */
  Written = 1,
  /** Policies will write to it when the round is over: whoever decides on it waits. */
  Followed,
  /** A command on it waits: so does what policies of later commands would write to it. */
  Awaited,
}

/** Streams on which something may still be recorded that comes before what is asked about. */
class OpenStreams {
  private all = false;
  private doubt = false;
  private readonly some = new Map<string, Unsettled>();
  /** Streams that a command which waits is to read as they are now: what comes behind it must not change them first. */
  private readonly toBeRead = new Set<string>();

  /** @param before commands that come before all of these, as far as they are not settled by now */
  constructor(private readonly before?: Pick<Underway, 'open'>) {}

  /** Whether the stream is unsettled for this reason, or one that holds back more. */
  has(ref: StreamRef, why: Unsettled): boolean {
    if (this.all || (this.some.get(keyOf(ref)) ?? 0) >= why) return true;
    // What policies do after commands of before comes before what they do after these.
    return this.before?.open.has(ref, why === Unsettled.Awaited ? Unsettled.Followed : why) === true;
  }

  add(ref: StreamRef, why: Unsettled): void {
    const key = keyOf(ref);
    if ((this.some.get(key) ?? 0) < why) this.some.set(key, why);
  }

  addAll(): void {
    this.all = true;
  }

  addToBeRead(ref: StreamRef): void {
    this.toBeRead.add(keyOf(ref));
  }

  isToBeRead(ref: StreamRef): boolean {
    return this.toBeRead.has(keyOf(ref)) || this.before?.open.isToBeRead(ref) === true;
  }

  /** Policies may follow a command that waits, and where to is not known: no refusal behind it is final. */
  get inDoubt(): boolean {
    return this.doubt || this.before?.open.inDoubt === true;
  }

  addDoubt(): void {
    this.doubt = true;
  }
}

function keyOf({ organizationId, stream }: StreamRef): string {
  return `${organizationId}/${stream}`;
}

/** `rule` of the conflict that a key gives which was used for another request. */
export const IDEMPOTENCY_KEY_REUSED = 'idempotency-key-reused';

const MAX_ATTEMPTS = 20;
/** How far a caller's clock may run ahead of ours. */
const MAX_SKEW_MS = 5 * 60_000;
/** Who acts when nobody asks: policies, and what time brings about. */
export const LETOPIS = { id: 'letopis', roles: ['system'] as const };

export interface CommandServiceParts {
  readonly domain: Domain;
  readonly store: EventStore;
  readonly states: StreamStates;
  readonly catalogue: EventCatalogue;
  readonly personal: PersonalFields;
  readonly vault: KeyVault;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
  readonly preconditions?: Preconditions;
  /** Called after events were recorded: a hint that projections can go on. */
  readonly onRecorded: (position: bigint) => void;
}

/**
 * What has to hold beside the states of streams, by names of commands: that what the caller names is to be found in a view.
 * A precondition rejects with the refusal. Views lag: it MUST refuse only what no event still to be projected can mend. A
 * command that would record nothing is not asked for it, so a repeated one is answered as before.
 */
export type Preconditions = Readonly<
  Record<string, (command: { readonly organizationId: string; readonly payload: object }) => Promise<void>>
>;

/**
 * Carries out commands: authorise, validate, load, decide, seal personal data, append.
 *
 * Many commands may be under way at once. They decide one after another on states that run ahead of the store, and their
 * appends travel together; each append carries the revision that its decision rests on, so a decision that rested on
 * something that was not recorded in the end is not recorded either, and is taken again. A refusal is only final when it
 * was taken on what the store holds.
 *
 * State of *other* streams (`reads`) is as of the decision: nothing locks it until the append. What an earlier command of
 * the same call decided there is waited for.
 */
export class CommandService {
  private readonly commands: ReadonlyMap<string, AnyCommand>;
  private readonly policies = new Map<string, Policy[]>();
  /** Appends are handed to the store in the order in which they were decided. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: CommandServiceParts) {
    this.commands = new Map(parts.domain.commands.map((command) => [command.name, command]));
    for (const policy of parts.domain.policies) {
      this.policies.set(policy.on, [...(this.policies.get(policy.on) ?? []), policy]);
    }
  }

  /** @throws LetopisError the reason why the command was not carried out */
  async execute(request: CommandRequest): Promise<CommandReply> {
    const [outcome] = await this.executeAll([request]);
    if (outcome === undefined) throw new LetopisError('unavailable', 'The command was not carried out');
    if (!outcome.ok) throw outcome.error;
    return outcome.reply;
  }

  /**
   * Carries out commands as if one after another, much faster. Outcomes come in the order of the requests; none harms
   * another, and a later command sees what an earlier one recorded.
   */
  executeAll(requests: readonly CommandRequest[]): Promise<readonly CommandOutcome[]> {
    return this.start(requests).outcomes;
  }

  /**
   * As `executeAll`, but tells when the next commands may start: while these are being recorded, those `before` which
   * they come decide already. At most two such calls of one caller may be under way.
   */
  start(requests: readonly CommandRequest[], before?: Underway): Underway {
    let open = new OpenStreams();
    let outcomes: Promise<readonly CommandOutcome[]> = Promise.resolve([]);
    const decided = new Promise<void>((resolve) => {
      const whenDecided = (left: OpenStreams): void => {
        open = left;
        resolve();
      };
      outcomes = this.rounds(requests, before, whenDecided).finally(() => {
        open = new OpenStreams();
        resolve();
      });
    });
    return {
      decided,
      outcomes,
      get open() {
        return open;
      },
    };
  }

  private async rounds(
    requests: readonly CommandRequest[],
    before: Underway | undefined,
    whenDecided: (open: OpenStreams) => void,
  ): Promise<readonly CommandOutcome[]> {
    const outcomes: CommandOutcome[] = [];
    let waiting: { readonly index: number; readonly prepared: Prepared }[] = [];
    requests.forEach((request, index) => {
      try {
        waiting.push({ index, prepared: this.prepare(request) });
      } catch (error) {
        outcomes[index] = { ok: false, error: asError(error) };
      }
    });
    for (let first = true; waiting.length > 0; first = false) {
      const settled = await this.round(
        waiting.map(({ prepared }) => prepared),
        { first, before, whenDecided },
      );
      const again: typeof waiting = [];
      for (const [position, item] of waiting.entries()) {
        const result = settled[position];
        if (result?.kind === 'done') outcomes[item.index] = result.outcome;
        else if (result !== undefined && isFinal(item.prepared, result)) {
          outcomes[item.index] = { ok: false, error: result.error };
        } else again.push(item);
      }
      waiting = again;
      // What waits for commands of before would only be asked in vain until these are done.
      if (waiting.length > 0) await before?.outcomes;
    }
    return outcomes;
  }

  /** The keyed digest that decisions of the organisation compare personal data by: see `Command`. */
  pseudonym(organizationId: string, ...parts: readonly string[]): string {
    return this.parts.masterKey.pseudonym('decision', organizationId, ...parts);
  }

  /** Does what follows from an event by policy; safe to repeat. */
  async follow(
    event: Pick<NewEvent, 'id' | 'type' | 'data' | 'occurredAt' | 'correlationId'>,
    organizationId: string,
  ): Promise<readonly CommandOutcome[]> {
    const requests = this.followUpsOf(event, organizationId);
    return requests.length === 0 ? [] : this.executeAll(requests);
  }

  private followUpsOf(
    event: Pick<NewEvent, 'id' | 'type' | 'data' | 'occurredAt' | 'correlationId'>,
    organizationId: string,
  ): readonly FollowUpRequest[] {
    return (this.policies.get(event.type) ?? []).flatMap((policy) =>
      policy.follow(event).map(({ command, payload }, index): FollowUpRequest => ({
        name: command,
        organizationId,
        payload,
        caller: LETOPIS,
        source: 'system',
        occurredAt: event.occurredAt,
        idempotencyKey: `${policy.name}/${event.id}/${index}`,
        correlationId: event.correlationId,
        causationId: event.id,
      })),
    );
  }

  private prepare(request: CommandRequest): Prepared {
    const { organizationId, caller, idempotencyKey } = request;
    const declaration = this.commands.get(request.name);
    if (declaration === undefined) {
      throw new LetopisError('not-found', `There is no command "${request.name}"; /docs lists them`);
    }
    const role = caller.roles.find((candidate) => declaration.actors.includes(candidate));
    if (role === undefined) {
      throw new LetopisError('forbidden', `${request.name} is for: ${declaration.actors.join(', ')}`);
    }
    const payload = readPayload(declaration.payload, request.payload);
    const now = this.parts.clock.now();
    const anonymous = declaration.anonymous?.(payload) === true;
    const commandId = this.idOf(request, anonymous);
    const { assigns } = declaration;
    const assigned = derivedId('entity', commandId);
    const assigning = assigns !== undefined && Reflect.get(payload, assigns) === undefined;
    if (assigning) Reflect.set(payload, assigns, assigned);
    const id = declaration.id(payload, organizationId);
    return {
      request,
      declaration,
      payload,
      actor: { id: anonymous ? newId() : caller.id, role },
      commandId,
      recordedAt: instant(now),
      occurredAt: request.occurredAt === undefined ? instant(now) : occurredAtOf(request.occurredAt, now),
      ref: {
        organizationId,
        stream: streamOf(declaration.concept, id),
      },
      begins: assigning && id === assigned,
      ...(idempotencyKey !== undefined && { requestDigest: this.digestOf(request) }),
      attempts: 0,
    };
  }

  /** A key makes the same command of the same caller. Who is to stay unknown cannot be found by trying callers out. */
  private idOf({ organizationId, caller, idempotencyKey }: CommandRequest, anonymous: boolean): string {
    if (idempotencyKey === undefined) return newId();
    return anonymous
      ? this.parts.masterKey.pseudonym('command', organizationId, caller.id, idempotencyKey)
      : commandIdOf(organizationId, caller.id, idempotencyKey);
  }

  private digestOf({ name, payload, occurredAt }: CommandRequest): string {
    return this.parts.masterKey.digest(canonicalJson({ command: name, payload, occurredAt }));
  }

  private async round(
    batch: readonly Prepared[],
    {
      first,
      before,
      whenDecided,
    }: {
      readonly first: boolean;
      readonly before: Underway | undefined;
      readonly whenDecided: (open: OpenStreams) => void;
    },
  ): Promise<readonly Followed[]> {
    const loads = await Promise.all(batch.map((prepared) => this.load(prepared, first).catch(asError)));
    const loaded = loads.filter((load): load is Loaded => !(load instanceof Error));
    // From here to the end of `decideAll` nothing waits: decisions are taken one after another.
    const open = new OpenStreams(before);
    const decisions = this.decideAll(loaded, open);
    whenDecided(open);
    const appends = await this.append(loaded, decisions);
    const settled = new Map<Loaded | Error, Settled>();
    await Promise.all(
      loaded.map(async (command, index) => {
        const decision = decisions[index];
        if (decision === undefined) return;
        const result = await this.settle(command, decision, appends[index]).catch(brokenOff);
        settled.set(command, result);
        // The next commands may decide before this round is over.
        if (result.kind === 'again') open.add(command.prepared.ref, Unsettled.Awaited);
        if (result.kind === 'recorded')
          for (const followUp of result.followUps)
            for (const ref of this.streamsOf(followUp)) open.add(ref, Unsettled.Followed);
      }),
    );
    // What the store could not be asked about fails by itself, and nothing else with it.
    return this.followAll(loads.map((load) => settled.get(load) ?? brokenOff(load)));
  }

  /**
   * Own state may be the cached one in the first round, since the append's revision guards the decision; a refusal on
   * it is not final, so that later rounds ask the store. States read for a decision have no such guard, so the store is
   * asked each time.
   */
  private async load(prepared: Prepared, first: boolean): Promise<Loaded> {
    prepared.attempts += 1;
    const { states } = this.parts;
    const { ref, declaration, payload, actor } = prepared;
    const { organizationId } = ref;
    const cached = first ? states.known(ref) : undefined;
    const ownState = async (): Promise<StreamState> => {
      if (cached !== undefined) return cached;
      const begins = first && prepared.begins && prepared.attempts === 1;
      return begins ? states.begin(ref, declaration.concept) : states.fresh(ref, declaration.concept);
    };
    const readStates = Object.entries(declaration.reads(payload, { organizationId, actor })).map(
      async ([name, { stream, concept }]) =>
        [name, await states.fresh({ organizationId, stream }, concept)] as const,
    );
    const [own, reads, objection] = await Promise.all([
      ownState(),
      Promise.all(readStates),
      this.parts.preconditions?.[declaration.name]?.({ organizationId, payload }).catch(asError),
    ]);
    return {
      prepared,
      own,
      fresh: cached === undefined,
      reads: Object.fromEntries(reads),
      ...(objection !== undefined && { objection }),
    };
  }

  /**
   * Decides in order. A stream is open where a command on it is to be tried again, or where a policy will issue one:
   * commands that rest on it, or that policies would follow there, wait, so that nothing overtakes what it depends on.
   * Behind a refusal that is not final everything waits: what came later might take away its reason.
   *
   * @param open streams that are open already; those that these commands leave open are added
   */
  private decideAll(loaded: readonly Loaded[], open: OpenStreams): readonly Decision[] {
    return loaded.map((command) => {
      const { ref, declaration } = command.prepared;
      const decision = this.decide(command, open);
      switch (decision.kind) {
        case 'waits':
          open.add(ref, Unsettled.Awaited);
          for (const read of Object.values(command.reads)) open.addToBeRead(read.ref);
          if (this.mayBeFollowed(declaration)) open.addDoubt();
          break;
        case 'refused':
          // A refusal that is final changes nothing for those behind it.
          if (!decision.solid && !isLetopisError(decision.error, 'invalid')) open.addAll();
          break;
        case 'events':
          open.add(ref, Unsettled.Written);
          for (const followed of decision.followed) open.add(followed, Unsettled.Followed);
          break;
        case 'nothing':
          break;
      }
      return decision;
    });
  }

  private mayBeFollowed({ concept }: AnyCommand): boolean {
    return concept.events.some(({ type }) => this.policies.has(type));
  }

  /** The stream of a command that a policy issues. */
  private streamsOf({ name, organizationId, payload }: FollowUpRequest): readonly StreamRef[] {
    const declaration = this.commands.get(name);
    if (declaration === undefined) return [];
    return [
      { organizationId, stream: streamOf(declaration.concept, declaration.id(payload, organizationId)) },
    ];
  }

  private decide({ prepared, own, fresh, reads, objection }: Loaded, open: OpenStreams): Decision {
    const { request, declaration, payload, actor, occurredAt, recordedAt, ref } = prepared;
    const { states, catalogue, personal } = this.parts;
    const { organizationId } = ref;
    const others = Object.values(reads).filter((read) => read.ref.stream !== ref.stream);
    if (
      open.has(ref, Unsettled.Followed) ||
      open.isToBeRead(ref) ||
      others.some((read) => open.has(read.ref, Unsettled.Written))
    )
      return { kind: 'waits' };
    const sound =
      own.valid && others.every(({ valid, revision, recorded }) => valid || revision === recorded);
    const recorded = [own, ...others].every((state) => state.revision === state.recorded);
    const solid = fresh && sound && recorded && !open.inDoubt;
    try {
      if (!sound) throw lost(ref);
      if (request.expectedRevision !== undefined && request.expectedRevision !== own.revision)
        throw lost(ref);
      const known = Object.fromEntries(Object.entries(reads).map(([name, { state }]) => [name, state]));
      const pseudonym = (...parts: readonly string[]): string =>
        this.parts.masterKey.pseudonym('decision', organizationId, ...parts);
      const command = { payload, organizationId, actor, occurredAt, recordedAt, pseudonym };
      const events = declaration
        .decide(own.state, command, known)
        .map((event, index) => this.envelope(prepared, event, index, catalogue));
      if (events.length === 0) return { kind: 'nothing', revision: own.revision, solid };
      if (objection !== undefined) throw objection;
      const followed = events
        .flatMap((event) => this.followUpsOf(event, organizationId))
        .flatMap((followUp) => this.streamsOf(followUp));
      if (followed.some((stream) => open.has(stream, Unsettled.Awaited))) return { kind: 'waits' };
      const subjects = events.flatMap(({ id, type, data }) =>
        personal.subjectsOf({ organizationId, id, type }, data),
      );
      const expected = own.revision;
      for (const event of events) states.foldIn(own, event);
      return { kind: 'events', expected, events, subjects, followed };
    } catch (error) {
      return { kind: 'refused', error: asError(error), solid };
    }
  }

  private envelope(
    { request, commandId, actor, occurredAt, recordedAt, requestDigest }: Prepared,
    event: AnyEvent,
    index: number,
    catalogue: EventCatalogue,
  ): NewEvent {
    const { version, data } = catalogue.check(event.type, event.data);
    return {
      id: requestDigest === undefined ? newId() : eventIdOf(commandId, index),
      type: event.type,
      schemaVersion: version,
      occurredAt,
      recordedAt,
      actor,
      source: request.source,
      commandId,
      correlationId: request.correlationId ?? commandId,
      causationId: request.causationId ?? null,
      ...(requestDigest !== undefined && { requestDigest }),
      data,
    };
  }

  /** Seals personal data and hands the appends to the store, in the order of the decisions. */
  private async append(
    loaded: readonly Loaded[],
    decisions: readonly Decision[],
  ): Promise<readonly (Promise<Appended> | undefined)[]> {
    const keys = this.keysFor(decisions);
    const handed = this.turn.then(async () => {
      const found = await keys;
      return loaded.map(({ prepared }, index) => {
        const decision = decisions[index];
        return decision?.kind === 'events' ? this.hand(prepared.ref, decision, found[index]) : undefined;
      });
    });
    this.turn = handed.catch(() => undefined);
    keys.catch(() => undefined);
    try {
      return await handed;
    } catch (error) {
      return decisions.map(({ kind }) => (kind === 'events' ? Promise.reject(asError(error)) : undefined));
    }
  }

  /** The keys that each decision needs. A key that does not open fails who needs it, and nobody else. */
  private async keysFor(decisions: readonly Decision[]): Promise<readonly (SubjectKeys | Error)[]> {
    const { vault } = this.parts;
    const needed = decisions.map((decision) => (decision.kind === 'events' ? decision.subjects : []));
    const obtain = async (subjects: readonly SubjectRef[]): Promise<SubjectKeys> =>
      subjects.length === 0 ? new Map() : vault.obtain(subjects);
    try {
      const keys = await obtain(needed.flat());
      return needed.map(() => keys);
    } catch (error) {
      if (!isLetopisError(error, 'integrity-broken')) throw error;
      return Promise.all(needed.map((subjects) => obtain(subjects).catch(asError)));
    }
  }

  private hand(
    ref: StreamRef,
    { expected, events }: Extract<Decision, { kind: 'events' }>,
    keys: SubjectKeys | Error = new Map(),
  ): Promise<Appended> {
    const { organizationId } = ref;
    const append = async (): Promise<Appended> => {
      if (keys instanceof Error) throw keys;
      const sealed = events.map((event) => ({
        ...event,
        data: this.parts.personal.seal({ organizationId, id: event.id, type: event.type }, event.data, keys),
      }));
      return this.parts.store.append(ref, expected < 0n ? 'no-stream' : expected, sealed);
    };
    const appended = append();
    // Looked at in `settle`; until then a failure is nobody's surprise.
    appended.catch(() => undefined);
    return appended;
  }

  private async settle(
    command: Loaded,
    decision: Decision,
    append: Promise<Appended> | undefined,
  ): Promise<Settled> {
    const { prepared } = command;
    switch (decision.kind) {
      case 'events':
        try {
          const appended = await append;
          return appended === undefined
            ? this.retry(command, lost(prepared.ref), false)
            : await this.recorded(prepared, decision.events, appended, command.own);
        } catch (error) {
          this.parts.states.forget(prepared.ref);
          if (isLetopisError(error, 'conflict')) return { kind: 'again', error, solid: false };
          return failed(asError(error));
        }
      case 'nothing': {
        const before = await this.before(prepared);
        if (before !== undefined) return before;
        if (!decision.solid) return this.retry(command, lost(prepared.ref), false);
        return done(replyOf(prepared, decision.revision, null, [], true));
      }
      case 'refused': {
        const { error } = decision;
        if (isLetopisError(error, 'invalid')) return failed(error);
        return (await this.before(prepared)) ?? this.retry(command, error, decision.solid);
      }
      case 'waits':
        // Nobody's fault, so no attempt: what it waits for is tried first in the next round, and ends some time.
        prepared.attempts -= 1;
        return { kind: 'again', error: lost(prepared.ref), solid: false };
    }
  }

  private retry({ prepared }: Loaded, error: Error, solid: boolean): Settled {
    this.parts.states.forget(prepared.ref);
    return { kind: 'again', error, solid };
  }

  /** What the same command had recorded before, if it had; another request under its key is a conflict. */
  private async before(prepared: Prepared): Promise<Settled | undefined> {
    if (prepared.requestDigest === undefined) return undefined;
    const events = await this.parts.store.readCommand(prepared.ref.organizationId, prepared.commandId);
    const last = events.at(-1);
    if (last === undefined) return undefined;
    return this.recorded(prepared, [], {
      revision: last.revision,
      position: last.position,
      repeated: events,
    });
  }

  private async recorded(
    prepared: Prepared,
    decided: readonly NewEvent[],
    { revision, position, repeated }: Appended,
    own?: StreamState,
  ): Promise<Settled> {
    if (repeated !== undefined) {
      this.parts.states.forget(prepared.ref);
      if (repeated.some(({ requestDigest }) => requestDigest !== prepared.requestDigest)) {
        return failed(
          new LetopisError('conflict', 'This Idempotency-Key was used for another request; use a new key', {
            rule: IDEMPOTENCY_KEY_REUSED,
          }),
        );
      }
    } else {
      if (own !== undefined) this.parts.states.confirm(own, revision);
      this.parts.onRecorded(position);
    }
    const events = repeated ?? decided;
    const stream = repeated?.[0]?.stream ?? prepared.ref.stream;
    const reply = { ...replyOf(prepared, revision, position, events, repeated !== undefined), stream };
    const { organizationId } = prepared.ref;
    const followUps = events.flatMap((event) => this.followUpsOf(event, organizationId));
    return followUps.length === 0 ? done(reply) : { kind: 'recorded', reply, followUps };
  }

  /**
   * Carries out what policies do after the events of a round, all together. What could not be done now is done by the
   * policy runner, which reads the recorded events.
   */
  private async followAll(settled: readonly Settled[]): Promise<readonly Followed[]> {
    const requests = settled.flatMap((each) => (each.kind === 'recorded' ? each.followUps : []));
    const outcomes = (requests.length === 0 ? [] : await this.executeAll(requests)).values();
    let belated = false;
    return settled.map((each) => {
      // It was refused before that was done which should have been done long ago: it is tried again.
      if (each.kind === 'again' && belated) return { ...each, solid: false };
      if (each.kind !== 'recorded') return each;
      const replies = each.followUps.flatMap(() => {
        const outcome: CommandOutcome | undefined = outcomes.next().value;
        return outcome?.ok === true ? [outcome.reply] : [];
      });
      belated ||= each.reply.repeated && replies.some(({ repeated }) => !repeated);
      const positions = [each.reply, ...replies].map(({ position }) => BigInt(position ?? 0));
      const last = positions.reduce((max, position) => (position > max ? position : max));
      const events = [...each.reply.events, ...replies.flatMap((reply) => reply.events)];
      return done({ ...each.reply, position: last.toString(), events });
    });
  }
}

function isFinal({ attempts }: Prepared, { error, solid }: Extract<Followed, { kind: 'again' }>): boolean {
  return attempts >= MAX_ATTEMPTS || (solid && !isLetopisError(error, 'unavailable'));
}

function done(reply: CommandReply): Followed {
  return { kind: 'done', outcome: { ok: true, reply } };
}

function brokenOff(error: unknown): Followed {
  return failed(asError(error));
}

function failed(error: Error): Followed {
  return { kind: 'done', outcome: { ok: false, error } };
}

function replyOf(
  { commandId, ref }: Prepared,
  revision: bigint,
  position: bigint | null,
  events: readonly { readonly id: string; readonly type: string }[],
  repeated: boolean,
): CommandReply {
  return {
    commandId,
    stream: ref.stream,
    revision: revision < 0n ? null : revision.toString(),
    position: position === null ? null : position.toString(),
    events: events.map(({ id, type }) => ({ id, type })),
    repeated,
  };
}

function lost({ stream }: StreamRef): LetopisError {
  return new LetopisError(
    'conflict',
    `${stream} was changed by another command: read it again and repeat yours`,
  );
}

function occurredAtOf(text: string, now: Date): string {
  const at = instantOf(text);
  const wrong = (message: string): LetopisError =>
    new LetopisError('invalid', 'occurredAt is not valid', { fields: [{ path: '/occurredAt', message }] });
  if (at === undefined) throw wrong('must be an instant with a time zone, such as 2026-09-01T08:00:00Z');
  if (at.getTime() > now.getTime() + MAX_SKEW_MS) throw wrong('must not be in the future');
  return instant(at);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
