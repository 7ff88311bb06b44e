import { type ImportKind, type ImportKindName } from './kind';
import { chats } from './kinds/chats';
import { classTeachers } from './kinds/class-teachers';
import { classes } from './kinds/classes';
import { links } from './kinds/links';
import { movements } from './kinds/movements';
import { parents } from './kinds/parents';
import { pupils } from './kinds/pupils';
import { staff } from './kinds/staff';
import { teachingLoad } from './kinds/teaching-load';

/** Every kind of file that can be imported. */
export const importKinds: Readonly<Record<ImportKindName, ImportKind>> = {
  staff,
  pupils,
  parents,
  classes,
  'class-teachers': classTeachers,
  'teaching-load': teachingLoad,
  chats,
  links,
  movements,
};
