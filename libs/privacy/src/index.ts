export * from './key-vault';
export { MasterKey } from './master-key';
export * from './personal-fields';
