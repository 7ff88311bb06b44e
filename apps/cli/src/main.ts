import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { isLetopisError, LetopisError } from '@letopis/kernel';
import { tell } from '@letopis/platform';
import { type CliCommand } from './cli-command';
import { docs } from './docs';
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

function helpOf({ name, about, options }: CliCommand): string {
  return [
    `usage: letopis ${name} [options]`,
    '',
    `  ${about}`,
    '',
    ...Object.entries(options).map(([option, { about: text }]) => `  --${option.padEnd(14)} ${text}`),
    '',
  ].join('\n');
}

async function main([name, ...rest]: readonly string[]): Promise<void> {
  const command = commands.find((candidate) => candidate.name === name);
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
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
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
