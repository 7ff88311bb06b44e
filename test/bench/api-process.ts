import 'reflect-metadata';
import { letopis, startServer } from '@letopis/api';
import { systemClock } from '@letopis/kernel';
import { joinEmbedded, openCore, readConfig, runUntilStopped } from '@letopis/platform';
import { startWorker } from '@letopis/worker';
import { ready } from './child';

/** The API on an installation that the parent runs; with BENCH_WORKER=yes the worker is in the same process. */
void runUntilStopped(async (log, onStop) => {
  const config = readConfig(process.env);
  const installation = await joinEmbedded(config);
  const core = await openCore(installation, letopis, { clock: systemClock, log });
  onStop(() => core.close());
  if (process.env.BENCH_WORKER === 'yes') await startWorker(core);
  const server = await startServer(core, installation.tokens, config);
  onStop(() => server.close());
  ready(server.url);
});
