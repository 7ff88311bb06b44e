export * from './bots';
export * from './commands-of-updates';
export * from './migrations';
export * from './quarantine';
export * from './updates';
export * from './webhook';
