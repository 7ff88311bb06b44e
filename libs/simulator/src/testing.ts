import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import {
  type AnyCommand,
  type AnyEvent,
  type Concept,
  derivedId,
  isLetopisError,
  type JsonObject,
  streamOf,
} from '@letopis/kernel';
import { school } from '@letopis/school';
import { type Caller, type Step } from './year';

/** An event that a step led to, itself or by a policy. */
export interface Happened extends AnyEvent {
  readonly occurredAt: string;
  readonly actor: Caller;
  readonly step: Step;
}

interface Order {
  readonly organizationId: string;
  readonly caller: Caller;
  readonly command: string;
  readonly payload: JsonObject;
  readonly occurredAt: string;
}

const commands = new Map(school.commands.map((command) => [command.name, command]));

/** Carries steps out on the domain alone, in memory: no store, no keys, no clock. Everything is recorded at one instant. */
export class Rehearsal {
  readonly refused: string[] = [];
  private readonly states = new Map<string, unknown>();

  constructor(private readonly recordedAt: string) {}

  /** The events of the step and of the policies that follow it; a refusal is kept in `refused`. */
  play(step: Step): readonly Happened[] {
    try {
      return this.carryOut(step).map((event) => ({ ...event, step }));
    } catch (error) {
      if (!isLetopisError(error)) throw error;
      const fields = (error.fields ?? []).map(({ path, message }) => `${path} ${message}`).join('; ');
      this.refused.push(
        `${step.occurredAt} ${step.command}: ${error.message} ${fields} ${JSON.stringify(step.payload)}`,
      );
      return [];
    }
  }

  private carryOut(order: Order): readonly Omit<Happened, 'step'>[] {
    const { organizationId, caller, occurredAt } = order;
    const command = commandOf(order);
    const payload = payloadOf(command, order.payload);
    const { concept } = command;
    const stream = `${organizationId}/${streamOf(concept, command.id(payload, organizationId))}`;
    const reads = Object.entries(command.reads(payload, { organizationId, actor: caller })).map(
      ([name, read]) => [name, this.stateOf(read.concept, `${organizationId}/${read.stream}`)] as const,
    );
    const events = command.decide(
      this.stateOf(concept, stream),
      {
        payload,
        organizationId,
        actor: caller,
        occurredAt,
        recordedAt: this.recordedAt,
        pseudonym: (...parts) => derivedId('pseudonym', organizationId, ...parts),
      },
      Object.fromEntries(reads),
    );
    for (const event of events) {
      if (concept.journal !== true)
        this.states.set(stream, concept.evolve(this.stateOf(concept, stream), event));
    }
    const followed = events.flatMap(({ type, data }) =>
      school.policies
        .filter(({ on }) => on === type)
        .flatMap((policy) => policy.follow({ data: Object(data) as object, occurredAt }))
        .flatMap((followUp) =>
          this.carryOut({
            ...followUp,
            organizationId,
            caller: { id: 'letopis', role: 'system' },
            occurredAt,
          }),
        ),
    );
    return [...events.map((event) => ({ ...event, occurredAt, actor: caller })), ...followed];
  }

  private stateOf(concept: Concept, stream: string): unknown {
    return this.states.has(stream) ? this.states.get(stream) : concept.initial;
  }
}

function commandOf({ command: name, caller }: Order): AnyCommand {
  const command = commands.get(name);
  if (command === undefined) throw new Error(`There is no command ${name}`);
  if (!command.actors.includes(caller.role)) throw new Error(`${name} is not for ${caller.role}`);
  return command;
}

function payloadOf(command: AnyCommand, plain: JsonObject): object {
  const payload: object = plainToInstance(command.payload, plain);
  const problems = validateSync(payload, { whitelist: true, forbidNonWhitelisted: true });
  if (problems.length > 0)
    throw new Error(`The payload of ${command.name}: ${problems.join('; ')} ${JSON.stringify(plain)}`);
  return payload;
}
