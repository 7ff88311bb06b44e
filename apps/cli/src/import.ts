import { readFile, writeFile } from 'node:fs/promises';
import {
  IMPORT_KINDS,
  IMPORTERS,
  importKinds,
  type ImportKindName,
  type ImportProblem,
  ImportService,
  type ImportView,
  TEMPLATE_FORMATS,
  templateOf,
} from '@letopis/imports';
import { LetopisError } from '@letopis/kernel';
import { type CliCommand, type OptionValues, textOf } from './cli-command';
import { withCore } from './with-core';

/** Who imports where nobody is named: whoever may use this machine. */
const COMMAND_LINE = '00000000-0000-4000-8000-000000000003';

export const importFile: CliCommand = {
  name: 'import',
  about: 'import a file of a school (CSV or XLSX), or write a template for one',
  operand: { name: 'file', about: 'the file; with --template, where the template is written' },
  options: {
    organization: { type: 'string', about: 'id of the organisation' },
    kind: { type: 'string', about: `what the file holds: ${IMPORT_KINDS.join(', ')}` },
    'dry-run': { type: 'boolean', about: 'only tell what would be recorded' },
    sheet: { type: 'string', about: 'name of the sheet (default: the first)' },
    role: { type: 'string', about: `in which role: ${IMPORTERS.join(', ')} (default platform_admin)` },
    person: { type: 'string', about: 'pseudonymous UUID of the person who imports' },
    template: { type: 'string', about: 'write a template of this kind instead' },
    format: { type: 'string', about: `of the template: ${TEMPLATE_FORMATS.join(', ')} (default xlsx)` },
  },
  run: (values) => (textOf(values, 'template') === undefined ? importOne(values) : writeTemplate(values)),
};

async function writeTemplate(values: OptionValues): Promise<void> {
  const kind = oneOf(values, 'template', IMPORT_KINDS);
  const format = oneOf(values, 'format', TEMPLATE_FORMATS, 'xlsx');
  const file = textOf(values, 'file') ?? `${kind}.${format}`;
  const template = await templateOf(importKinds[kind], format);
  await writeFile(file, template, { flag: 'wx' }).catch((cause: unknown) => {
    throw new LetopisError('invalid', `${file} cannot be written, or is there already`, { cause });
  });
  process.stdout.write(`${file}\n`);
}

async function importOne(values: OptionValues): Promise<void> {
  const kind = oneOf(values, 'kind', IMPORT_KINDS);
  const organizationId = textOf(values, 'organization')?.toLowerCase();
  const path = textOf(values, 'file');
  if (organizationId === undefined || path === undefined) {
    throw new LetopisError('invalid', '--organization and a file must be given');
  }
  const file = await readFile(path).catch((cause: unknown) => {
    throw new LetopisError('invalid', `${path} cannot be read`, { cause });
  });
  const caller = {
    id: textOf(values, 'person') ?? COMMAND_LINE,
    roles: [oneOf(values, 'role', IMPORTERS, 'platform_admin')],
  };
  const view = await withCore(async (core) => {
    await core.projections.advance();
    const imports = new ImportService(core);
    const request = {
      organizationId,
      kind,
      caller,
      dryRun: values['dry-run'] === true,
      sheet: textOf(values, 'sheet'),
    };
    const id = await imports.accept(request, file);
    await imports.run(id, () => Promise.resolve(), true);
    await core.projections.advance();
    return imports.read(organizationId, id);
  });
  process.stdout.write(told(view));
  if (view.problems.some(({ severity }) => severity === 'error')) process.exitCode = 1;
}

function oneOf<const Values extends readonly string[]>(
  values: OptionValues,
  name: string,
  allowed: Values,
  otherwise?: Values[number],
): Values[number] {
  const text = textOf(values, name) ?? otherwise;
  const value = allowed.find((candidate) => candidate === text);
  if (value === undefined)
    throw new LetopisError('invalid', `--${name} must be one of: ${allowed.join(', ')}`);
  return value;
}

/** What became of an import, in Russian: it is the school that reads it. */
function told({ kind, dryRun, status, result, problems, problemsLeftOff }: ImportView): string {
  const done = dryRun ? 'было бы записано' : 'записано';
  return [
    `${titleOf(kind)}: ${status === 'failed' ? 'файл не загружен' : `строк ${result.rows}, с ошибками ${result.rowsWithErrors}`}`,
    ...result.commands.map(
      ({ titleRu, recorded, unchanged, refused, notAllowed }) =>
        `  ${titleRu}: ${done} ${recorded}, уже было ${unchanged}, отказано ${refused}` +
        (notAllowed > 0 ? `, не выполнялось ${notAllowed}` : ''),
    ),
    ...problems.map(lineOf),
    ...(problemsLeftOff > 0 ? [`… и ещё ${problemsLeftOff}`] : []),
    '',
  ].join('\n');
}

function titleOf(kind: ImportKindName): string {
  return importKinds[kind].titleRu;
}

function lineOf({ severity, row, column, message, remedy }: ImportProblem): string {
  const place = [
    row === null ? 'файл' : `строка ${row}`,
    ...(column === null ? [] : [`столбец «${column}»`]),
  ].join(', ');
  return `${severity === 'error' ? 'ошибка' : 'внимание'}: ${place}: ${message}. ${remedy}.`;
}
