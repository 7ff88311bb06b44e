export * from './catalogue';
export * from './import-service';
export { type ImportStatus, type ImportView } from './import-store';
export { IMPORT_KINDS, type ImportKindName } from './kind';
export * from './migrations';
export { type ImportProblem } from './mistakes';
export { MAX_FILE_BYTES } from './table';
export { MEDIA_TYPES, TEMPLATE_FORMATS, type TemplateFormat, templateOf } from './template';
