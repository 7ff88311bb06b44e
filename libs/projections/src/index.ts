import { join } from 'node:path';
import { type MigrationSet } from '@letopis/event-store';

export { type ProjectionFailure } from './checkpoints';
export { type Columns, type KeyOf, type NewRow, nullable, type Row, typed } from './columns';
export { type EventSource, type Prepare } from './pages';
export {
  type Binding,
  defineProjection,
  type Handler,
  type HandlerDeclaration,
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
export { defineTable, type RowRef, type Table } from './table';

export const projectionMigrations: MigrationSet = {
  component: 'projections',
  directory: join(__dirname, 'migrations'),
};
