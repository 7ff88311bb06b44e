export * from './calendar';
export * from './catalogue';
export * from './control';
export * from './evaluation';
export { FINDING_STATES, type FindingState, type Judgement, SEVERITIES, type Severity } from './findings';
export { type Mark } from './marks';
export * from './rules';
export * from './compliance.projection';
