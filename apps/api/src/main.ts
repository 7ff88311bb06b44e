import 'reflect-metadata';
import { systemClock } from '@letopis/kernel';
import { openCore, openInstallation, readConfig, runUntilStopped } from '@letopis/platform';
import { letopis } from './application';
import { startServer } from './server';

/** The API alone, in production: `node dist/apps/api/src/main.js`. */
void runUntilStopped(async (log, onStop) => {
  const config = readConfig(process.env);
  const installation = await openInstallation(config, (line) => log.debug(line));
  onStop(() => installation.close());
  const core = await openCore(installation, letopis, { clock: systemClock, log });
  onStop(() => core.close());
  const server = await startServer(core, installation.tokens, config);
  onStop(() => server.close());
  log.info({ url: server.url }, 'The API is ready');
});
