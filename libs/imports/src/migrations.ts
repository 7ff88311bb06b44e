import { join } from 'node:path';
import { type MigrationSet } from '@letopis/event-store';

export const importMigrations: MigrationSet = {
  component: 'imports',
  directory: join(__dirname, 'migrations'),
};
