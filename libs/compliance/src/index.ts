import { join } from 'node:path';
import { type MigrationSet } from '@letopis/event-store';

export * from './calendar';
export * from './catalogue';
export * from './compliance-view';
export { catalogueVersion, complianceProjection } from './compliance.projection';
export * from './control';
export { OBSERVED } from './controls/c03-administrator';
export * from './declared-controls';
export * from './decisions';
export * from './decrees';
export * from './evaluation';
export { Evaluator, isKept, isPressing, tallyOf } from './evaluator';
export {
  eventTitleRu,
  explanationOf,
  FINDING_STATES,
  type FindingState,
  type Judgement,
  SEVERITIES,
  type Severity,
} from './findings';
export * from './forms';
export { type Mark } from './marks';
export * from './mentions';
export * from './parameters';
export * from './preconditions';
export * from './rules';
export * from './terms';
export * from './workflow';
export { inRussian } from './zones';

export const complianceMigrations: MigrationSet = {
  component: 'compliance',
  directory: join(__dirname, 'migrations'),
};
