export * from './control-report';
export * from './report-service';
