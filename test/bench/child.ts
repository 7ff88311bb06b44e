import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** As `npm start` and the image do: most of what a command makes is garbage soon after. */
const NODE_OPTIONS = ['--max-semi-space-size=64'];

/** Runs a server of this directory in a process of its own while `work` uses it. */
export async function withChild<Result>(
  name: string,
  environment: Readonly<Record<string, string>>,
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const child = fork(join(__dirname, `${name}.js`), {
    env: { ...process.env, ...environment },
    execArgv: NODE_OPTIONS,
  });
  try {
    return await work(await urlOf(child, name));
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
  }
}

function urlOf(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('message', (url) => resolve(typeof url === 'string' ? url : ''));
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`The process ${name} ended before it was ready`)));
  });
}

/** In the child: tells the parent where the server is. */
export function ready(url: string): void {
  process.send?.(url);
}
