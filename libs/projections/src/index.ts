import { join } from 'node:path';
import { type MigrationSet } from '@letopis/event-store';

export { type ProjectionFailure } from './checkpoints';
export { nullable, typed } from './columns';
export { type EventSource, type Prepare } from './pages';
export {
  type Apply,
  type Binding,
  defineProjection,
  type Handler,
  on,
  type ProjectedEvent,
  type Projection,
  searchPath,
} from './projection';
export { type RebuildOptions, type Rebuilt } from './rebuild';
export { type Rows } from './rows';
export {
  type ProjectionLog,
  ProjectionRuntime,
  type ProjectionRuntimeOptions,
  type ProjectionStatus,
  type Retried,
} from './runtime';
export { defineTable, type RowRef, type Shape, type Table } from './table';

export const projectionMigrations: MigrationSet = {
  component: 'projections',
  directory: join(__dirname, 'migrations'),
};
