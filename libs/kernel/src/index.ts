export * from './clock';
export * from './decider';
export * from './envelope';
export * from './errors';
export * from './ids';
export * from './declarations';
export * from './roles';
export * from './json';
