import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsPage } from '../../apps/cli/src/docs';

/** The words of a page: how its tables are padded is the formatter's business. */
function wordsOf(markdown: string): readonly string[] {
  return markdown.split(/[-\s|]+/).filter((word) => word !== '');
}

it('given the declared commands, then docs/commands.md says the same (npm run docs writes it)', () => {
  const page = readFileSync(join(__dirname, '../../docs/commands.md'), 'utf8');
  expect(wordsOf(page)).toEqual(wordsOf(commandsPage()));
});
