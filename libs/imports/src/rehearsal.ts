import {
  type AnyCommand,
  type Concept,
  commandIdOf,
  fold,
  instant,
  LetopisError,
  type Role,
  streamOf,
} from '@letopis/kernel';
import { type Core, readPayload } from '@letopis/platform';
import { refusalOf, type StepOutcome } from './outcomes';
import { type PlannedCommand } from './sheet';

/** Whose streams are read at the same time. */
const AT_ONCE = 50;

/** A planned command with the key that it would be carried out under. */
export interface KeyedCommand extends PlannedCommand {
  readonly idempotencyKey: string;
}

/** Who would carry the commands out, and for whom. */
interface Circumstances {
  readonly organizationId: string;
  readonly caller: { readonly id: string; readonly roles: readonly Role[] };
}

/**
 * Decides commands on what is on record and on what those before them would have recorded, and writes nothing. What other
 * people do between this and the real run, and what follows by policy, it cannot know.
 */
export class Rehearsal {
  private readonly states = new Map<string, unknown>();

  constructor(
    private readonly core: Pick<Core, 'domain' | 'store' | 'catalogue' | 'masterKey' | 'clock'>,
    private readonly circumstances: Circumstances,
  ) {}

  /** Outcomes in the order of the commands. @throws Error where the store cannot be read */
  async of(commands: readonly KeyedCommand[]): Promise<readonly StepOutcome[]> {
    const outcomes: StepOutcome[] = [];
    for (let start = 0; start < commands.length; start += AT_ONCE) {
      const together = commands.slice(start, start + AT_ONCE);
      await Promise.all(together.map((command) => this.preload(command)));
      for (const command of together) outcomes.push(await this.outcomeOf(command));
    }
    return outcomes;
  }

  private async outcomeOf(command: KeyedCommand): Promise<StepOutcome> {
    try {
      const { declaration, payload, actor } = this.prepared(command);
      const { organizationId } = this.circumstances;
      const stream = streamOf(declaration.concept, declaration.id(payload, organizationId));
      // A decision may be refused for having been taken already: its key tells whether by this very import.
      if (declaration.kind === 'decision' && (await this.isRepeat(command))) return { kind: 'unchanged' };
      const now = instant(this.core.clock.now());
      const reads = Object.entries(declaration.reads(payload, { organizationId, actor }));
      const events = declaration.decide(
        this.states.get(stream),
        {
          payload,
          organizationId,
          actor,
          occurredAt: now,
          recordedAt: now,
          pseudonym: (...parts) => this.core.masterKey.pseudonym('decision', organizationId, ...parts),
        },
        Object.fromEntries(reads.map(([name, read]) => [name, this.states.get(read.stream)])),
      );
      if (events.length === 0) return { kind: 'unchanged' };
      const { concept } = declaration;
      let state = this.states.get(stream);
      for (const event of events) state = concept.evolve(state, event);
      this.states.set(stream, state);
      return { kind: 'recorded' };
    } catch (error) {
      return { kind: 'refused', error: refusalOf(error) };
    }
  }

  private prepared({ command, payload: plain }: PlannedCommand) {
    const declaration = this.declarationOf(command);
    const { caller } = this.circumstances;
    const role = caller.roles.find((candidate) => declaration.actors.includes(candidate));
    if (role === undefined)
      throw new LetopisError('forbidden', `${command} is for: ${declaration.actors.join(', ')}`);
    return { declaration, payload: readPayload(declaration.payload, plain), actor: { id: caller.id, role } };
  }

  private declarationOf(name: string): AnyCommand {
    const declaration = this.core.domain.commands.find((command) => command.name === name);
    if (declaration === undefined) throw new LetopisError('not-found', `There is no command "${name}"`);
    return declaration;
  }

  private async isRepeat({ idempotencyKey }: KeyedCommand): Promise<boolean> {
    const { organizationId, caller } = this.circumstances;
    const commandId = commandIdOf(organizationId, caller.id, idempotencyKey);
    return (await this.core.store.readCommand(organizationId, commandId)).length > 0;
  }

  private async preload(command: KeyedCommand): Promise<void> {
    const { organizationId } = this.circumstances;
    let prepared: ReturnType<Rehearsal['prepared']>;
    try {
      prepared = this.prepared(command);
    } catch {
      // `outcomeOf` will tell why.
      return;
    }
    const { declaration, payload, actor } = prepared;
    await Promise.all([
      this.load(streamOf(declaration.concept, declaration.id(payload, organizationId)), declaration.concept),
      ...Object.values(declaration.reads(payload, { organizationId, actor })).map(({ stream, concept }) =>
        this.load(stream, concept),
      ),
    ]);
  }

  private async load(stream: string, concept: Concept): Promise<void> {
    if (this.states.has(stream)) return;
    const { organizationId } = this.circumstances;
    const events = concept.journal ? [] : await this.core.store.readStream({ organizationId, stream });
    if (this.states.has(stream)) return;
    this.states.set(
      stream,
      fold(
        concept,
        events.map((event) => this.core.catalogue.upcast(event)),
      ),
    );
  }
}
