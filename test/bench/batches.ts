import { letopis } from '@letopis/api';
import { type Json, systemClock } from '@letopis/kernel';
import { createLog, type Installation, openCore } from '@letopis/platform';
import { play } from '../../apps/cli/src/play';
import { schoolScenario, type Step } from '../../apps/cli/src/scenario';
import { withChild } from './child';
import { tokenFor } from './http';
import { type Check, reached } from './results';
import { alternate } from './rounds';
import { type Workplace } from './workplace';

const LINES = 10_000;
const SEED = 11;
/** Who brings the records of a year: the administrator, and for a few commands those who take part. */
const ROLES = ['platform_admin', 'teacher', 'student', 'parent'] as const;
/** What happens again and again in one school; the rest of a scenario happens once. */
const OFTEN = new Set([
  'RecordMovement',
  'AcceptInvitation',
  'ReportUnauthorizedAccess',
  'ContainAccount',
  'RegisterIncident',
  'ReportViolation',
]);

/** Lines of many schools that say what happened in one, in order, each with a key of its own. */
class LineSource {
  private school = 1;

  constructor(private readonly groupId: Json) {}

  /** A body that was never sent before. */
  next(): string {
    const lines: string[] = [];
    while (lines.length < LINES) lines.push(...this.linesOfSchool());
    return `${lines.slice(0, LINES).join('\n')}\n`;
  }

  /** A link to the class, those who join by it, and what happens then. */
  private linesOfSchool(): string[] {
    const { steps } = schoolScenario(SEED, this.school);
    this.school += 1;
    const isLink = ({ command, payload }: Step): boolean =>
      command === 'CreateInvitationLink' &&
      payload.platformRole === 'student' &&
      payload.targetKind === 'group';
    const link = steps.find(isLink);
    const others = steps.filter(({ role, command }) => role !== 'director' && OFTEN.has(command));
    return [...(link === undefined ? [] : [link]), ...others].map(
      ({ command, payload, occurredAt, idempotencyKey }) => {
        const here =
          command === 'CreateInvitationLink'
            ? { targetId: this.groupId }
            : command === 'AcceptInvitation'
              ? { linkId: link?.payload.linkId ?? null }
              : {};
        return JSON.stringify({ command, payload: { ...payload, ...here }, occurredAt, idempotencyKey });
      },
    );
  }
}

interface School {
  readonly organizationId: string;
  /** The class that invitations are for. */
  readonly groupId: Json;
}

async function makeSchool(installation: Installation): Promise<School> {
  const core = await openCore(installation, letopis, { clock: systemClock, log: createLog('silent') });
  try {
    const scenario = schoolScenario(SEED, 0);
    const { organizationId } = await play(core, scenario);
    const created = scenario.steps.find(
      ({ payload: { kind }, command }) => command === 'CreateGroup' && kind === 'class',
    );
    return { organizationId, groupId: created?.payload.groupId ?? null };
  } finally {
    await core.close();
  }
}

/** Batches of mixed lines, one at a time, sent to the API alone; from the first byte sent to the last byte answered. */
export async function measureBatches(
  workplace: Workplace,
  installation: Installation,
  rounds: number,
): Promise<readonly Check[]> {
  const { organizationId, groupId } = await makeSchool(installation);
  const token = await tokenFor(installation, organizationId, ROLES);
  const source = new LineSource(groupId);
  const [figure] = await withChild('api-process', workplace.environment, (url) =>
    alternate(rounds, [
      {
        name: `NDJSON batches of ${LINES.toLocaleString('en')} mixed lines`,
        unit: 'commands/s',
        round: () => send(`${url}/v1/organizations/${organizationId}/command-batches`, token, source.next()),
      },
    ]),
  );
  return figure === undefined
    ? []
    : [reached('Commands in NDJSON batches', figure, { sense: 'at least', value: 10_000 })];
}

async function send(url: string, token: string, body: string): Promise<number> {
  const began = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` },
    body,
  });
  const answers = (await response.text()).trimEnd().split('\n');
  const seconds = (performance.now() - began) / 1_000;
  const refused = answers.filter((line) => !/"status":20[01]/.test(line));
  if (answers.length !== LINES || refused.length > 0) {
    throw new Error(`${answers.length} answers, ${refused.length} of them refusals: ${refused[0] ?? ''}`);
  }
  return LINES / seconds;
}
