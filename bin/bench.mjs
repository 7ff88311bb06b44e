#!/usr/bin/env node
// Compiles the product and its benchmarks into a directory of their own, so that a build meanwhile disturbs nothing, and
// runs them: npm run bench -- --help
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const swc = join(root, 'node_modules', '@swc', 'cli', 'bin', 'swc.js');
// Within node_modules, where packages are found and git does not look.
const caches = join(root, 'node_modules', '.cache');
mkdirSync(caches, { recursive: true });
const compiled = mkdtempSync(join(caches, 'letopis-bench-'));

// A Ctrl-C reaches the benchmarks as well: they end what they began, and then there is something to remove.
process.on('SIGINT', () => undefined);
try {
  const node = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
  const options = ['--config-file', '.swcrc', '--copy-files', '--quiet', '-d', compiled];
  process.exitCode =
    node(swc, 'apps', 'libs', 'test/bench', ...options) ||
    node(
      '--max-semi-space-size=64',
      '--enable-source-maps',
      join(compiled, 'test', 'bench', 'main.js'),
      ...process.argv.slice(2),
    );
} finally {
  rmSync(compiled, { recursive: true, force: true });
}
