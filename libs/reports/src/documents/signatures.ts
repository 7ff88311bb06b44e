import { baselineIn, type Flow } from './flow';
import { type DocumentOptions } from './options';
import { COLOURS, STYLES } from './styles';
import { type Clock, NBSP } from './wording';

const BLANK_DAY = `«____» ______________ 20___${NBSP}г.`;
const ROW_HEIGHT = 44;

/**
 * The organisation on the left, and on the right who approved the document, or lines to sign.
 *
 * @param approverRu who approves such documents: «Директор»
 */
export function letterhead(
  flow: Flow,
  organization: string,
  approverRu: string,
  { approval }: Pick<DocumentOptions, 'approval'>,
  clock: Clock,
): void {
  const right = 200;
  const name = flow.type.lines(organization, flow.width - right - 24, STYLES.organization);
  const approved =
    approval === undefined
      ? [approverRu, '____________ / __________________', BLANK_DAY]
      : [
          approverRu,
          ...flow.type.lines(approval.nameRu, right, STYLES.approval),
          `утверждено ${clock.moment(approval.at)}`,
        ];
  const height = Math.max(
    name.length * STYLES.organization.leading,
    (approved.length + 1) * STYLES.approval.leading,
  );
  flow.block(height, (canvas, box) => {
    canvas.open('P');
    name.forEach((line, index) => {
      const y = box.y + index * STYLES.organization.leading + baselineIn(STYLES.organization);
      canvas.text(line, { x: box.x, y }, STYLES.organization);
    });
    canvas.close();
    canvas.open('P');
    ['УТВЕРЖДАЮ', ...approved].forEach((line, index) => {
      const style = index === 0 ? STYLES.approvalHead : STYLES.approval;
      const y = box.y + index * style.leading + baselineIn(style);
      canvas.text(line, { x: box.x + box.width - right, y }, style);
    });
    canvas.close();
  });
}

/** Lines for the signatures of who made and who approves the document, with what is known already. */
export function signatures(
  flow: Flow,
  approverRu: string,
  { approval }: Pick<DocumentOptions, 'approval'>,
  clock: Clock,
): void {
  const rows = [
    { role: 'Составил(а)', nameRu: '', day: '' },
    {
      role: `${approval === undefined ? 'Утверждаю' : 'Утверждено'}: ${approverRu.toLocaleLowerCase('ru')}`,
      nameRu: approval?.nameRu ?? '',
      day: approval === undefined ? '' : clock.day(approval.at),
    },
  ];
  flow.block(rows.length * ROW_HEIGHT, (canvas, box) => {
    const columns = [
      { label: 'подпись', from: 0.3, to: 0.48 },
      { label: 'расшифровка подписи', from: 0.51, to: 0.82 },
      { label: 'дата', from: 0.85, to: 1 },
    ];
    rows.forEach(({ role, nameRu, day }, index) => {
      const line = box.y + index * ROW_HEIGHT + 26;
      canvas.open('P');
      canvas.text(role, { x: box.x, y: line - 3 }, STYLES.text);
      columns.forEach(({ label, from, to }, nth) => {
        const [left, right] = [box.x + from * box.width, box.x + to * box.width];
        const known = ['', nameRu, day][nth] ?? '';
        canvas.path(
          [
            { x: left, y: line },
            { x: right, y: line },
          ],
          COLOURS.ink,
          { width: 0.5 },
        );
        canvas.text(
          flow.type.fitted(known, right - left, STYLES.text),
          { x: left + 2, y: line - 3 },
          STYLES.text,
        );
        const shift = (right - left - flow.type.width(label, STYLES.furniture)) / 2;
        canvas.text(label, { x: left + shift, y: line + 10 }, STYLES.furniture);
      });
      canvas.close();
    });
  });
}

/** Who has read the document, and empty rows for those who will on paper. */
export async function acknowledgements(
  flow: Flow,
  read: DocumentOptions['acknowledgements'],
  clock: Clock,
): Promise<void> {
  const blank = [{ text: ' ', style: STYLES.approval }];
  await flow.table(
    [
      { headingRu: '№', share: 6, align: 'right' },
      { headingRu: 'Фамилия, имя, отчество', share: 50 },
      { headingRu: 'Подпись', share: 24 },
      { headingRu: 'Дата', share: 20 },
    ],
    [
      ...read.map(({ nameRu, at }, index) => [
        [{ text: String(index + 1), style: STYLES.cellNumber }],
        [{ text: nameRu }],
        [{ text: 'ознакомлен(а) в системе', style: STYLES.cellSmall }],
        [{ text: clock.moment(at), style: STYLES.cellNumber }],
      ]),
      ...Array.from({ length: 3 }, () => [blank, blank, blank, blank]),
    ],
  );
}
