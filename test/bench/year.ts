import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { letopis } from '@letopis/api';
import { type AnyEvent, type Concept, fold, streamOf, systemClock } from '@letopis/kernel';
import { type Core, createLog, type Installation, openCore } from '@letopis/platform';
import { school } from '@letopis/school';
import { FULL_SIZE, lineOf, simulateYear } from '@letopis/simulator';
import { playSteps } from '../../apps/cli/src/play-steps';
import { stepsOf } from '../../apps/cli/src/simulate-year';
import { type Check, reached } from './results';
import { figureOf } from './rounds';

const SEED = 7;
const FOLDS = 21;

/**
 * The year of a school of full size: written to a file as NDJSON, then carried out from it, each round another school.
 * Then the longest stream on which anything is decided is read and folded over and over.
 */
export async function measureYear(installation: Installation, rounds: number): Promise<readonly Check[]> {
  const directory = await mkdtemp(join(tmpdir(), 'letopis-bench-year-'));
  const core = await openCore(installation, letopis, { clock: systemClock, log: createLog('silent') });
  try {
    const paces: number[] = [];
    // A year takes long enough to warm up by itself.
    for (let round = 0; round < rounds; round += 1) {
      const file = join(directory, `${round}.ndjson`);
      await writeYear(file, round);
      paces.push(await carryOut(core, file));
      await rm(file);
    }
    const ingest = figureOf('commands of a school year from NDJSON', 'commands/s', paces);
    const { stream, events, folds } = await foldLongest(core);
    const folding = figureOf(`fold of ${stream.split('-')[0]} stream, ${events} events`, 'ms', folds);
    return [
      reached('A simulated year from NDJSON', ingest, { sense: 'at least', value: 8_000 }),
      reached('Fold of the longest stream of a year', folding, { sense: 'at most', value: 5 }),
    ];
  } finally {
    await core.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function writeYear(file: string, school: number): Promise<void> {
  const { steps } = simulateYear({ seed: SEED, school, ...FULL_SIZE });
  const lines = function* (): Generator<string> {
    for (const step of steps) yield lineOf(step);
  };
  await pipeline(Readable.from(lines()), createWriteStream(file));
}

/** Commands a second, from the first line read to the last command recorded. */
async function carryOut(core: Core, file: string): Promise<number> {
  const began = performance.now();
  const { commands, refused, reasons } = await playSteps(core, stepsOf(file));
  if (refused > 0) throw new Error(`The year is refused: ${reasons[0]}`);
  return (commands * 1_000) / (performance.now() - began);
}

async function foldLongest(core: Core): Promise<{
  readonly stream: string;
  readonly events: number;
  readonly folds: readonly number[];
}> {
  const decided = school.concepts.filter(({ journal }) => journal !== true);
  const { rows } = await core.database.query<{ organization_id: string; stream: string }>(
    `SELECT organization_id, stream FROM letopis.events WHERE split_part(stream, '-', 1) = ANY ($1)
     GROUP BY organization_id, stream ORDER BY count(*) DESC LIMIT 1`,
    [decided.map(({ name }) => name)],
  );
  const [row] = rows;
  const concept: Concept | undefined = decided.find(({ name }) =>
    row?.stream.startsWith(streamOf({ name }, '')),
  );
  if (row === undefined || concept === undefined) throw new Error('The year has left no stream');
  const { organization_id: organizationId, stream } = row;
  const events: readonly AnyEvent[] = await core.store.readStream({ organizationId, stream });
  const folds = Array.from({ length: FOLDS }, () => {
    const began = performance.now();
    fold(concept, events);
    return performance.now() - began;
  });
  return { stream, events: events.length, folds };
}
