import { type Labels } from './register';

/** Roles of the platform (clause 1.3). */
export const PLATFORM_ROLES_RU: Labels = { teacher: 'педагог', student: 'обучающийся', parent: 'родитель' };

/** Kinds of chats (clauses 3.2.4, 3.3.3, 3.4.3). */
export const CHAT_KINDS_RU: Labels = {
  head_deputies: 'директор и заместители',
  head_teachers: 'директор и педагоги',
  management: 'управленческие задачи',
  class_students: 'обучающиеся класса',
  class_parents: 'родители класса',
  subject: 'учебный предмет',
  other: 'иной',
};

/** Kinds of movement (clause 3.1.9). */
export const MOVEMENTS_RU: Labels = {
  enrolled: 'зачислен',
  transferred: 'переведён',
  departed: 'отчислен',
  hired: 'принят на работу',
  dismissed: 'уволен',
  leave: 'отпуск',
};
