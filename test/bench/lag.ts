import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { newId } from '@letopis/kernel';
import { joinEmbedded } from '@letopis/platform';
import { reportBody, reportPath, tokenFor } from './http';
import { type Check, reached } from './results';
import { figureOf, quantile } from './rounds';
import { type Workplace } from './workplace';

const COMMANDS_A_SECOND = 300;
const WARM_UP_MS = 3_000;
const MEASURE_MS = 15_000;
const POLL_MS = 5;
const PATIENCE_MS = 30_000;
const VIEWS = ['audit-trail', 'compliance'];

interface Acknowledged {
  readonly at: number;
  readonly position: bigint;
}

/** Where both views were at an instant. */
interface Seen {
  readonly at: number;
  readonly position: bigint;
}

/**
 * Runs the whole program as `npm start` does and sends it commands at an even pace. The lag of a command: from its answer
 * until the position of both views is at or behind it, as a poll sees it.
 */
export async function measureLag(workplace: Workplace): Promise<readonly Check[]> {
  return withProgram(workplace, async (url) => {
    const installation = await joinEmbedded(workplace.config);
    const organizationId = newId();
    const token = await tokenFor(installation, organizationId, ['teacher']);
    const watch = await Watch.begin(installation.databaseUrl);
    try {
      const target = { url: `${url}${reportPath(organizationId)}`, token };
      await sendEvenly(target, WARM_UP_MS);
      const answers = await sendEvenly(target, MEASURE_MS);
      const lags = await watch.lagsOf(answers);
      const p50 = figureOf(`lag of ${lags.length.toLocaleString('en')} commands, p50`, 'ms', [
        quantile(lags, 0.5),
      ]);
      const p99 = figureOf('the same, p99', 'ms', [quantile(lags, 0.99)]);
      const name = `Acknowledged to visible at ${COMMANDS_A_SECOND} commands/s`;
      return [reached(`${name}, p50`, p50), reached(`${name}, p99`, p99, { sense: 'at most', value: 500 })];
    } finally {
      await watch.end();
    }
  });
}

/** `letopis start` in a process of its own. */
async function withProgram<Result>(
  { environment }: Workplace,
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const program = spawn(
    process.execPath,
    [join(__dirname, '..', '..', 'apps', 'cli', 'src', 'main.js'), 'start'],
    { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(program, 'exit');
  try {
    for await (const line of createInterface({ input: program.stdout })) {
      const [, url] = /ready: (http\S+)/.exec(line) ?? [];
      if (url !== undefined) return await work(url);
    }
    throw new Error('The program ended before it was ready');
  } finally {
    program.kill('SIGTERM');
    await ended;
  }
}

/** Keeps the pace whether answers come or not. */
async function sendEvenly(
  { url, token }: { readonly url: string; readonly token: string },
  milliseconds: number,
): Promise<readonly Acknowledged[]> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const send = async (): Promise<Acknowledged> => {
    const response = await fetch(url, { method: 'POST', headers, body: reportBody(newId()) });
    const answer = await response.text();
    const at = performance.now();
    const [, position] = /"position":"(\d+)"/.exec(answer) ?? [];
    if (position === undefined) throw new Error(`A command was refused: ${answer}`);
    return { at, position: BigInt(position) };
  };
  const sent: Promise<Acknowledged>[] = [];
  const began = performance.now();
  for (let passed = 0; passed < milliseconds; passed = performance.now() - began) {
    while (sent.length < (passed / 1_000) * COMMANDS_A_SECOND) sent.push(send());
    await sleep(1);
  }
  return Promise.all(sent);
}

/** Looks every few milliseconds how far the views are. */
class Watch {
  private readonly seen: Seen[] = [];
  private watching = true;
  private readonly done: Promise<void>;

  private constructor(private readonly client: Client) {
    this.done = this.look();
  }

  static async begin(url: string): Promise<Watch> {
    const client = new Client({ connectionString: url });
    await client.connect();
    return new Watch(client);
  }

  /** In milliseconds; waits until the last of them is visible. */
  async lagsOf(answers: readonly Acknowledged[]): Promise<readonly number[]> {
    const last = answers.reduce((max, { position }) => (position > max ? position : max), 0n);
    for (const deadline = performance.now() + PATIENCE_MS; (this.seen.at(-1)?.position ?? 0n) < last;) {
      if (performance.now() > deadline) throw new Error('The views do not catch up');
      await sleep(POLL_MS);
    }
    return answers.map(({ at, position }) => Math.max(0, this.firstAt(position) - at));
  }

  async end(): Promise<void> {
    this.watching = false;
    await this.done;
    await this.client.end();
  }

  private async look(): Promise<void> {
    while (this.watching) {
      const { rows } = await this.client.query<{ position: string }>({
        name: 'look',
        text: `SELECT min(position) AS position FROM letopis.projection_checkpoints
               WHERE place = 'live' AND projection = ANY ($1)`,
        values: [VIEWS],
      });
      const position = BigInt(rows[0]?.position ?? 0);
      if (position !== this.seen.at(-1)?.position) this.seen.push({ at: performance.now(), position });
      await sleep(POLL_MS);
    }
  }

  /** When the views were first seen at or behind `position`. */
  private firstAt(position: bigint): number {
    let [low, high] = [0, this.seen.length - 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.seen[middle]?.position ?? 0n) >= position) high = middle;
      else low = middle + 1;
    }
    return this.seen[low]?.at ?? Infinity;
  }
}
