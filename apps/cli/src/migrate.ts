import { letopis } from '@letopis/api';
import { migrateInstallation } from '@letopis/platform';
import { type CliCommand } from './cli-command';
import { withInstallation } from './with-core';

export const migrateDatabase: CliCommand = {
  name: 'migrate',
  about: 'bring the database up to date',
  options: {},
  run: () =>
    withInstallation(async (installation) => {
      const applied = await migrateInstallation(installation, letopis);
      const list = applied.map(({ component, name }) => `applied ${component}/${name}\n`).join('');
      process.stdout.write(list === '' ? 'The database is up to date\n' : list);
    }),
};
