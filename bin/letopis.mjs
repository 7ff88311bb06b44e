#!/usr/bin/env node
// Runs the command line from dist/, which is built first where it is missing or older than the sources.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const built = join(root, 'dist', 'apps', 'cli', 'src', 'main.js');

/** When the newest source changed, in milliseconds. */
function newest(directory) {
  let at = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    at = Math.max(at, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return at;
}

const stale = () =>
  !existsSync(built) ||
  Math.max(newest(join(root, 'apps')), newest(join(root, 'libs'))) > statSync(built).mtimeMs;

// An image for production holds dist/ and no sources.
if (existsSync(join(root, 'libs')) && stale()) {
  const nest = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [nest, 'build', 'api'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}\nThe build failed\n`);
    process.exit(1);
  }
}
createRequire(import.meta.url)(built);
