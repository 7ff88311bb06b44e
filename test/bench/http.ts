import autocannon from 'autocannon';
import { Client } from 'pg';
import { newId, type Role } from '@letopis/kernel';
import { type Installation } from '@letopis/platform';
import { withChild } from './child';
import { type Check, compared } from './results';
import { alternate, type Contender } from './rounds';
import { adminUrlOf, type Workplace } from './workplace';

const CONNECTIONS = 64;
const ROUND_SECONDS = 3;
/** A big school: so many people may be the ones that reports are about. */
const PEOPLE = 600;
const CATCH_UP_MS = 300_000;

/** A token for one organisation. */
export async function tokenFor(
  { issuer }: Installation,
  organizationId: string,
  roles: readonly Role[],
): Promise<string> {
  if (issuer === undefined) throw new Error('An embedded installation has an issuer');
  return issuer.issue({ id: newId(), roles, organizationId }, 3_600);
}

export function reportBody(affectedPersonId: string): string {
  return JSON.stringify({
    payload: {
      affectedPersonId,
      detectedAt: '2025-11-17T18:40:00+05:00',
      reportedAt: '2025-11-17T19:05:00+05:00',
      circumstances: 'С аккаунта рассылали ссылки, которых владелец не отправлял',
    },
  });
}

export function reportPath(organizationId: string): string {
  return `/v1/organizations/${organizationId}/commands/ReportUnauthorizedAccess`;
}

/** The API against a bare Fastify service, first alone, then with the worker in its process. */
export async function measureHttp(
  workplace: Workplace,
  installation: Installation,
  rounds: number,
): Promise<readonly Check[]> {
  const organizationId = newId();
  const token = await tokenFor(installation, organizationId, ['teacher']);
  const requests = Array.from({ length: PEOPLE }, () => ({
    method: 'POST' as const,
    path: reportPath(organizationId),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: reportBody(newId()),
  }));
  const contender = (name: string, url: string): Contender => ({
    name,
    unit: 'requests/s',
    round: () => load(url, requests),
  });
  return withChild('bare-process', workplace.environment, async (bareUrl) => {
    const bare = contender('bare Fastify, one INSERT a request', bareUrl);
    const [alone, beside] = await withChild('api-process', workplace.environment, (url) =>
      alternate(rounds, [contender('HTTP commands, worker elsewhere and idle', url), bare]),
    );
    const environment = { ...workplace.environment, BENCH_WORKER: 'yes' };
    const [whole, again] = await withChild('api-process', environment, (url) => {
      const { round, ...rest } = contender('HTTP commands, worker in the same process', url);
      const settled = async (): Promise<number> => {
        const value = await round();
        // What the worker still has to do must not be held against the others.
        await caughtUp(installation);
        return value;
      };
      return alternate(rounds, [
        { ...rest, round: settled },
        { ...bare, name: `${bare.name} (again)` },
      ]);
    });
    return [
      compared('HTTP commands against bare Fastify', alone, beside, 1),
      compared('The same, views kept up to date by the same process', whole, again),
    ];
  });
}

async function load(url: string, requests: Parameters<typeof autocannon>[0]['requests']): Promise<number> {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    pipelining: 1,
    duration: ROUND_SECONDS,
    requests,
  });
  if (result.non2xx + result.errors > 0 || result['2xx'] === 0) {
    throw new Error(`${url}: ${result.non2xx} requests were refused, ${result.errors} failed`);
  }
  return result['2xx'] / result.duration;
}

/** Waits until every view holds every event. */
async function caughtUp(installation: Installation): Promise<void> {
  const client = new Client({ connectionString: adminUrlOf(installation) });
  await client.connect();
  try {
    for (const deadline = Date.now() + CATCH_UP_MS; Date.now() < deadline;) {
      const { rows } = await client.query<{ done: boolean }>(
        `SELECT min(position) >= (SELECT max(position) FROM letopis.events) AS done
         FROM letopis.projection_checkpoints WHERE place = 'live'`,
      );
      if (rows[0]?.done === true) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('The worker does not catch up');
  } finally {
    await client.end();
  }
}
