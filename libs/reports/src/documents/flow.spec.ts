import { A4, type Cell, Flow, mm } from './flow';
import { STYLES } from './styles';
import { Proof, textOf, typesetter } from './testing';
import { Turns } from './turns';

const FURNITURE = { headLeft: 'Школа', headRight: 'Справка', foot: 'SHA-256' };
const COLUMNS = [{ headingRu: 'Номер', share: 1 }];

function flowOn(): { flow: Flow; proof: Proof } {
  const type = typesetter();
  const proof = new Proof(type);
  const draught = { anchors: new Map<string, number>(), pages: 0 };
  return { flow: new Flow(proof, type, FURNITURE, draught, A4, new Turns()), proof };
}

/** What stands between head and foot. */
function bodyOf(proof: Proof, page: number): string {
  return textOf(proof.sheets[page]?.filter(({ y }) => y > mm(21) && y < A4.height - mm(20)));
}

const cellOf = (lines: number, name: string): Cell =>
  Array.from({ length: lines }, (_, index) => ({ text: `${name}${index}` }));

describe('tables', () => {
  it('given rows for several pages, then the heading stands on each', async () => {
    const { flow, proof } = flowOn();
    await flow.table(
      COLUMNS,
      Array.from({ length: 100 }, (_, index) => [cellOf(1, `р${index}-`)]),
    );

    expect(proof.pages).toBeGreaterThan(2);
    proof.sheets.forEach((_, page) => expect(bodyOf(proof, page).startsWith('Номер')).toBe(true));
  });

  it('given a row that fits a page but not the rest of this one, then it is not torn', async () => {
    const { flow, proof } = flowOn();
    await flow.table(COLUMNS, [[cellOf(30, 'а')], [cellOf(30, 'б')], [cellOf(30, 'в')]]);

    expect(proof.sheets.map((_, page) => bodyOf(proof, page).split(' ').length - 1)).toEqual([30, 30, 30]);
  });

  it('given a row that is higher than a page, then it goes on under the heading and nothing is lost', async () => {
    const { flow, proof } = flowOn();
    await flow.table(COLUMNS, [[cellOf(150, 'а')]]);
    const set = proof.sheets
      .map((_, page) => bodyOf(proof, page))
      .join(' ')
      .split(' ');

    expect(set.filter((text) => text !== 'Номер')).toEqual(cellOf(150, 'а').map(({ text }) => text));
    expect(set.filter((text) => text === 'Номер')).toHaveLength(proof.pages);
  });

  it('given no rows, then there is no heading', async () => {
    const { flow, proof } = flowOn();
    await flow.table(COLUMNS, []);
    expect(bodyOf(proof, 0)).toBe('');
  });

  it('given that nobody wants the document any more, then the work ends', async () => {
    const type = typesetter();
    const gone = new Turns(AbortSignal.abort(new Error('gone')));
    const flow = new Flow(new Proof(type), type, FURNITURE, { anchors: new Map(), pages: 0 }, A4, gone);

    await expect(flow.table(COLUMNS, [[cellOf(1, 'а')]])).rejects.toThrow('gone');
  });
});

describe('headings', () => {
  const heading = { number: '1', title: 'Глава', level: 1, anchor: 'chapter' } as const;

  it('given a heading at the foot of a page, then it goes over with what follows', () => {
    const { flow, proof } = flowOn();
    flow.y = A4.height - mm(20) - 40;
    flow.heading(heading);
    flow.paragraph('Первая строка.');

    expect(bodyOf(proof, 0)).toBe('');
    expect(bodyOf(proof, 1)).toBe('1. Глава Первая строка.');
    expect(proof.anchors.get('chapter')).toBe(2);
  });

  it('given a note that is kept with a table, then heading and note go over with it', async () => {
    const { flow, proof } = flowOn();
    flow.y = A4.height - mm(20) - 75;
    flow.heading(heading);
    flow.paragraph('Примечание.', STYLES.note, { keep: true });
    await flow.table(COLUMNS, [[cellOf(3, 'а')]]);

    expect(bodyOf(proof, 0)).toBe('');
    expect(bodyOf(proof, 1)).toBe('1. Глава Примечание. Номер а0 а1 а2');
  });
});

describe('paragraphs', () => {
  const text = Array.from({ length: 60 }, () => 'слово').join(' ');

  it.each([1, 2, 3])('given room for %d lines, then no line is left alone on either page', (room) => {
    const { flow, proof } = flowOn();
    flow.y = A4.height - mm(20) - room * STYLES.text.leading - 1;
    flow.paragraph(text);
    const lines = proof.sheets.map((page) => page.filter(({ style }) => style === STYLES.text).length);

    expect(lines).not.toContain(1);
  });
});
