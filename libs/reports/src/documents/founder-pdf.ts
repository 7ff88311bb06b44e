import { type FounderReportContent } from '../content';
import { countsOf, statusStrips } from './charts';
import { type Flow, type Heading, type TableColumn } from './flow';
import { type DocumentOptions } from './options';
import { digestLines, seal } from './seal';
import { letterhead, signatures } from './signatures';
import { STYLES } from './styles';
import {
  clockOf,
  CONTROLS,
  counted,
  COUNTS_RU,
  IN_SCHOOLS,
  NBSP,
  numberRu,
  SCHOOLS,
  SEVERITIES_RU,
  STATUSES_IN_ORDER,
  STATUSES_RU,
  totalOf,
  typographed,
  VIOLATIONS,
} from './wording';

const RIGHT: TableColumn['align'] = 'right';
const APPROVER = 'Руководитель';
/** So many schools fit a chart that is still read. */
const CHARTED = 20;

interface Section extends Heading {
  set(flow: Flow): Promise<void> | void;
}

/** The period's report on many schools, for the founder: no people, no subjects. */
export async function setFounderReport(
  flow: Flow,
  content: FounderReportContent,
  options: DocumentOptions,
): Promise<void> {
  const { period, schools, controls } = content;
  const clock = clockOf(content);
  const sections: readonly Section[] = [
    {
      number: '1',
      title: 'Организации',
      level: 1,
      anchor: 'schools',
      set: () => schoolsTable(flow, schools),
    },
    {
      number: '2',
      title: 'Состояние в диаграмме',
      level: 1,
      anchor: 'charts',
      set: () => chart(flow, schools),
    },
    {
      number: '3',
      title: 'Контроли',
      level: 1,
      anchor: 'controls',
      set: () => controlsTable(flow, controls),
    },
    {
      number: '4',
      title: 'Подписи',
      level: 1,
      anchor: 'signatures',
      set: () => signatures(flow, APPROVER, options, clock),
    },
    {
      number: '',
      title: 'Приложение. Происхождение сведений и проверка',
      level: 1,
      anchor: 'provenance',
      set: () => provenance(flow, content, options),
    },
  ];
  letterhead(flow, 'Сводный отчёт для учредителя', APPROVER, options, clock);
  flow.y += 12;
  flow.paragraph(content.formRu.toLocaleUpperCase('ru'), STYLES.title, { align: 'center', after: 2 });
  flow.paragraph(`за период ${clock.periodInWords(period)}`, STYLES.subtitle, { align: 'center', after: 12 });
  if (options.withdrawn !== undefined) {
    const { at, reason } = options.withdrawn;
    flow.paragraph(`Отчёт отозван ${clock.moment(at)}. ${typographed(reason)}`, STYLES.warning, {
      after: 10,
    });
  }
  flow.paragraph(typographed(founderSummaryRu(content)));
  seal(flow, options);
  flow.paragraph('Содержание', STYLES.h1);
  flow.contents(sections);
  for (const section of sections) {
    flow.heading(section);
    await section.set(flow);
  }
}

/** How many schools have violations, and how many violations there are, in sentences. */
export function founderSummaryRu({ schools, controls }: FounderReportContent): string {
  const { violated, mended, open } = totalOf(schools.map(({ counts }) => counts));
  const affected = schools.filter((school) => school.counts.violated > 0).length;
  const worst = controls
    .filter((control) => control.violated > 0)
    .toSorted((a, b) => b.violated - a.violated)
    .slice(0, 3)
    .map(({ id, titleRu, violated: count }) => `${id}. ${titleRu} — ${numberRu(count)}`);
  return [
    `В отчёт вошли ${counted(schools.length, SCHOOLS)} и ${counted(controls.length, CONTROLS)}.`,
    affected === 0
      ? 'Неустранённых нарушений на конец периода нет.'
      : `Неустранённые нарушения есть в${NBSP}${counted(affected, IN_SCHOOLS)}: всего ${counted(violated, VIOLATIONS)}.`,
    `Устранено за период — ${numberRu(mended)}, срок ещё идёт — ${numberRu(open)}.`,
    ...(worst.length === 0 ? [] : [`Больше всего нарушений: ${worst.join('; ')}.`]),
  ].join(' ');
}

/** A name that tells schools apart where there is little room: the part in quotation marks of a long one. */
function shortName(name: string): string {
  const quoted = name.indexOf('«');
  return name.length > 40 && quoted > 0 ? name.slice(quoted) : name;
}

type School = FounderReportContent['schools'][number];

/** What of the counts fits a page; the workbook has all of them. */
const COUNTED = ['violated', 'open', 'mended'] as const;

async function schoolsTable(flow: Flow, schools: readonly School[]): Promise<void> {
  flow.paragraph(
    'Сначала — сколько контролей в каком состоянии на конец периода, затем — сколько нарушений и обязанностей не устранено, ждёт срока и устранено.',
    STYLES.note,
    { keep: true },
  );
  await flow.table(
    [
      { headingRu: '№', share: 24, align: 'right' },
      { headingRu: 'Организация', share: 186 },
      ...STATUSES_IN_ORDER.map((status) => ({ headingRu: STATUSES_RU[status], share: 60, align: RIGHT })),
      ...COUNTED.map((key) => ({ headingRu: COUNTS_RU[key], share: 53, align: RIGHT })),
    ],
    schools.map(({ name, controls, counts }, index) => {
      const byStatus = countsOf(controls.map(({ status }) => status));
      return [
        [{ text: String(index + 1), style: STYLES.cellNumber }],
        [{ text: typographed(name), style: STYLES.cellTight }],
        ...STATUSES_IN_ORDER.map((status) => [
          { text: numberRu(byStatus.get(status) ?? 0), style: STYLES.cellNumber },
        ]),
        ...COUNTED.map((key) => [{ text: numberRu(counts[key]), style: STYLES.cellNumber }]),
      ];
    }),
  );
}

async function chart(flow: Flow, schools: readonly School[]): Promise<void> {
  const shown = schools.toSorted((a, b) => b.counts.violated - a.counts.violated).slice(0, CHARTED);
  const picture = statusStrips(
    shown.map(({ name, controls }) => ({
      name: shortName(typographed(name)),
      counts: countsOf(controls.map(({ status }) => status)),
    })),
    flow.width,
    flow.type,
  );
  flow.place(picture.height + STYLES.caption.leading + 6);
  flow.figure(picture.height, picture.alternative, (canvas, box) => picture.draw(canvas, box));
  flow.y += 3;
  const which =
    shown.length < schools.length
      ? `: ${shown.length} организаций, у которых больше всего неустранённых нарушений`
      : '';
  flow.paragraph(`Рис.${NBSP}1. Состояние контролей по организациям${which}`, STYLES.caption, { after: 12 });
}

async function controlsTable(flow: Flow, controls: FounderReportContent['controls']): Promise<void> {
  flow.paragraph('Сколько организаций в каком состоянии и сколько нарушений не устранено.', STYLES.note, {
    keep: true,
  });
  await flow.table(
    [
      { headingRu: '№', share: 30 },
      { headingRu: 'Контроль', share: 218 },
      { headingRu: 'Важность', share: 66 },
      ...STATUSES_IN_ORDER.map((status) => ({ headingRu: STATUSES_RU[status], share: 60, align: RIGHT })),
      { headingRu: COUNTS_RU.violated, share: 56, align: RIGHT },
    ],
    controls.map(({ id, titleRu, severity, schools, violated }) => [
      [{ text: id, style: STYLES.cellNumber }],
      [{ text: typographed(titleRu) }],
      [{ text: SEVERITIES_RU[severity], style: STYLES.cellSmall }],
      ...STATUSES_IN_ORDER.map((status) => [{ text: numberRu(schools[status]), style: STYLES.cellNumber }]),
      [{ text: numberRu(violated), style: STYLES.cellNumber }],
    ]),
  );
}

async function provenance(
  flow: Flow,
  content: FounderReportContent,
  options: DocumentOptions,
): Promise<void> {
  const clock = clockOf(content);
  await flow.keyed([
    ['Каталог контролей', content.catalogue],
    ['Календарь', content.calendar],
    ['Место в журнале', `Учтены события журнала по ${content.position} включительно.`],
    ['Состояние', `На ${clock.moment(content.asOf)} (${clock.offset(content.asOf)}).`],
    ['Запрошен', `${clock.moment(options.requestedAt)} (${clock.offset(options.requestedAt)})`],
    ['Схема', content.schema],
    [
      'Отпечаток',
      `SHA-256 содержания в каноническом виде (RFC${NBSP}8785): ${digestLines(options.digest).join(' ')}.`,
    ],
  ]);
  seal(flow, options);
}
