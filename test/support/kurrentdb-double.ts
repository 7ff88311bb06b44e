import {
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { ServerFeaturesService } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb';
import {
  SupportedMethod,
  SupportedMethods,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb';
import {
  AllStreamPosition,
  type Empty,
  MaximumAppendSizeExceeded,
  StreamIdentifier,
  UUID,
  WrongExpectedVersion,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb';
import { Status } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb';
import { StreamsService } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb';
import {
  type BatchAppendReq,
  BatchAppendResp,
  ReadReq,
  ReadResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';

interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

interface Recorded extends Proposed {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly created: number;
}

type Expected = bigint | 'any' | 'no-stream' | 'stream-exists';

type Verdict =
  | { readonly outcome: 'recorded'; readonly revision: bigint; readonly position: bigint }
  | { readonly outcome: 'wrong-version'; readonly current: bigint }
  | { readonly outcome: 'too-large' };

interface Subscriber {
  /** Looks at an event that was just recorded. */
  see(event: Recorded): void;
}

/** Default of the real server. */
const MAX_APPEND_SIZE = 1024 * 1024;
/** Bytes that a record takes beside its payload; only that positions have gaps matters. */
const RECORD_OVERHEAD = 70;
/** After so many appends the server writes statistics of its own into `$all`. */
const STATISTICS_EVERY = 7;
const TICKS_PER_MILLISECOND = 10_000n;
const DEFAULT_WINDOW = 32;

/**
 * A KurrentDB at the wire: one node, no TLS, in memory, with the client's own service definitions. It does as the real
 * server does what the event store relies on (conflicts, recognition of its own event ids, reads that include the
 * position they begin at and subscriptions that do not, filters, system events in `$all`), and is at no point more lenient.
 * It says nothing about speed or durability.
 */
export class KurrentDouble {
  private server: Server | undefined;
  private port = 0;
  private readonly log: Recorded[] = [];
  private readonly streams = new Map<string, Recorded[]>();
  private readonly subscribers = new Set<Subscriber>();
  private end = 0n;
  private appends = 0;
  private answersToLose = 0;

  /** The last `authorization` header of a read. */
  authorization: string | undefined;
  /** Requests to read, subscribe or append so far, answered or not. */
  requests = 0;

  static async start(): Promise<KurrentDouble> {
    const double = new KurrentDouble();
    double.writeStatistics();
    await double.listen();
    return double;
  }

  get url(): string {
    return `kurrentdb://127.0.0.1:${this.port}?tls=false`;
  }

  /** Cuts all connections and refuses new ones for so many milliseconds. What was recorded stays. */
  async restart(downFor = 0): Promise<void> {
    await this.stop();
    await new Promise((resolve) => setTimeout(resolve, downFor));
    await this.listen();
  }

  async stop(): Promise<void> {
    this.subscribers.clear();
    this.server?.forceShutdown();
    this.server = undefined;
  }

  /** The next appends are recorded, but instead of the answers to them the connection breaks. */
  loseAnswers(count: number): void {
    this.answersToLose = count;
  }

  /** Records events from elsewhere, as a process that shares the server would. */
  record(stream: string, type: string, data: object): void {
    const event = { id: crypto.randomUUID(), type, contentType: 'application/json' };
    this.append(stream, 'any', [{ ...event, data: utf8(JSON.stringify(data)), metadata: new Uint8Array() }]);
  }

  private async listen(): Promise<void> {
    const server = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
    server.addService(ServerFeaturesService, { getSupportedMethods });
    server.addService(StreamsService, {
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => this.onRead(call),
      batchAppend: (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>) => this.onBatchAppend(call),
      // The client appends by batchAppend alone, and nothing here ever deletes.
      append: unimplemented,
      delete: unimplemented,
      tombstone: unimplemented,
    });
    this.port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
    this.server = server;
  }

  // Writing

  private onBatchAppend(call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void {
    const pending = new Map<string, { options: BatchAppendReq.Options; events: Proposed[] }>();
    call.on('error', () => undefined);
    call.on('end', () => call.end());
    call.on('data', (request: BatchAppendReq) => {
      const correlation = request.getCorrelationId();
      const key = idOf(correlation);
      const options = request.getOptions();
      if (options !== undefined) pending.set(key, { options, events: [] });
      const batch = pending.get(key);
      if (batch === undefined) return;
      batch.events.push(...request.getProposedMessagesList().map(proposedOf));
      if (!request.getIsFinal()) return;
      pending.delete(key);
      this.requests += 1;
      const stream = nameOf(batch.options.getStreamIdentifier());
      const verdict = this.append(stream, expectedOf(batch.options), batch.events);
      if (this.losesAnswer()) return;
      const response = new BatchAppendResp();
      response.setCorrelationId(correlation);
      response.setStreamIdentifier(identifierOf(stream));
      settle(response, verdict, batch.options);
      call.write(response);
    });
  }

  private losesAnswer(): boolean {
    if (this.answersToLose === 0) return false;
    this.answersToLose -= 1;
    setImmediate(() => void this.restart());
    return true;
  }

  /**
   * The real server's decision, clause by clause: ids are compared with what is recorded behind the expected revision, and
   * only there; a repeat is acknowledged like a first append; a partial match is a wrong expectation.
   */
  private append(stream: string, expected: Expected, events: readonly Proposed[]): Verdict {
    const size = events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
    if (size > MAX_APPEND_SIZE) return { outcome: 'too-large' };
    const recorded = this.streams.get(stream) ?? [];
    const current = BigInt(recorded.length) - 1n;
    if (expected === 'any' || (expected === 'stream-exists' && current >= 0n)) {
      return this.write(stream, recorded, events);
    }
    if (expected === 'stream-exists') return { outcome: 'wrong-version', current };
    const at = expected === 'no-stream' ? -1n : expected;
    if (at === current) return this.write(stream, recorded, events);
    if (at > current) return { outcome: 'wrong-version', current };
    const same = events.map((event, index) => {
      const there = recorded[Number(at) + 1 + index];
      return there?.id === event.id ? there : undefined;
    });
    const last = same.at(-1);
    if (last === undefined || same.includes(undefined)) return { outcome: 'wrong-version', current };
    return { outcome: 'recorded', revision: last.revision, position: last.position };
  }

  private write(stream: string, recorded: Recorded[], events: readonly Proposed[]): Verdict {
    const written = events.map((event, index): Recorded => {
      const position = this.end;
      this.end += BigInt(RECORD_OVERHEAD + stream.length + event.data.length + event.metadata.length);
      const revision = BigInt(recorded.length + index);
      return { ...event, stream, revision, position, created: Date.now() };
    });
    recorded.push(...written);
    this.streams.set(stream, recorded);
    this.log.push(...written);
    for (const event of written) for (const subscriber of [...this.subscribers]) subscriber.see(event);
    this.appends += 1;
    if (this.appends % STATISTICS_EVERY === 0) this.writeStatistics();
    const last = written.at(-1);
    return { outcome: 'recorded', revision: last?.revision ?? -1n, position: last?.position ?? 0n };
  }

  private writeStatistics(): void {
    this.record('$stats-127.0.0.1:2113', '$statsCollected', { 'proc-id': 1 });
  }

  // Reading

  private onRead(call: ServerWritableStream<ReadReq, ReadResp>): void {
    this.requests += 1;
    this.authorization = call.metadata.get('authorization')[0]?.toString();
    call.on('error', () => undefined);
    const options = call.request.getOptions();
    if (options?.getUuidOption()?.hasString() === undefined) {
      call.destroy(Object.assign(new Error('uuidOption'), { code: status.INVALID_ARGUMENT }));
    } else if (options.hasSubscription()) this.subscribe(call, options);
    else if (options.hasStream()) this.readStream(call, options);
    else this.readAll(call, options);
  }

  private readStream(call: ServerWritableStream<ReadReq, ReadResp>, options: ReadReq.Options): void {
    const wanted = options.getStream();
    const recorded = this.streams.get(nameOf(wanted?.getStreamIdentifier()));
    if (recorded === undefined) {
      const missing = new ReadResp.StreamNotFound();
      missing.setStreamIdentifier(wanted?.getStreamIdentifier());
      const response = new ReadResp();
      response.setStreamNotFound(missing);
      call.write(response);
      call.end();
      return;
    }
    const backwards = isBackwards(options);
    const from = wanted?.hasRevision() ? BigInt(wanted.getRevision()) : undefined;
    const inRange = recorded.filter(
      ({ revision }) => from === undefined || (backwards ? revision <= from : revision >= from),
    );
    const ordered = backwards ? (wanted?.hasStart() ? recorded.slice(0, 1) : inRange.reverse()) : inRange;
    send(call, !backwards && wanted?.hasEnd() ? [] : ordered, options);
  }

  private readAll(call: ServerWritableStream<ReadReq, ReadResp>, options: ReadReq.Options): void {
    const from = options.getAll()?.hasPosition() ? positionOf(options) : undefined;
    if (from !== undefined && !this.isRecord(from)) return refusePosition(call);
    const backwards = isBackwards(options);
    const atStart = options.getAll()?.hasStart() ?? false;
    const atEnd = options.getAll()?.hasEnd() ?? false;
    // A read includes the position it begins at; backwards, positions are those behind the events.
    const inRange = this.log.filter(({ position }) => {
      if (from === undefined) return backwards ? !atStart : !atEnd;
      return backwards ? position < from : position >= from;
    });
    const passes = filterOf(options);
    send(call, (backwards ? inRange.reverse() : inRange).filter(passes), options);
  }

  private subscribe(call: ServerWritableStream<ReadReq, ReadResp>, options: ReadReq.Options): void {
    const after = options.getAll()?.hasPosition() ? positionOf(options) : undefined;
    if (after !== undefined && !this.isRecord(after)) return refusePosition(call);
    const passes = filterOf(options);
    const filter = options.getFilter();
    const window = filter?.hasMax() ? filter.getMax() : DEFAULT_WINDOW;
    const interval = window * Math.max(1, filter?.getCheckpointintervalmultiplier() ?? 1);
    let considered = 0;
    const see = (event: Recorded): void => {
      if (passes(event)) call.write(responseOf(event));
      considered += 1;
      if (considered % interval === 0) call.write(checkpointOf(event.position));
    };
    const confirmation = new ReadResp.SubscriptionConfirmation();
    confirmation.setSubscriptionId(crypto.randomUUID());
    const confirmed = new ReadResp();
    confirmed.setConfirmation(confirmation);
    call.write(confirmed);
    const atEnd = options.getAll()?.hasEnd() ?? false;
    // A subscription does not include the position it begins at.
    if (!atEnd) for (const event of this.log) if (after === undefined || event.position > after) see(event);
    const last = this.log.at(-1);
    if (last !== undefined) call.write(checkpointOf(last.position));
    const caughtUp = new ReadResp();
    caughtUp.setCaughtUp(new ReadResp.CaughtUp());
    call.write(caughtUp);
    const subscriber: Subscriber = { see };
    this.subscribers.add(subscriber);
    const leave = (): boolean => this.subscribers.delete(subscriber);
    call.on('cancelled', leave);
    call.on('close', leave);
    call.on('error', leave);
  }

  private isRecord(position: bigint): boolean {
    return this.log.some((event) => event.position === position);
  }
}

function getSupportedMethods(
  _call: ServerUnaryCall<Empty, SupportedMethods>,
  answer: sendUnaryData<SupportedMethods>,
): void {
  const methods = ['read', 'batchappend'].map((name) => {
    const method = new SupportedMethod();
    method.setServiceName('event_store.client.streams.streams');
    method.setMethodName(name);
    method.setFeaturesList(name === 'read' ? ['position', 'events'] : []);
    return method;
  });
  const supported = new SupportedMethods();
  supported.setEventStoreServerVersion('25.1.0');
  supported.setMethodsList(methods);
  answer(null, supported);
}

function unimplemented(_call: unknown, answer: sendUnaryData<never>): void {
  answer({ code: status.UNIMPLEMENTED, details: 'The double does not do this' });
}

function proposedOf(message: BatchAppendReq.ProposedMessage): Proposed {
  return {
    id: idOf(message.getId()),
    type: message.getMetadataMap().get('type') ?? '',
    contentType: message.getMetadataMap().get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

function expectedOf(options: BatchAppendReq.Options): Expected {
  if (options.hasStreamPosition()) return BigInt(options.getStreamPosition());
  if (options.hasNoStream()) return 'no-stream';
  return options.hasStreamExists() ? 'stream-exists' : 'any';
}

function settle(response: BatchAppendResp, verdict: Verdict, options: BatchAppendReq.Options): void {
  switch (verdict.outcome) {
    case 'recorded': {
      const success = new BatchAppendResp.Success();
      success.setCurrentRevision(verdict.revision.toString());
      const position = new AllStreamPosition();
      position.setCommitPosition(verdict.position.toString());
      position.setPreparePosition(verdict.position.toString());
      success.setPosition(position);
      response.setSuccess(success);
      return;
    }
    case 'wrong-version': {
      const wrong = new WrongExpectedVersion();
      if (verdict.current < 0n) wrong.setCurrentNoStream(new GoogleEmpty());
      else wrong.setCurrentStreamRevision(verdict.current.toString());
      if (options.hasStreamPosition()) wrong.setExpectedStreamPosition(options.getStreamPosition());
      else if (options.hasNoStream()) wrong.setExpectedNoStream(new GoogleEmpty());
      else wrong.setExpectedStreamExists(new GoogleEmpty());
      response.setError(statusOf('WrongExpectedVersion', wrong.serializeBinary()));
      return;
    }
    case 'too-large': {
      const exceeded = new MaximumAppendSizeExceeded();
      exceeded.setMaxappendsize(MAX_APPEND_SIZE);
      response.setError(statusOf('MaximumAppendSizeExceeded', exceeded.serializeBinary()));
    }
  }
}

function statusOf(type: string, detail: Uint8Array): Status {
  const details = new Any();
  details.pack(detail, `event_store.client.${type}`);
  const result = new Status();
  result.setMessage(type);
  result.setDetails(details);
  return result;
}

function filterOf(options: ReadReq.Options): (event: Recorded) => boolean {
  const filter = options.getFilter();
  if (filter === undefined) return () => true;
  const expression = filter.getStreamIdentifier() ?? filter.getEventType();
  const prefixes = expression?.getPrefixList() ?? [];
  const subject = (event: Recorded): string => (filter.hasStreamIdentifier() ? event.stream : event.type);
  return (event) => prefixes.some((prefix) => subject(event).startsWith(prefix));
}

/** The count applies to what the filter lets through. */
function send(
  call: ServerWritableStream<ReadReq, ReadResp>,
  events: readonly Recorded[],
  options: ReadReq.Options,
): void {
  for (const event of events.slice(0, Number(options.getCount()))) call.write(responseOf(event));
  call.end();
}

function responseOf(event: Recorded): ReadResp {
  const recorded = new ReadResp.ReadEvent.RecordedEvent();
  const id = new UUID();
  id.setString(event.id);
  recorded.setId(id);
  recorded.setStreamIdentifier(identifierOf(event.stream));
  recorded.setStreamRevision(event.revision.toString());
  recorded.setCommitPosition(event.position.toString());
  recorded.setPreparePosition(event.position.toString());
  recorded.setData(event.data);
  recorded.setCustomMetadata(event.metadata);
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('content-type', event.contentType)
    .set('created', (BigInt(event.created) * TICKS_PER_MILLISECOND).toString());
  const read = new ReadResp.ReadEvent();
  read.setEvent(recorded);
  read.setCommitPosition(event.position.toString());
  const response = new ReadResp();
  response.setEvent(read);
  return response;
}

function checkpointOf(position: bigint): ReadResp {
  const checkpoint = new ReadResp.Checkpoint();
  checkpoint.setCommitPosition(position.toString());
  checkpoint.setPreparePosition(position.toString());
  const response = new ReadResp();
  response.setCheckpoint(checkpoint);
  return response;
}

/** The real server reads garbage or refuses where no record begins; the double always refuses. */
function refusePosition(call: ServerWritableStream<ReadReq, ReadResp>): void {
  call.destroy(Object.assign(new Error('Invalid position'), { code: status.UNKNOWN }));
}

function positionOf(options: ReadReq.Options): bigint {
  return BigInt(options.getAll()?.getPosition()?.getCommitPosition() ?? '0');
}

function isBackwards(options: ReadReq.Options): boolean {
  return options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS;
}

function identifierOf(stream: string): StreamIdentifier {
  const identifier = new StreamIdentifier();
  identifier.setStreamName(utf8(stream));
  return identifier;
}

function nameOf(identifier: StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** An id as text; clients send it as such or as two numbers. */
function idOf(id: UUID | undefined): string {
  if (id?.hasString()) return id.getString();
  const structured = id?.getStructured();
  const half = (bits: string | undefined): string =>
    BigInt.asUintN(64, BigInt(bits ?? '0'))
      .toString(16)
      .padStart(16, '0');
  const hex = half(structured?.getMostSignificantBits()) + half(structured?.getLeastSignificantBits());
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
