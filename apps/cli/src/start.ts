import { join } from 'node:path';
import { letopis, startServer } from '@letopis/api';
import { systemClock } from '@letopis/kernel';
import {
  type Core,
  createLog,
  type Installation,
  migrateInstallation,
  openCore,
  openInstallation,
  readConfig,
  runUntilStopped,
} from '@letopis/platform';
import { listOrganizations } from '@letopis/school';
import { startWorker } from '@letopis/worker';
import { play } from './play';
import { schoolScenario } from './scenario';

const DEMO_SEED = 7;
const TOKEN_SECONDS = 24 * 3_600;

/** Everything in one process: database, API and worker. What `npm start` does. */
export async function start(): Promise<void> {
  await runUntilStopped(async (startLog, onStop, fail) => {
    const config = readConfig(process.env);
    const installation = await openInstallation(config, (line) => startLog.debug(line));
    onStop(() => installation.close());
    const log = createLog(config.logLevel, join(config.dataDirectory, 'letopis.log'));
    void installation.lost?.then(fail);
    await migrateInstallation(installation, letopis);
    const core = await openCore(installation, letopis, { clock: systemClock, log });
    onStop(() => core.close());
    await startWorker(core);
    const server = await startServer(core, installation.tokens, config);
    onStop(() => server.close());
    const demo = config.demo ? await demonstration(core) : undefined;
    process.stdout.write(await welcome(server.url, installation, demo));
  });
}

/** The demonstration school, made when there is no school yet. */
async function demonstration(core: Core): Promise<string | undefined> {
  const scenario = schoolScenario(DEMO_SEED, 0);
  const organizations = await listOrganizations(core.views);
  if (organizations.length > 0) {
    return organizations.find(({ organizationId }) => organizationId === scenario.organizationId)
      ?.organizationId;
  }
  const { organizationId, position, refused } = await play(core, scenario);
  for (const reason of refused) core.log.error({ reason }, 'The demonstration school is not complete');
  await core.projections.advance();
  await core.projections.waitFor(['compliance', 'organizations'], organizationId, position, 30_000);
  return organizationId;
}

async function welcome(
  url: string,
  { issuer }: Installation,
  organizationId: string | undefined,
): Promise<string> {
  const lines = [`Letopis is ready: ${url}`, `API documentation:  ${url}/docs`];
  if (issuer !== undefined && organizationId !== undefined) {
    const token = await issuer.issue(
      { id: '00000000-0000-4000-8000-000000000002', roles: ['director'], organizationId },
      TOKEN_SECONDS,
    );
    lines.push(
      '',
      'The compliance view of the demonstration school (token for a day, role director):',
      '',
      `curl -s -H 'Authorization: Bearer ${token}' '${url}/v1/organizations/${organizationId}/compliance'`,
    );
  }
  return `${lines.join('\n')}\n`;
}
