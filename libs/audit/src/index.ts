export * from './audit-trail.projection';
export * from './names';
export * from './people';
export { registerProjections, registers } from './registers/catalogue';
export { type Cell, type PersonalCell, type PersonCell, type Row } from './registers/cells';
export { documentOf, type Format, FORMATS } from './registers/document';
export { FORMS, type Register, schemaOfPage } from './registers/register';
export { type RegisterPage, type RegisterQuestion, Registers } from './registers/registers';
export { type PersonalData, type Sealed } from './registers/sealed';
