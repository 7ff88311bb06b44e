import 'reflect-metadata';
import { letopis } from '@letopis/api';
import { systemClock } from '@letopis/kernel';
import { openCore, openInstallation, readConfig, runUntilStopped } from '@letopis/platform';
import { startWorker } from './worker';

/** A worker alone, in production: `node dist/apps/worker/src/main.js`. */
void runUntilStopped(async (log, onStop) => {
  const installation = await openInstallation(readConfig(process.env), (line) => log.debug(line));
  onStop(() => installation.close());
  const core = await openCore(installation, letopis, { clock: systemClock, log });
  onStop(() => core.close());
  await startWorker(core);
  log.info('The worker is ready');
});
