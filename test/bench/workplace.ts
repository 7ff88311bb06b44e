import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { letopis } from '@letopis/api';
import {
  type Config,
  type Installation,
  migrateInstallation,
  openInstallation,
  readConfig,
} from '@letopis/platform';

/** An embedded installation in a directory of its own, and how a process is started on it. */
export interface Workplace {
  readonly config: Config;
  /** For child processes: quiet, on a free port, without a limit of requests. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs `work` with an empty data directory, and removes it. */
export async function inWorkplace<Result>(work: (workplace: Workplace) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'letopis-bench-'));
  try {
    // Where this is root, PostgreSQL runs as another user, who must be able to enter.
    await chmod(directory, 0o755);
    const environment = {
      LETOPIS_DATA_DIR: directory,
      LETOPIS_LOG: 'silent',
      LETOPIS_DEMO: 'no',
      LETOPIS_REQUESTS_PER_MINUTE: '0',
      PORT: '0',
    };
    return await work({ config: readConfig(environment), environment });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Runs `work` while this process runs the installation's database, migrated. */
export async function installed<Result>(
  { config }: Workplace,
  work: (installation: Installation) => Promise<Result>,
): Promise<Result> {
  const installation = await openInstallation(config, () => undefined);
  try {
    await migrateInstallation(installation, letopis);
    return await work(installation);
  } finally {
    await installation.close();
  }
}

/** The connection of the database's owner. */
export function adminUrlOf({ admin }: Installation): string {
  if (admin === undefined) throw new Error('An embedded installation has an admin connection');
  return admin.url;
}
