import { type Column } from './columns';
import { type PlannedCommand, type Sheet } from './sheet';

export const IMPORT_KINDS = [
  'staff',
  'pupils',
  'parents',
  'classes',
  'class-teachers',
  'teaching-load',
  'chats',
  'links',
  'movements',
] as const;
export type ImportKindName = (typeof IMPORT_KINDS)[number];

/** A kind of file, declared once: its template, its checks and its commands all follow from here. */
export interface ImportKind {
  readonly name: ImportKindName;
  readonly titleRu: string;
  readonly columns: readonly Column[];
  /** Of each list at least one column has to be there. */
  readonly needed: readonly (readonly Column[])[];
  /** Cells by heading; invented. */
  readonly examples: readonly Readonly<Record<string, string>>[];
  /**
   * The commands of rows whose cells hold what their columns do. Pure: the same rows on the same record give the same.
   *
   * @throws Mistake where the file as a whole can give none
   */
  plan(sheet: Sheet): Promise<readonly PlannedCommand[]>;
}
