export * from './event-store';
export { type AppliedMigration, migrate, type MigrationSet, type MigrationTarget } from './postgres/migrate';
export {
  eventStoreMigrations,
  PostgresEventStore,
  type PostgresEventStoreOptions,
} from './postgres/postgres-event-store';
export { KurrentEventStore, type KurrentEventStoreOptions } from './kurrentdb/kurrent-event-store';
