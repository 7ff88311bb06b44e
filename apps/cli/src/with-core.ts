import { letopis } from '@letopis/api';
import { isLetopisError, systemClock } from '@letopis/kernel';
import {
  type Config,
  type Core,
  createLog,
  type Installation,
  joinEmbedded,
  migrateInstallation,
  openCore,
  openInstallation,
  readConfig,
} from '@letopis/platform';

/** Runs on the installation: beside the process that runs it, or by starting what is embedded where none does. */
export async function withInstallation<Result>(
  work: (installation: Installation) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(process.env);
  const installation = await reach(config);
  try {
    return await work(installation);
  } finally {
    await installation.close();
  }
}

/** Runs on the services of the installation, migrated where this process may. */
export function withCore<Result>(work: (core: Core) => Promise<Result>): Promise<Result> {
  return withInstallation(async (installation) => {
    if (installation.admin !== undefined) await migrateInstallation(installation, letopis);
    const core = await openCore(installation, letopis, { clock: systemClock, log: createLog('error') });
    try {
      return await work(core);
    } finally {
      await core.close();
    }
  });
}

async function reach(config: Config): Promise<Installation> {
  try {
    return await openInstallation(config, () => undefined);
  } catch (error) {
    // The embedded database is in use: then it runs, and can be joined.
    if (config.production !== undefined || !isLetopisError(error, 'unavailable')) throw error;
    return joinEmbedded(config).catch(() => {
      throw error;
    });
  }
}
