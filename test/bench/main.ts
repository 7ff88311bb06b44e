import 'reflect-metadata';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { inspect, parseArgs } from 'node:util';
import { makeAuditTables } from './audit-table';
import { measureBatches } from './batches';
import { measureCompliance } from './compliance';
import { measureHttp } from './http';
import { measureLag } from './lag';
import { measureRebuild } from './rebuild';
import { type Check, isMet, tableOf } from './results';
import { measureStore } from './store';
import { measureYear } from './year';
import { adminUrlOf, inWorkplace, installed } from './workplace';

const PARTS = ['store', 'http', 'batches', 'year', 'rebuild', 'lag', 'compliance'] as const;
type Part = (typeof PARTS)[number];
/** Each is the year of a whole school. */
const YEARS = 3;

const USAGE = `usage: npm run bench -- [options]

  --only <parts>   of ${PARTS.join(', ')}; comma-separated (default: all)
  --rounds <n>     rounds of each measurement (default 5)
  --out <file>     where the results go as JSON (default .data/bench.json)
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: PARTS.join(',') },
      rounds: { type: 'string', default: '5' },
      out: { type: 'string', default: '.data/bench.json' },
      help: { type: 'boolean', default: false },
    },
  });
  const wanted = values.only.split(',');
  const parts = PARTS.filter((part) => wanted.includes(part));
  const rounds = Number(values.rounds);
  if (values.help || parts.length !== wanted.length || !Number.isInteger(rounds) || rounds < 1) {
    process.stdout.write(USAGE);
    if (!values.help) process.exitCode = 2;
    return;
  }
  const checks = await measure(new Set(parts), rounds);
  const machine = `${cpus().length} cores, Node ${process.versions.node}, embedded PostgreSQL 18`;
  process.stdout.write(`\n${machine}\n\n${tableOf(checks)}`);
  await mkdir(dirname(values.out), { recursive: true });
  const results = checks.map((check) => ({ ...check, met: isMet(check) }));
  await writeFile(values.out, `${JSON.stringify({ at: new Date(), machine, checks: results }, null, 2)}\n`);
}

/** Each part on a store that holds only what it needs; what a user would have first runs on a filled one. */
async function measure(parts: ReadonlySet<Part>, rounds: number): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const part = async (name: Part, work: () => Promise<readonly Check[]>): Promise<void> => {
    if (!parts.has(name)) return;
    const began = performance.now();
    checks.push(...(await work()));
    process.stderr.write(`${name}: ${Math.round((performance.now() - began) / 1_000)} s\n`);
  };
  await inWorkplace((workplace) =>
    installed(workplace, async (installation) => {
      await makeAuditTables(adminUrlOf(installation));
      await part('store', () => measureStore(installation, rounds));
      await part('http', () => measureHttp(workplace, installation, rounds));
      await part('batches', () => measureBatches(workplace, installation, rounds));
    }),
  );
  await inWorkplace((workplace) =>
    installed(workplace, (installation) => part('year', () => measureYear(installation, YEARS))),
  );
  await inWorkplace(async (workplace) => {
    await installed(workplace, (installation) => part('rebuild', () => measureRebuild(installation, rounds)));
    await part('lag', () => measureLag(workplace));
  });
  await inWorkplace((workplace) =>
    installed(workplace, (installation) => part('compliance', () => measureCompliance(installation))),
  );
  return checks;
}

main().catch((error: unknown) => {
  process.stderr.write(`${inspect(error)}\n`);
  process.exitCode = 1;
});
