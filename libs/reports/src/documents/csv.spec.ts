import { parse } from 'csv-parse/sync';
import { type ControlReportContent } from '../content';
import { csvOf } from './csv';
import { bytesOf, controlContent, founderContent, optionsFor } from './testing';

async function csv(...of: Parameters<typeof csvOf>): Promise<string> {
  return (await bytesOf(csvOf(...of))).toString('utf8');
}

function rows(text: string): readonly Record<string, string>[] {
  return parse<Record<string, string>>(text, { bom: true, delimiter: ';', columns: true });
}

describe('a report as CSV', () => {
  const content = controlContent(60);

  it('given findings, then it is UTF-8 with BOM, CRLF, a row for each of them', async () => {
    const text = await csv(content, optionsFor(content));

    expect(text.startsWith('\uFEFFКонтроль;Название контроля;')).toBe(true);
    expect(text.endsWith('\r\n')).toBe(true);
    expect(rows(text)).toHaveLength(60);
  });

  it('given mentions, then names stand in their place', async () => {
    expect(await csv(content, optionsFor(content))).not.toContain('[[');
  });

  it('given instants, then they are as the clock of the organisation shows them', async () => {
    const [first] = rows(await csv(content, optionsFor(content)));
    expect(first?.['С какого времени']).toBe('01.09.2025 00:00');
  });

  it.each(['=1+1', '+7', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
    'given a name that a spreadsheet would run (%j), then it is made harmless',
    async (name) => {
      const [first] = rows(await csv(content, optionsFor(content, { nameOf: () => name })));
      expect(first?.['Предмет']).toBe(`'${name}`);
    },
  );

  it('given quotation marks, semicolons and line feeds, then they come back as they were', async () => {
    const name = 'чат "5;А"\nтретий';
    const [first] = rows(await csv(content, optionsFor(content, { nameOf: () => name })));
    expect(first?.['Предмет']).toBe(name);
  });

  it('given no findings, then there are headings', async () => {
    const none: ControlReportContent = { ...content, controls: [] };
    expect(rows(await csv(none, optionsFor(none)))).toEqual([]);
  });

  it('given a founder report, then there is a row for each school and control', async () => {
    const founder = founderContent(3);
    expect(rows(await csv(founder, optionsFor(founder)))).toHaveLength(3 * 34);
  });
});
