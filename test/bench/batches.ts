import { newId } from '@letopis/kernel';
import { type Installation } from '@letopis/platform';
import { schoolScenario } from '../../apps/cli/src/scenario';
import { withChild } from './child';
import { tokenFor } from './http';
import { type Check, reached } from './results';
import { alternate } from './rounds';
import { type Workplace } from './workplace';

const LINES = 10_000;
const SEED = 11;
const ROLES = ['director', 'platform_admin', 'curator', 'teacher', 'student', 'parent'] as const;
/** Once in the life of an organisation, so not many times in a batch for one. */
const ONCE = new Set([
  'AppointAdministrator',
  'RequestOrganizationRegistration',
  'RecordRegistrationConfirmed',
  'ApproveNomenclature',
]);

/** What happened in schools, in order, each line with a key of its own, until there are 10,000 lines. */
class LineSource {
  private index = 0;

  /** A body that was never sent before. */
  next(): string {
    const lines: string[] = [];
    while (lines.length < LINES) {
      const { steps } = schoolScenario(SEED, this.index);
      this.index += 1;
      for (const { command, payload, occurredAt, idempotencyKey } of steps) {
        if (ONCE.has(command) || lines.length === LINES) continue;
        lines.push(JSON.stringify({ command, payload, occurredAt, idempotencyKey }));
      }
    }
    return `${lines.join('\n')}\n`;
  }
}

/** Batches of mixed lines, one at a time, sent to the API alone; from the first byte sent to the last byte answered. */
export async function measureBatches(
  workplace: Workplace,
  installation: Installation,
  rounds: number,
): Promise<readonly Check[]> {
  const organizationId = newId();
  const token = await tokenFor(installation, organizationId, ROLES);
  const source = new LineSource();
  const [figure] = await withChild('api-process', workplace.environment, (url) =>
    alternate(rounds, [
      {
        name: `NDJSON batches of ${LINES.toLocaleString('en')} mixed lines`,
        unit: 'commands/s',
        round: () => send(`${url}/v1/organizations/${organizationId}/command-batches`, token, source.next()),
      },
    ]),
  );
  return figure === undefined ? [] : [reached('Commands in NDJSON batches', figure, 10_000, 'at least')];
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
