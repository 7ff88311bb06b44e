import { join } from 'node:path';
import { type MigrationSet } from '@letopis/event-store';

export const maxMigrations: MigrationSet = { component: 'max', directory: join(__dirname, 'migrations') };
