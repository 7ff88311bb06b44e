export * from './comparison';
export * from './content';
export { DOCUMENT_FORMATS, type DocumentFormat } from './documents/document';
export { FOUNDER_TIME_ZONE } from './founder-report';
export * from './report-document';
export * from './report-service';
export {
  reportsProjection,
  type ReportCheck,
  type ReportStanding,
  type Revision,
} from './reports.projection';
