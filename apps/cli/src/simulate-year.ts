import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type JsonObject, LetopisError, parseJson, type Role, ROLES } from '@letopis/kernel';
import {
  FULL_SIZE,
  type GroundTruth,
  interleaved,
  LEAST_CLASSES,
  lineOf,
  simulateYear,
  sizeOf,
  type SimulatedYear,
  type Step,
  type YearSummary,
} from '@letopis/simulator';
import { integerOf, type OptionValues, textOf } from './cli-command';
import { playSteps } from './play-steps';
import { withCore } from './with-core';

/** Options of `simulate` that are about a whole year. */
export const yearOptions = {
  year: { type: 'boolean', about: 'a whole school year, with breaches of every control planted in it' },
  classes: { type: 'string', about: `how many classes a school has (default ${FULL_SIZE.classes})` },
  messages: { type: 'string', about: 'messages a month in a chat of a class (default 60)' },
  'time-zone': { type: 'string', about: 'IANA time zone of the schools (default Europe/Moscow)' },
  interleave: { type: 'boolean', about: 'the schools together in order of time, not one after another' },
  out: { type: 'string', about: 'write the year to this file (NDJSON) instead of carrying it out' },
  truth: { type: 'string', about: 'write to this file (JSON) what was planted' },
  play: { type: 'string', about: 'carry out a file that was written with --out' },
} as const;

/** What is known of a year once its steps were taken. */
interface Told {
  readonly truth: GroundTruth;
  readonly summary: YearSummary;
}

/**
 * Writes or carries out whole years. One after another, each is forgotten before the next begins; together, all of them
 * are in memory at once.
 *
 * @throws LetopisError `invalid` where an option is wrong; `rule-violated` where a command was refused
 */
export async function simulateYears(values: OptionValues): Promise<void> {
  const told: Told[] = [];
  const tell = (year: SimulatedYear): void => {
    told.push({ truth: year.truth(), summary: year.summary() });
  };
  const years = yearsOf(values);
  const steps = values.interleave === true ? together([...years], tell) : oneAfterAnother(years, tell);
  const out = textOf(values, 'out');
  if (out === undefined) await carryOut(steps);
  else await pipeline(Readable.from(linesOf(steps)), createWriteStream(out));
  for (const { truth, summary } of told) {
    const commands = `${sumOf(summary.commands)} commands, ${sumOf(summary.events)} events`;
    process.stdout.write(`${truth.organizationId}  ${truth.name}  ${commands}\n`);
  }
  const file = textOf(values, 'truth');
  if (file === undefined) return;
  const schools = told.map(({ truth, summary }) => ({ ...truth, summary }));
  await writeFile(file, `${JSON.stringify({ schools }, null, 2)}\n`);
}

/** Carries out a file that `simulateYears` wrote. @throws LetopisError `invalid` where a line is none of its lines */
export async function playFile(path: string): Promise<void> {
  await carryOut(stepsOf(path));
}

function* yearsOf(values: OptionValues): Generator<SimulatedYear> {
  const schools = integerOf(values, 'schools', 1, 1, 1_000);
  const seed = integerOf(values, 'seed', 1, 0, 2 ** 31);
  const classes = integerOf(values, 'classes', FULL_SIZE.classes, LEAST_CLASSES, 60);
  const messagesPerMonth = integerOf(values, 'messages', 60, 1, 10_000);
  const timeZone = textOf(values, 'time-zone') ?? 'Europe/Moscow';
  for (let school = 0; school < schools; school += 1) {
    yield simulateYear({ seed, school, ...sizeOf(classes), messagesPerMonth, timeZone });
  }
}

function* oneAfterAnother(
  years: Iterable<SimulatedYear>,
  tell: (year: SimulatedYear) => void,
): Generator<Step> {
  for (const year of years) {
    yield* year.steps;
    tell(year);
  }
}

function* together(years: readonly SimulatedYear[], tell: (year: SimulatedYear) => void): Generator<Step> {
  yield* interleaved(years.map(({ steps }) => steps));
  years.forEach(tell);
}

function* linesOf(steps: Iterable<Step>): Generator<string> {
  for (const step of steps) yield lineOf(step);
}

async function carryOut(steps: Iterable<Step> | AsyncIterable<Step>): Promise<void> {
  await withCore(async (core) => {
    const tell = (commands: number): void => {
      if (commands % 10_000 === 0) process.stderr.write(`${commands} commands\n`);
    };
    const { commands, events, refused, reasons, ahead } = await playSteps(core, steps, tell);
    process.stdout.write(`${commands} commands carried out, ${events} events recorded\n`);
    if (ahead > 0) process.stdout.write(`${ahead} commands lie ahead of the clock and were left out\n`);
    await core.projections.advance();
    if (refused === 0) return;
    for (const reason of reasons) process.stdout.write(`  refused: ${reason}\n`);
    throw new LetopisError('rule-violated', `${refused} commands were refused`);
  });
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** The steps of a file that `simulateYears` wrote. @throws LetopisError `invalid` at a line that is none */
export async function* stepsOf(path: string): AsyncGenerator<Step> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() !== '') yield stepOf(line, number);
  }
}

function stepOf(line: string, number: number): Step {
  const { organizationId, caller, command, payload, occurredAt, idempotencyKey } =
    objectIn(parsed(line, number)) ?? {};
  const { id, role } = objectIn(caller) ?? {};
  const known = ROLES.find((one): one is Role => one === role);
  const content = objectIn(payload);
  if (
    typeof organizationId !== 'string' ||
    typeof command !== 'string' ||
    typeof occurredAt !== 'string' ||
    typeof idempotencyKey !== 'string' ||
    typeof id !== 'string' ||
    known === undefined ||
    content === undefined
  ) {
    throw notALine(number);
  }
  return {
    organizationId,
    caller: { id, role: known },
    command,
    payload: content,
    occurredAt,
    idempotencyKey,
  };
}

function parsed(line: string, number: number): unknown {
  try {
    return parseJson(line);
  } catch (cause) {
    throw notALine(number, cause);
  }
}

function objectIn(value: unknown): JsonObject | undefined {
  const isObject = (it: unknown): it is JsonObject =>
    typeof it === 'object' && it !== null && !Array.isArray(it);
  return isObject(value) ? value : undefined;
}

function notALine(number: number, cause?: unknown): LetopisError {
  return new LetopisError(
    'invalid',
    `Line ${number} is not a line that "simulate --out" writes: organizationId, caller {id, role}, command, payload, ` +
      'occurredAt and idempotencyKey are needed',
    { cause },
  );
}
