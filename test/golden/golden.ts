import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A value as it was agreed upon, kept as JSON beside this file. Nothing changes it but `UPDATE_GOLDEN=1`, which writes
 * what the program gives now: the change then shows in the diff.
 */
export function expectGolden(name: string, value: unknown, hint: string): void {
  const file = join(__dirname, name);
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const golden = readGolden(name);
  if (golden === undefined) throw new Error(`test/golden/${name} is missing: ${hint}`);
  try {
    expect(JSON.parse(text)).toEqual(golden);
  } catch (error) {
    throw new Error(`test/golden/${name} is another: ${hint}`, { cause: error });
  }
}

/** What is kept under a name; undefined where nothing is. */
export function readGolden(name: string): unknown {
  let text: string;
  try {
    text = readFileSync(join(__dirname, name), 'utf8');
  } catch {
    return undefined;
  }
  const value: unknown = JSON.parse(text);
  return value;
}

/** Names of what is kept in a folder, without `.json`. */
export function listGolden(folder: string): readonly string[] {
  return readdirSync(join(__dirname, folder)).map((file) => file.replace(/\.json$/, ''));
}
