import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { isLetopisError, LetopisError } from '@letopis/kernel';
import { tell } from '@letopis/platform';
import { type CliCommand } from './cli-command';
import { docs } from './docs';
import { importFile } from './import';
import { max } from './max';
import { migrateDatabase } from './migrate';
import { organizations } from './organizations';
import { rebuild } from './rebuild';
import { simulate } from './simulate';
import { start } from './start';
import { token } from './token';

const startCommand: CliCommand = {
  name: 'start',
  about: 'start everything in one process: database, API, worker',
  options: {},
  run: start,
};

const commands: readonly CliCommand[] = [
  startCommand,
  token,
  organizations,
  simulate,
  importFile,
  ...max,
  migrateDatabase,
  rebuild,
  docs,
];

function usage(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'usage: letopis <command> [options]',
    '',
    ...commands.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`),
    '',
    'letopis <command> --help shows its options.',
    '',
  ].join('\n');
}

function helpOf({ name, about, operand, options }: CliCommand): string {
  return [
    `usage: letopis ${name} [options]${operand === undefined ? '' : ` [${operand.name}]`}`,
    '',
    `  ${about}`,
    '',
    ...(operand === undefined ? [] : [`  ${operand.name.padEnd(16)} ${operand.about}`]),
    ...Object.entries(options).map(([option, { about: text }]) => `  --${option.padEnd(14)} ${text}`),
    '',
  ].join('\n');
}

async function main(args: readonly string[]): Promise<void> {
  const [name, second] = args;
  const pair = commands.find((candidate) => candidate.name === `${name} ${second}`);
  const command = pair ?? commands.find((candidate) => candidate.name === name);
  const rest = args.slice(pair === undefined ? 1 : 2);
  if (command === undefined) {
    process.stdout.write(usage());
    if (name !== undefined && name !== '--help') process.exitCode = 2;
    return;
  }
  if (rest.includes('--help')) {
    process.stdout.write(helpOf(command));
    return;
  }
  await command.run(valuesOf(command, rest));
}

function valuesOf(
  command: CliCommand,
  args: string[],
): Readonly<Record<string, string | boolean | undefined>> {
  try {
    const options = Object.fromEntries(
      Object.entries(command.options).map(([option, { type }]) => [option, { type }]),
    );
    const { operand } = command;
    const { values, positionals } = parseArgs({
      args,
      options,
      strict: true,
      allowPositionals: operand !== undefined,
    });
    if (positionals.length > 1) throw new Error(`Unexpected argument '${positionals[1] ?? ''}'`);
    return operand === undefined ? values : { ...values, [operand.name]: positionals[0] };
  } catch (error) {
    throw new LetopisError(
      'invalid',
      `${error instanceof Error ? error.message : String(error)}\n\n${helpOf(command)}`,
    );
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  tell(error);
  process.exitCode = isLetopisError(error, 'invalid') ? 2 : 1;
});
