import { type Core } from '@letopis/platform';
import { type SchoolScenario } from './scenario';

const OPERATOR = { id: '00000000-0000-4000-8000-000000000001', roles: ['operator'] } as const;

export interface Played {
  readonly organizationId: string;
  readonly commands: number;
  readonly refused: readonly string[];
  readonly position: bigint;
}

/** Carries out a scenario. Playing it again changes nothing. */
export async function play({ commands, clock }: Core, scenario: SchoolScenario): Promise<Played> {
  const { organizationId, name, timeZone, steps } = scenario;
  const now = clock.now().toISOString();
  const first = steps[0]?.occurredAt ?? now;
  const outcomes = await commands.executeAll([
    {
      name: 'CreateOrganization',
      organizationId,
      payload: { name, timeZone },
      caller: OPERATOR,
      source: 'operator',
      occurredAt: first,
      idempotencyKey: 'scenario/organization',
    },
    ...steps.map(({ role, actorId, command, payload, occurredAt, idempotencyKey }) => ({
      name: command,
      organizationId,
      payload,
      caller: { id: actorId, roles: [role] },
      source: 'operator' as const,
      occurredAt,
      idempotencyKey,
    })),
  ]);
  const refused = outcomes.flatMap((outcome, index) =>
    outcome.ok ? [] : [`${steps[index - 1]?.command ?? 'CreateOrganization'}: ${outcome.error.message}`],
  );
  const position = outcomes.reduce((max, outcome) => {
    const at = outcome.ok ? BigInt(outcome.reply.position ?? 0) : 0n;
    return at > max ? at : max;
  }, 0n);
  return { organizationId, commands: outcomes.length, refused, position };
}
