import { derivedId } from '@letopis/kernel';
import { importKinds } from './catalogue';
import { Groups, type LiveGroup } from './groups';
import { type ImportKindName } from './kind';
import { Mistake } from './mistakes';
import { type Alias, People } from './people';
import { type ImportPlan, planImport } from './plan';
import { readTable } from './table';

export const ORGANIZATION = derivedId('test', 'organization');

/** A stable id for a name. */
export const idOf = (name: string): string => derivedId('test', name);

export const GROUPS: readonly LiveGroup[] = [
  { groupId: idOf('5А'), kind: 'class', title: '5А' },
  { groupId: idOf('5Б'), kind: 'class', title: '5Б' },
  { groupId: idOf('Шахматы'), kind: 'club', title: 'Шахматы' },
];

interface OnRecord {
  readonly groups?: readonly LiveGroup[];
  readonly people?: readonly Alias[];
}

/** The plan of a file on what is on record. @throws Mistake where the file can give none */
export async function planOf(
  kind: ImportKindName,
  file: Buffer | string,
  { groups = GROUPS, people = [] }: OnRecord = {},
): Promise<ImportPlan> {
  return planImport(importKinds[kind], await readTable(Buffer.from(file)), {
    organizationId: ORGANIZATION,
    timeZone: 'Asia/Yekaterinburg',
    now: new Date('2025-11-17T14:05:00Z'),
    groups: new Groups(groups),
    people: new People((...parts) => derivedId('test', ...parts), people),
  });
}

/** By what people are known after these files were imported. */
export async function aliasesOf(
  ...files: readonly (readonly [ImportKindName, Buffer | string])[]
): Promise<readonly Alias[]> {
  const aliases: Alias[] = [];
  for (const [kind, file] of files) {
    const { commands } = await planOf(kind, file, { people: aliases });
    aliases.push(...commands.flatMap(({ aliases: learnt = [] }) => learnt));
  }
  return aliases;
}

/** The mistake that `act` throws. @throws Error where it throws none */
export function mistakeOf(act: () => unknown): Mistake {
  try {
    act();
  } catch (error) {
    if (error instanceof Mistake) return error;
    throw error;
  }
  throw new Error('There was no mistake');
}
