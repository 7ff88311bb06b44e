import { inflateSync } from 'node:zlib';
import { create } from 'qrcode';
import { mention } from '@letopis/compliance';
import { derivedId } from '@letopis/kernel';
import { type ControlReportContent, type ReportFinding } from '../content';
import { pdfOf } from './pdf';
import {
  bytesOf,
  controlContent,
  founderContent,
  nameOf,
  NAMES,
  optionsFor,
  proofOf,
  textOf,
} from './testing';

const content = controlContent(60);
const options = optionsFor(content);

/** The bytes as text, and behind them what was compressed. */
async function pdf(...of: Parameters<typeof pdfOf>): Promise<string> {
  const bytes = await bytesOf(pdfOf(...of));
  const text = bytes.toString('latin1');
  const streams = [...text.matchAll(/FlateDecode\n>>\nstream\n/g)].map(({ index, 0: { length } }) => {
    const from = index + length;
    return inflateSync(bytes.subarray(from, bytes.indexOf('\nendstream', from))).toString('latin1');
  });
  return [text, ...streams].join('\n');
}

/** A text in the form in which a PDF keeps names and titles. */
const utf16 = (text: string): string => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16().toString('latin1');

const changed = (
  changes: Partial<ControlReportContent>,
  finding: Partial<ReportFinding> = {},
): ControlReportContent => ({
  ...content,
  controls: content.controls.map((control) => ({
    ...control,
    findings: control.findings.map((one) => ({ ...one, ...finding })),
  })),
  ...changes,
});

describe('a control report as a PDF', () => {
  it('given the same content and options, then the bytes are the same', async () => {
    const [first, second] = [await bytesOf(pdfOf(content, options)), await bytesOf(pdfOf(content, options))];
    expect(first.equals(second)).toBe(true);
  });

  it('given a report, then it says language, title, tags and when it was asked for', async () => {
    const text = await pdf(content, options);

    expect(text).toContain('/Lang (ru-RU)');
    expect(text).toContain('/Marked true');
    expect(text).toContain('(D:20260105061200Z)');
    expect(text).toContain(utf16('Справка по итогам контроля за 01.09.2025').slice(0, 60));
  });

  it('given a report, then its fonts are embedded', async () => {
    const text = await pdf(content, options);
    const fonts = new Set([...text.matchAll(/\/FontName \/[A-Z]+\+([\w-]+)/g)].map(([, name]) => name));

    expect(fonts).toEqual(
      new Set(['PTSerif-Regular', 'PTSerif-Bold', 'PTSerif-Italic', 'PTSans-Regular', 'PTSans-Bold']),
    );
    expect(text.match(/\/FontFile2 /g)).toHaveLength(5);
    expect(text).not.toContain('Helvetica');
  });

  it('given a report, then it has as many pages as its draft found, and every page says which of how many it is', async () => {
    const proof = await proofOf(content, options);

    expect((await pdf(content, options)).match(/\/Type \/Page\n/g)).toHaveLength(proof.pages);
    proof.sheets.forEach((page, index) => {
      expect(textOf(page)).toContain(`Страница ${index + 1} из ${proof.pages}`);
    });
  });

  it('given a report, then contents and bookmarks name its sections', async () => {
    const proof = await proofOf(content, options);
    const entries = textOf(proof.sheets[1]);

    expect(proof.bookmarks.length).toBeGreaterThan(20);
    for (const title of proof.bookmarks) expect(entries).toContain(title.replaceAll('\u00A0', ' '));
    expect(await pdf(content, options)).toContain('/Outlines');
  });

  it('given a report, then the contents send the reader to the pages where the sections begin', async () => {
    const proof = await proofOf(content, options);
    const lines = proof.sheets[1] ?? [];
    for (const title of proof.bookmarks) {
      const entry = lines.findIndex(({ text }) => text === title);
      const page = Number(lines[entry + 1]?.text);
      const headings = (proof.sheets[page - 1] ?? []).filter(({ style }) => style.face === 'sans-bold');
      expect(headings.map(({ text }) => text)).toContain(title);
    }
  });

  it('given long names, then no text leaves the page or runs into what stands beside it', async () => {
    const proof = await proofOf(content, options);
    for (const page of proof.sheets) {
      for (const { x, width } of page) expect(x + width).toBeLessThanOrEqual(595.28 - 42);
      const inOrder = page.toSorted((a, b) => a.y - b.y || a.x - b.x);
      for (const [index, line] of inOrder.entries()) {
        const next = inOrder[index + 1];
        if (next?.y === line.y) expect(line.x + line.width).toBeLessThanOrEqual(next.x + 0.1);
      }
    }
  });

  it('given a heading, then text follows it on its page', async () => {
    const proof = await proofOf(content, options);
    for (const page of proof.sheets) {
      const body = page.filter(({ y }) => y < 841.89 - 57);
      expect(proof.bookmarks).not.toContain(body.at(-1)?.text);
    }
  });

  it('given mentions, then names stand in their place', async () => {
    const all = (await proofOf(content, options)).sheets.map(textOf).join(' ');

    expect(all).not.toContain('[[');
    expect(all).toContain(NAMES[4]);
  });

  it('given a reader who may not see names, then there are none', async () => {
    const hidden = optionsFor(content, { nameOf: () => 'скрыто' });
    const all = (await proofOf(content, hidden)).sheets.map(textOf).join(' ');

    for (const name of NAMES) expect(all).not.toContain(name.split(' ')[0]);
  });

  it('given no approval, then there are lines to sign; given one, then name and day', async () => {
    const blank = textOf((await proofOf(content, options)).sheets[0]);
    const approval = { nameRu: 'Заречная Мария Степановна', at: '2026-01-06T07:00:00.000Z' };
    const approved = textOf((await proofOf(content, optionsFor(content, { approval }))).sheets[0]);

    expect(blank).toContain('____');
    expect(approved).not.toContain('____');
    expect(approved).toContain('Заречная Мария Степановна утверждено 06.01.2026, 12:00');
  });

  it('given those who have read it, then they are named', async () => {
    const acknowledgements = [{ nameRu: 'Яров Олег Львович', at: '2026-01-07T07:00:00.000Z' }];
    const all = (await proofOf(content, optionsFor(content, { acknowledgements }))).sheets
      .map(textOf)
      .join(' ');
    expect(all).toContain('Яров Олег Львович ознакомлен(а) в системе 07.01.2026, 12:00');
  });

  it('given that it was withdrawn, then every page says so', async () => {
    const withdrawn = { reason: 'Пересчитана.', at: '2026-02-01T07:00:00.000Z' };
    const proof = await proofOf(content, optionsFor(content, { withdrawn }));

    for (const page of proof.sheets) expect(textOf(page)).toContain('ОТОЗВАНО 01.02.2026');
    expect(textOf(proof.sheets[0])).toContain('Пересчитана.');
  });

  it('given a digest, then the first and the last page have the whole of it, and the others its beginning', async () => {
    const proof = await proofOf(content, options);
    const groups = options.digest.match(/.{8}/g) ?? [];

    for (const page of [proof.sheets[0], proof.sheets.at(-1)]) {
      for (const group of groups) expect(textOf(page)).toContain(group);
    }
    for (const page of proof.sheets) expect(textOf(page)).toContain(`${groups[0]} ${groups[1]} …`);
  });

  it('given no seal of the journal, then it says so plainly; given one, then which', async () => {
    const last = async (of: ControlReportContent): Promise<string> =>
      (await proofOf(of, options)).sheets.map(textOf).join(' ');

    expect(await last(content)).toContain('Журнал ещё не скреплён контрольной точкой');
    expect(await last(changed({ ledgerCheckpoint: 'letopis/17 48213 abc=' }))).toContain(
      'letopis/17 48213 abc=',
    );
  });

  it('given words of its own, then they stand in the place of those that go without saying', async () => {
    const words = {
      goalRu: 'Проверить исполнение предписания.',
      objectRu: 'Чаты начальной школы.',
      basisRu: 'План-график на 2025/26 учебный год.',
      methodsRu: 'Сверка составов чатов со списками классов.',
    };
    const [without, own] = [await proofOf(content, options), await proofOf(changed(words), options)].map(
      ({ sheets: [first] }) => textOf(first),
    );

    expect(without).toContain('Цель Установить, исполняется ли Положение');
    expect(without).toContain('Основание Пункт 3.2.5 Положения');
    for (const text of Object.values(words)) expect(own).toContain(text);
    expect(own).not.toMatch(/Установить, исполняется|Использование ИКОП|Пункт 3.2.5|Сопоставление событий/);
  });

  it('given parameters, then each says on what ground it holds', async () => {
    const [control] = content.controls;
    if (control === undefined) throw new Error('There is no control');
    const parameters = [
      { name: 'a', titleRu: 'Первый срок', valueRu: '1 день' },
      { name: 'b', titleRu: 'Второй срок', valueRu: '2 дня', law: '152-ФЗ, ст. 21 ч. 2' },
      { name: 'c', titleRu: 'Третий срок', valueRu: '3 дня', order: '№ 17 от 01.08.2025' },
    ];
    const of = changed({ controls: [{ ...control, parameters }] });
    const all = (await proofOf(of, options)).sheets.map(textOf).join(' ');

    expect(all).toContain('Первый срок 1 день по умолчанию');
    expect(all).toContain('Второй срок 2 дня по закону: 152-ФЗ, ст. 21 ч. 2');
    expect(all).toContain('Третий срок 3 дня № 17 от 01.08.2025');
  });

  it('given a control that rests as a whole, then it says until when, why and by whose decision', async () => {
    const waiver = {
      by: mention('person', derivedId('document-test', 'person', '3')),
      reasonRu: 'Идёт служебное расследование',
      until: '2026-02-01T18:59:59.999Z',
    };
    const controls = content.controls.map((control) =>
      control.id === 'C01' ? { ...control, status: 'waived' as const, waiver } : control,
    );
    const all = (await proofOf(changed({ controls }), options)).sheets.map(textOf).join(' ');
    const name = nameOf({ kind: 'person', id: derivedId('document-test', 'person', '3') });
    const told = `до 01.02.2026 (решение: ${name}). Причина: Идёт служебное расследование.`;

    expect(all).toContain('исключение до 01.02.2026');
    expect(all).toContain(`Действует исключение ${told}`);
    expect(all).toContain(`— C01. Локальный акт действует и принят с учётом мнения советов — ${told}`);
  });

  it('then its QR code, module by module, is that of the address where it is checked', async () => {
    const [, shapes = ''] =
      /((?:[\d.]+ [\d.]+ [\d.]+ [\d.]+ re\n)+)(?:\/DeviceRGB cs\n)?0 0 0 scn\nf\n/.exec(
        await pdf(content, options),
      ) ?? [];
    const boxes = shapes
      .trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number))
      .map(([x = NaN, y = NaN, width = NaN, height = NaN]) => ({ x, y, width, height }));
    const [left, top] = [Math.min(...boxes.map(({ x }) => x)), Math.min(...boxes.map(({ y }) => y))];
    const drawn = new Set(
      boxes.flatMap(({ x, y, width, height: side }) =>
        Array.from(
          { length: Math.round(width / side) },
          (_, index) => `${Math.round((y - top) / side)}/${Math.round((x - left) / side) + index}`,
        ),
      ),
    );
    const { modules } = create(options.checkUrl, { errorCorrectionLevel: 'M' });
    const expected = Array.from({ length: modules.size ** 2 }, (_, index) => index)
      .filter((index) => modules.data[index] !== 0)
      .map((index) => `${Math.floor(index / modules.size)}/${index % modules.size}`);

    expect(expected.length).toBeGreaterThan(300);
    expect([...drawn].sort()).toEqual(expected.sort());
  });

  it('given years without a decree, then the deadlines are called provisional', async () => {
    const all = (await proofOf(changed({ provisionalYears: [2027] }), options)).sheets.map(textOf).join(' ');
    expect(all).toContain('до утверждения переноса выходных: 2027 г.');
  });

  it('given a finding that is longer than a page, then it goes on on the next and nothing is lost', async () => {
    const explanationRu = Array.from({ length: 1500 }, (_, index) => `слово${index}`).join(' ');
    const [control] = content.controls.filter(({ findings }) => findings.length > 0);
    const [finding] = control?.findings ?? [];
    if (control === undefined || finding === undefined) throw new Error('There is no finding');
    const long = changed({ controls: [{ ...control, findings: [{ ...finding, explanationRu }] }] });
    const all = (await proofOf(long, options)).sheets.map(textOf).join(' ');

    expect(all).toContain('Слово0 ');
    expect(all).toContain('слово1499');
  });

  it('given no controls, findings, weeks nor events, then there still is a report', async () => {
    const empty = changed({ controls: [], byClause: [], trend: [], byResponsible: [], evidence: [] });
    const all = (await proofOf(empty, options)).sheets.map(textOf).join(' ');

    expect(all).toContain('Нарушений и открытых обязанностей за период нет.');
    expect(await pdf(empty, options)).toContain('%%EOF');
  });

  it('given a name with signs of XML, then the metadata stay well-formed', async () => {
    const text = await pdf({ ...content, formRu: 'Справка <о> & "так"' }, options);
    const [xml = ''] = /<x:xmpmeta[^]*<\/x:xmpmeta>/.exec(text) ?? [];

    expect(xml).not.toBe('');
    expect(xml).not.toMatch(/&(?!amp;)|<о>/);
  });

  it('given an unknown time zone, then it is refused', async () => {
    const lost = changed({ organization: { ...content.organization, timeZone: 'Europe/Gotham' } });
    expect(() => pdfOf(lost, options)).toThrow('Unknown time zone');
  });

  it('given that the reader goes, then the work ends', async () => {
    const stream = pdfOf(controlContent(500), options);
    let made = 0;
    stream.on('data', (chunk: Buffer) => {
      made += chunk.length;
      stream.destroy();
    });
    await new Promise((resolve) => stream.once('close', resolve));
    const before = made;
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(made).toBe(before);
    expect(stream.readableEnded).toBe(false);
  });

  it('given two thousand findings, then every one of them is set', async () => {
    const many = controlContent(2000);
    let numbers = 0;
    const proof = await proofOf(many, optionsFor(many, { nameOf: (mention) => nameOf(mention) }));
    for (const page of proof.sheets)
      numbers += page.filter(({ text }) => text.startsWith('Доказательства:')).length;

    expect(numbers).toBe(2000);
    expect(proof.pages).toBeGreaterThan(300);
  });
});

describe('a founder report as a PDF', () => {
  const founder = founderContent(40);

  it('given schools, then the pages lie on their side and name each of them', async () => {
    const proof = await proofOf(founder, optionsFor(founder));
    const all = proof.sheets.map(textOf).join(' ');

    expect(await pdf(founder, optionsFor(founder))).toContain('/MediaBox [0 0 841.889764 595.275591]');
    for (let school = 1; school <= 40; school += 1) expect(all).toContain(`№ ${school}`);
    expect(all).toContain('В отчёт вошли 40 организаций и 34 контроля.');
  });

  it('given no schools, then there still is a report', async () => {
    const none = { ...founder, schools: [], controls: [] };
    expect(await pdf(none, optionsFor(none))).toContain('%%EOF');
  });
});
