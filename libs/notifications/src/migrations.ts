import { join } from 'node:path';
import { type MigrationSet } from '@letopis/event-store';

export const notificationMigrations: MigrationSet = {
  component: 'notifications',
  directory: join(__dirname, 'migrations'),
};
