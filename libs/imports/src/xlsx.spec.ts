import { Workbook } from 'exceljs';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { type TableRow } from './cells';
import { xlsxRows } from './xlsx';

async function rowsOf(bytes: Buffer, sheet?: string): Promise<readonly TableRow[]> {
  const rows: TableRow[] = [];
  for await (const row of xlsxRows(bytes, sheet)) rows.push(row);
  return rows;
}

async function zipOf(parts: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(parts)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return buffer(zip.outputStream);
}

/** A workbook of one sheet, by the XML of its rows. */
const workbookOf = (rows: string, parts: Readonly<Record<string, string | Buffer>> = {}): Promise<Buffer> =>
  zipOf({
    'xl/workbook.xml': '<workbook><sheets><sheet name="Лист1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="rId1" Type="worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${rows}</sheetData></worksheet>`,
    ...parts,
  });

describe('an XLSX file', () => {
  it('gives what a program for tables has written', async () => {
    const workbook = new Workbook();
    workbook.addWorksheet('Пустой');
    const sheet = workbook.addWorksheet('Ученики');
    sheet.addRow(['ФИО', 'Дата', 'Номер', 'Да']);
    sheet.addRow([]);
    sheet.addRow(['Белов Артём', new Date(Date.UTC(2025, 8, 1)), 417, true]);
    expect(await rowsOf(Buffer.from(await workbook.xlsx.writeBuffer()), 'Ученики')).toEqual([
      { number: 1, cells: ['ФИО', 'Дата', 'Номер', 'Да'].map((text) => ({ kind: 'text', text })) },
      {
        number: 3,
        cells: [
          { kind: 'text', text: 'Белов Артём' },
          { kind: 'date', text: '2025-09-01' },
          { kind: 'number', text: '417' },
          { kind: 'text', text: 'да' },
        ],
      },
    ]);
  });

  it('gives shared texts and texts in cells, each in one piece, without signs for reading aloud', async () => {
    const rows =
      '<row r="1"><c r="A1" t="s"><v>0</v></c>' +
      '<c r="C1" t="inlineStr"><is><r><t>Зи</t></r><r><t>мина</t></r></is></c></row>';
    const sharedStrings = '<sst><si><r><t>Бе</t></r><r><t>лов</t></r><rPh><t>ベ</t></rPh></si></sst>';
    expect(await rowsOf(await workbookOf(rows, { 'xl/sharedStrings.xml': sharedStrings }))).toEqual([
      { number: 1, cells: [{ kind: 'text', text: 'Белов' }, undefined, { kind: 'text', text: 'Зимина' }] },
    ]);
  });

  it('never evaluates a formula, nor takes the value that was kept of it', async () => {
    const [row] = await rowsOf(await workbookOf('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>'));
    expect(row?.cells).toEqual([{ kind: 'formula' }]);
  });

  it('reckons dates from 1904 where the workbook does', async () => {
    const parts = {
      'xl/workbook.xml':
        '<workbook><workbookPr date1904="1"/><sheets><sheet name="A" r:id="rId1"/></sheets></workbook>',
      'xl/styles.xml': '<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>',
    };
    const [row] = await rowsOf(await workbookOf('<row><c s="0"><v>44439</v></c></row>', parts));
    expect(row?.cells).toEqual([{ kind: 'date', text: '2025-09-01' }]);
  });

  it('says which sheets there are where one is not', async () => {
    await expect(rowsOf(await workbookOf(''), 'Классы')).rejects.toMatchObject({
      message: 'В книге нет листа «Классы»',
      remedy: 'Укажите один из листов: «Лист1»',
    });
  });

  it('is refused where it declares a document type: entities are expanded from there', async () => {
    const bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa">]><worksheet>&a;</worksheet>';
    const file = await workbookOf('', { 'xl/worksheets/sheet1.xml': bomb });
    await expect(rowsOf(file)).rejects.toThrow('Файл XLSX повреждён');
  });

  it('is refused where it unpacks to far more than it is', async () => {
    const file = await workbookOf('', { 'xl/media/image1.bin': Buffer.alloc(30 * 1024 * 1024) });
    await expect(rowsOf(file)).rejects.toThrow('после распаковки слишком велик');
  });

  it('is refused where it has thousands of parts', async () => {
    const parts = Object.fromEntries(Array.from({ length: 2_001 }, (_, index) => [`xl/part${index}`, '']));
    await expect(rowsOf(await zipOf(parts))).rejects.toThrow('после распаковки слишком велик');
  });

  it.each([
    ['no workbook', () => zipOf({ 'word/document.xml': '<document/>' })],
    ['no archive', async () => Buffer.from('PK\u0003\u0004 nothing else')],
    ['not well-formed', () => workbookOf('<row><c></row>')],
    ['not in UTF-8', () => workbookOf('', { 'xl/worksheets/sheet1.xml': Buffer.from([0x3c, 0xff, 0x3e]) })],
  ])('is refused where it is %s', async (_what, file) => {
    await expect(rowsOf(await file())).rejects.toThrow('Файл XLSX повреждён');
  });

  it('is refused where a row has cells beyond the 200th column', async () => {
    await expect(rowsOf(await workbookOf('<row><c r="XFD1"><v>1</v></c></row>'))).rejects.toThrow(
      'больше 200 столбцов',
    );
  });
});
