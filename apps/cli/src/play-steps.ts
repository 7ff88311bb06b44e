import { isLetopisError, type Role } from '@letopis/kernel';
import { type CommandRequest, type CommandService, type Core } from '@letopis/platform';
import { MAX, type Step } from '@letopis/simulator';

/** Commands that are carried out together. */
const CHUNK = 1_000;
/** Reasons that are told; the others are counted. */
const TOLD = 20;

export interface PlayedSteps {
  readonly commands: number;
  readonly events: number;
  readonly refused: number;
  /** Why, the first of them. */
  readonly reasons: readonly string[];
  /** Steps that lie ahead of the clock, and were left out. */
  readonly ahead: number;
}

/**
 * Carries steps out in order: the next thousand decide while those before are being recorded. Playing them again changes
 * nothing. What has not happened yet is left out.
 *
 * @param progress is told how many commands were carried out so far
 */
export async function playSteps(
  { commands, clock }: Pick<Core, 'commands' | 'clock'>,
  steps: Iterable<Step> | AsyncIterable<Step>,
  progress: (commands: number) => void = () => undefined,
): Promise<PlayedSteps> {
  const played = { commands: 0, events: 0, refused: 0, reasons: new Array<string>(), ahead: 0 };
  const now = clock.now().toISOString();
  let before: { chunk: readonly Step[]; underway: ReturnType<CommandService['start']> } | undefined;
  const settle = async (): Promise<void> => {
    if (before === undefined) return;
    const { chunk, underway } = before;
    for (const [index, outcome] of (await underway.outcomes).entries()) {
      played.commands += 1;
      if (outcome.ok) {
        if (!outcome.reply.repeated) played.events += outcome.reply.events.length;
        continue;
      }
      played.refused += 1;
      if (played.reasons.length < TOLD) played.reasons.push(reasonOf(chunk[index], outcome.error));
    }
    progress(played.commands);
  };
  let chunk: Step[] = [];
  const send = async (): Promise<void> => {
    const underway = commands.start(chunk.map(requestOf), before?.underway);
    const sent = chunk;
    chunk = [];
    await underway.decided;
    await settle();
    before = { chunk: sent, underway };
  };
  for await (const step of steps) {
    if (step.occurredAt > now) {
      played.ahead += 1;
      continue;
    }
    chunk.push(step);
    if (chunk.length === CHUNK) await send();
  }
  if (chunk.length > 0) await send();
  await settle();
  return played;
}

function reasonOf(step: Step | undefined, error: Error): string {
  const fields = isLetopisError(error)
    ? (error.fields ?? []).map(({ path, message }) => ` ${path} ${message}`)
    : [];
  return `${step?.occurredAt ?? ''} ${step?.command ?? ''}: ${error.message}${fields.join(';')}`;
}

function requestOf({
  organizationId,
  caller,
  command,
  payload,
  occurredAt,
  idempotencyKey,
}: Step): CommandRequest {
  return {
    name: command,
    organizationId,
    payload,
    caller: { id: caller.id, roles: [caller.role] },
    source: sourceOf(caller),
    occurredAt,
    idempotencyKey,
  };
}

function sourceOf({ id, role }: { readonly id: string; readonly role: Role }): CommandRequest['source'] {
  if (role !== 'system') return 'operator';
  return id === MAX.id ? 'platform' : 'system';
}
