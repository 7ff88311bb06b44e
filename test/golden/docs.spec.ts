import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogueOf, partsOfLetopis } from '../../apps/cli/src/catalogue-page';
import { controlsOnPage, controlsPage } from '../../apps/cli/src/controls-page';
import { commandsPage } from '../../apps/cli/src/docs';

/** The words of a page: how its tables are padded is the formatter's business. */
function wordsOf(markdown: string): readonly string[] {
  return markdown.split(/[-\s|]+/).filter((word) => word !== '');
}

function pageOf(name: string): readonly string[] {
  return wordsOf(readFileSync(join(__dirname, '../../docs', name), 'utf8'));
}

it('given the declared commands, then docs/commands.md says the same (npm run docs writes it)', () => {
  expect(pageOf('commands.md')).toEqual(wordsOf(commandsPage()));
});

it('given the declared controls, then docs/controls.md says the same (npm run docs writes it)', () => {
  expect(pageOf('controls.md')).toEqual(wordsOf(controlsPage(controlsOnPage())));
});

describe('the catalogue of the regulation', () => {
  const { page, hanging } = catalogueOf(partsOfLetopis());

  it('given what Letopis consists of, then nothing is left hanging', () => {
    expect(hanging).toEqual([]);
  });

  it('given what Letopis consists of, then docs/catalogue.md says the same (npm run docs writes it)', () => {
    expect(pageOf('catalogue.md')).toEqual(wordsOf(page));
  });
});
