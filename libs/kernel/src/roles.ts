/**
 * Roles of the regulation and of those around it. `operator` runs the system and sees no content; `system` is Letopis
 * itself and the messenger's webhook, and no token carries it.
 */
export const ROLES = [
  'director',
  'deputy',
  'platform_admin',
  'curator',
  'teacher',
  'student',
  'parent',
  'pdn_officer',
  'inspector',
  'investigator',
  'founder',
  'operator',
  'system',
] as const;

export type Role = (typeof ROLES)[number];

/** Everyone who takes part in a school's life: they may report facts, whoever they are. */
export const PARTICIPANTS = [
  'director',
  'deputy',
  'platform_admin',
  'curator',
  'teacher',
  'student',
  'parent',
  'pdn_officer',
] as const satisfies readonly Role[];
