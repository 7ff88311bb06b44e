import { type ControlStatus } from '@letopis/compliance';
import {
  type ControlReportContent,
  type ReportControl,
  type ReportEvent,
  type ReportFinding,
  type ReportWaiver,
} from '../content';
import { bars, type Chart, countsOf, statusByClause, trendByWeek } from './charts';
import { type Cell, type Flow, type Heading } from './flow';
import { type DocumentOptions } from './options';
import { digestLines, seal } from './seal';
import { acknowledgements, letterhead, signatures } from './signatures';
import { signOfState, signOfStatus } from './signs';
import { STYLES } from './styles';
import {
  BY_CONTROLS,
  capital,
  CLAUSES,
  clausesRu,
  Clock,
  CONTROLS,
  counted,
  COUNTS_RU,
  EVENTS,
  formFor,
  groundsRu,
  isBeside,
  named,
  NBSP,
  numberRu,
  sentence,
  SEVERITIES_RU,
  shortId,
  STATES_RU,
  STATUSES_RU,
  totalOf,
  typographed,
  VIOLATIONS,
  WORKFLOW_RU,
} from './wording';

interface Section extends Heading {
  set(flow: Flow): Promise<void> | void;
}

const APPROVER = 'Директор';
const GOAL =
  'Установить, исполняется ли Положение о применении сервисов взаимодействия педагогических работников с обучающимися и законными представителями (далее — Положение).';
const BASIS = 'Пункт 3.2.5 Положения: контроль администрации школы.';
/** So many bars fit a page with what stands above them. */
const CHARTED = 20;

/** «Справка по итогам контроля» (F6), page by page. */
export async function setControlReport(
  flow: Flow,
  content: ControlReportContent,
  options: DocumentOptions,
): Promise<void> {
  const clock = new Clock(content.organization.timeZone);
  const sections = sectionsOf(content, options, clock);
  await front(flow, content, options, clock);
  flow.newPage();
  flow.paragraph('Содержание', STYLES.h1);
  flow.contents(sections);
  for (const section of sections) {
    flow.heading(section);
    await section.set(flow);
  }
}

async function front(
  flow: Flow,
  content: ControlReportContent,
  options: DocumentOptions,
  clock: Clock,
): Promise<void> {
  const { organization, period, asOf, controls, byClause } = content;
  const name = typographed(organization.name);
  letterhead(flow, name, APPROVER, options, clock);
  flow.y += 26;
  flow.paragraph(content.formRu.toLocaleUpperCase('ru'), STYLES.title, { align: 'center', after: 2 });
  flow.paragraph(
    typographed('об использовании ИКОП «Сферум» и учебного профиля мессенджера MAX'),
    STYLES.subtitle,
    { align: 'center', after: 2 },
  );
  flow.paragraph(`за период ${clock.periodInWords(period)}`, STYLES.subtitle, { align: 'center', after: 14 });
  if (options.withdrawn !== undefined) {
    const { at, reason } = options.withdrawn;
    flow.paragraph(`Справка отозвана ${clock.moment(at)}. ${typographed(reason)}`, STYLES.warning, {
      after: 10,
    });
  }
  const { goal, object, basis, methods } = wordsOf(content);
  await flow.keyed([
    ['Цель', goal],
    ['Объект', object],
    ['Основание', basis],
    [
      'Сроки',
      `Контролируемый период: ${clock.period(period)}. Состояние — на ${clock.moment(asOf)} (время местное, ${clock.offset(asOf)}).`,
    ],
    ['Методы', methods],
    [
      'Проверено',
      `${counted(controls.length, CONTROLS)} по ${counted(byClause.length, CLAUSES)} Положения и закона; выводы опираются на ${counted(content.evidence.length, EVENTS)} журнала.`,
    ],
  ]);
  flow.paragraph(typographed(summaryRu(content)));
  seal(flow, options);
}

/** What F6 asks for beside what was found: as it was frozen with the report, or what goes without saying. */
export function wordsOf({
  goalRu,
  objectRu,
  basisRu,
  methodsRu,
  organization,
  catalogue,
}: ControlReportContent): Readonly<Record<'goal' | 'object' | 'basis' | 'methods', string>> {
  return {
    goal: goalRu ?? GOAL,
    object:
      objectRu ??
      `Использование ИКОП «Сферум» и учебного профиля мессенджера MAX в организации: ${organization.name}.`,
    basis: basisRu ?? BASIS,
    methods:
      methodsRu ??
      `Сопоставление событий журнала с требованиями Положения по каталогу контролей (${catalogue}); сроки — по производственному календарю.`,
  };
}

/** How many controls keep what they ask for and how many findings there are, in sentences. */
export function summaryRu({ controls, period, organization }: ControlReportContent): string {
  const counts = countsOf(controls.map(({ status }) => status));
  const { violated, open, mended, excepted, inTime } = totalOf(controls.map((control) => control.counts));
  const phrases: Readonly<Record<ControlStatus, string>> = {
    violated: 'есть неустранённые нарушения',
    'at-risk': 'нарушений нет, но сроки ещё идут',
    compliant: 'требования соблюдаются',
    waived: 'действует исключение',
    'not-applicable': 'требования к организации не применяются',
    'no-evidence': 'сведений в журнале нет',
  };
  const byStatus = [...counts]
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `по${NBSP}${counted(count, BY_CONTROLS)} ${phrases[status]}`);
  const found = violated + mended;
  const revealed =
    found === 0
      ? 'Нарушений не выявлено.'
      : `${formFor(found, ['Выявлено', 'Выявлены', 'Выявлено'])} ${counted(found, VIOLATIONS)}: не устранено ${numberRu(violated)}, устранено ${numberRu(mended)}.`;
  const rest = [
    ...(open === 0 ? [] : [`по${NBSP}${dative(open)} срок ещё не истёк`]),
    ...(inTime === 0 ? [] : [`исполнено в срок — ${numberRu(inTime)}`]),
    ...(excepted === 0
      ? []
      : [`исключено из числа нарушений решением администрации — ${numberRu(excepted)}`]),
  ].join('; ');
  return [
    `За период ${new Clock(organization.timeZone).periodInWords(period)} ${formFor(controls.length, ['оценён', 'оценены', 'оценено'])} ${counted(controls.length, CONTROLS)}${byStatus.length === 0 ? '' : `: ${byStatus.join('; ')}`}.`,
    revealed,
    ...(rest === '' ? [] : [`${rest.charAt(0).toLocaleUpperCase('ru')}${rest.slice(1)}.`]),
  ].join(' ');
}

function dative(count: number): string {
  return `${numberRu(count)}${NBSP}${formFor(count, ['обязанности', 'обязанностям', 'обязанностям'])}`;
}

function sectionsOf(
  content: ControlReportContent,
  options: DocumentOptions,
  clock: Clock,
): readonly Section[] {
  const told = new Teller(options, clock);
  return [
    {
      number: '1',
      title: 'Результаты по контролям',
      level: 1,
      anchor: 'controls',
      set: (flow) => controlsTable(flow, content, told),
    },
    {
      number: '2',
      title: 'Состояние в диаграммах',
      level: 1,
      anchor: 'charts',
      set: (flow) => charts(flow, content, told, clock),
    },
    {
      number: '3',
      title: 'Выявленные нарушения и открытые обязанности',
      level: 1,
      anchor: 'findings',
      set: (flow) => findingsIntroduction(flow, content.controls),
    },
    ...withFindings(content.controls).map((control, index): Section => ({
      number: `3.${index + 1}`,
      title: `${control.id}. ${typographed(control.titleRu)}`,
      level: 2,
      anchor: `findings-${control.id}`,
      set: (flow) => findingsOf(flow, control, told),
    })),
    {
      number: '4',
      title: 'Выводы',
      level: 1,
      anchor: 'conclusions',
      set: (flow) => conclusions(flow, content, told),
    },
    {
      number: '5',
      title: 'Рекомендации, сроки и ответственные',
      level: 1,
      anchor: 'remediation',
      set: (flow) => remediation(flow, content.controls, told),
    },
    {
      number: '6',
      title: 'Подписи и ознакомление',
      level: 1,
      anchor: 'signatures',
      set: async (flow) => {
        signatures(flow, APPROVER, options, clock);
        flow.skip(14);
        flow.paragraph('Со справкой ознакомлены:', STYLES.text, { keep: true });
        await acknowledgements(flow, options.acknowledgements, clock);
      },
    },
    {
      number: '',
      title: 'Приложение А. Сроки и иные параметры контролей',
      level: 1,
      anchor: 'parameters',
      set: (flow) => parametersTable(flow, content.controls),
    },
    {
      number: '',
      title: 'Приложение Б. Доказательства',
      level: 1,
      anchor: 'evidence',
      set: (flow) => evidenceTable(flow, content.evidence, clock),
    },
    {
      number: '',
      title: 'Приложение В. Происхождение сведений и проверка',
      level: 1,
      anchor: 'provenance',
      set: (flow) => provenance(flow, content, options, clock),
    },
  ];
}

/** The controls that section 3 has a part for, in its order. */
function withFindings(controls: readonly ReportControl[]): readonly ReportControl[] {
  return controls.filter(({ findings }) => findings.length > 0);
}

async function controlsTable(
  flow: Flow,
  { controls, byClause }: ControlReportContent,
  told: Teller,
): Promise<void> {
  await flow.table(
    [
      { headingRu: '№', share: 28 },
      { headingRu: 'Контроль', share: 118 },
      { headingRu: 'Пункты Положения', share: 64 },
      { headingRu: 'Отвечает', share: 73 },
      { headingRu: 'Состояние', share: 73 },
      { headingRu: COUNTS_RU.open, share: 30, align: 'right' },
      { headingRu: COUNTS_RU.violated, share: 47, align: 'right' },
      { headingRu: COUNTS_RU.mended, share: 47, align: 'right' },
    ],
    controls.map(({ id, titleRu, clauses, responsibleRu, status, waiver, counts }) => [
      [{ text: id, style: STYLES.cellNumber }],
      [{ text: typographed(titleRu) }],
      [{ text: clausesRu(clauses), style: STYLES.cellSmall }],
      [{ text: responsibleRu, style: STYLES.cellSmall }],
      [
        { text: STATUSES_RU[status], style: STYLES.cellWord, sign: signOfStatus(status) },
        ...(waiver === undefined ? [] : [{ text: `до ${told.until(waiver)}`, style: STYLES.cellSmall }]),
      ],
      [{ text: numberRu(counts.open), style: STYLES.cellNumber }],
      [{ text: numberRu(counts.violated), style: STYLES.cellNumber }],
      [{ text: numberRu(counts.mended), style: STYLES.cellNumber }],
    ]),
  );
  const beside = byClause.filter(({ clause }) => isBeside(clause));
  if (beside.length === 0) return;
  flow.paragraph(
    typographed(
      `Вне Положения: ${beside.map(({ clause, titleRu }) => `${clause} — ${titleRu}`).join('; ')}.`,
    ),
    STYLES.note,
  );
}

function charts(flow: Flow, content: ControlReportContent, told: Teller, clock: Clock): void {
  const { byClause, trend, byResponsible, period } = content;
  let number = 0;
  const captioned = (chart: Chart, title: string): void => {
    number += 1;
    const caption = `Рис.${NBSP}${number}. ${title}`;
    flow.skip(6);
    flow.place(chart.height + STYLES.caption.leading + 6);
    flow.figure(chart.height, chart.alternative, (canvas, box) => chart.draw(canvas, box));
    flow.y += 5;
    flow.paragraph(caption, STYLES.caption, { after: 14 });
  };
  captioned(
    statusByClause(byClause, flow.width, flow.type),
    'Состояние по пунктам Положения на конец периода',
  );
  if (trend.length > 0) {
    captioned(
      trendByWeek(
        trend.map(({ at, violated, open }) => ({ label: clock.day(at).slice(0, 5), violated, open })),
        flow.type,
      ),
      `Неустранённые нарушения и обязанности, срок которых идёт, на конец каждой недели, ${clock.period(period)}`,
    );
  }
  const overdue = byResponsible
    .filter((item) => item.overdue > 0)
    .toSorted((a, b) => b.overdue - a.overdue)
    .map((item) => ({ name: told.text(item.responsibleRu), value: item.overdue }));
  if (overdue.length === 0) {
    flow.paragraph('Неустранённых нарушений на конец периода нет.');
    return;
  }
  captioned(
    bars('Не устранено', overdue.slice(0, CHARTED), flow.type),
    `Неустранённые нарушения по тем, кто за них отвечает${overdue.length > CHARTED ? ` (${CHARTED} наибольших из ${overdue.length})` : ''}`,
  );
}

async function findingsIntroduction(flow: Flow, controls: readonly ReportControl[]): Promise<void> {
  const without = controls.filter(({ findings }) => findings.length === 0).map(({ id }) => id);
  if (without.length === controls.length) {
    flow.paragraph('Нарушений и открытых обязанностей за период нет.');
    return;
  }
  flow.paragraph(
    'По каждому контролю названы факт, пункт Положения, срок, доказательства и принятое решение. То, что исполнено в срок, сосчитано, но не перечислено. Доказательства — первые знаки номеров тех событий, которые названы в описании факта, в том же порядке; полные номера — в приложении Б.',
  );
  if (without.length > 0) {
    flow.paragraph(
      typographed(`Перечислять нечего по ${counted(without.length, BY_CONTROLS)}: ${without.join(', ')}.`),
    );
  }
}

async function findingsOf(flow: Flow, control: ReportControl, told: Teller): Promise<void> {
  const { clauses, responsibleRu, severity, status, waiver, counts, findings } = control;
  flow.paragraph(
    typographed(
      `Состояние: ${STATUSES_RU[status]}. Важность: ${SEVERITIES_RU[severity]}. Отвечает: ${responsibleRu}. ${capital(clausesRu(clauses))}. Не устранено — ${numberRu(counts.violated)}, идёт срок — ${numberRu(counts.open)}, устранено — ${numberRu(counts.mended)}, исключено — ${numberRu(counts.excepted)}, исполнено в срок — ${numberRu(counts.inTime)}.${waiver === undefined ? '' : ` Действует исключение ${told.waiver(waiver)}`}`,
    ),
    STYLES.note,
    { keep: true },
  );
  await flow.table(
    [
      { headingRu: '№', share: 25, align: 'right' },
      { headingRu: 'Предмет, факт, доказательства, решение', share: 269 },
      { headingRu: 'Состояние, важность', share: 81 },
      { headingRu: 'Возникло, срок, закрыто', share: 107 },
    ],
    rowsOf(findings, told),
  );
}

/** One at a time: two thousand findings need not lie ready at once. */
function* rowsOf(findings: readonly ReportFinding[], told: Teller): Generator<readonly Cell[]> {
  for (const [index, finding] of findings.entries()) yield told.row(index + 1, finding);
}

function conclusions(flow: Flow, content: ControlReportContent, told: Teller): void {
  const { controls } = content;
  flow.paragraph(typographed(summaryRu(content)));
  const of = (status: ControlStatus): readonly string[] =>
    controls.filter((control) => control.status === status).map(({ id, titleRu }) => `${id} — ${titleRu}`);
  const violated = controls
    .filter(({ status }) => status === 'violated')
    .toSorted((a, b) => rank(a) - rank(b) || b.counts.violated - a.counts.violated);
  if (violated.length > 0) {
    items(
      flow,
      'Требуют устранения, в порядке важности:',
      violated.map(
        ({ id, titleRu, severity, counts, clauses }) =>
          `${id}. ${titleRu} (${clausesRu(clauses)}): ${counted(counts.violated, VIOLATIONS)}, важность ${SEVERITIES_RU[severity]}.`,
      ),
    );
  }
  const silent = of('no-evidence');
  if (silent.length > 0) {
    flow.paragraph(
      typographed(
        `Соблюдение не подтверждено и не опровергнуто, так как в журнале нет сведений: ${silent.join('; ')}.`,
      ),
    );
  }
  const waived = controls.filter(({ status }) => status === 'waived');
  if (waived.length > 0) {
    items(
      flow,
      'Действуют исключения:',
      waived.map(({ id, titleRu, waiver }) =>
        waiver === undefined
          ? `${id}. ${titleRu} — по отдельным нарушениям, они указаны в разделе 3.`
          : `${id}. ${titleRu} — ${told.waiver(waiver)}`,
      ),
    );
  }
}

/** A list under its heading. */
function items(flow: Flow, heading: string, texts: readonly string[]): void {
  flow.paragraph(heading, STYLES.text, { after: 2, keep: true });
  for (const text of texts) flow.paragraph(typographed(`— ${text}`), STYLES.text, { after: 2 });
  flow.y += 4;
}

const RANKS = { critical: 0, high: 1, medium: 2, low: 3 } as const;
function rank({ severity }: ReportControl): number {
  return RANKS[severity];
}

async function remediation(flow: Flow, controls: readonly ReportControl[], told: Teller): Promise<void> {
  const rows = withFindings(controls).flatMap((control, nth) =>
    control.findings.flatMap(({ workflow }, index) =>
      workflow?.status === 'assigned' || workflow?.status === 'remedied'
        ? [{ control, place: `раздел 3.${nth + 1}, №${NBSP}${index + 1}`, workflow }]
        : [],
    ),
  );
  if (rows.length === 0) {
    flow.paragraph('Поручений по нарушениям, перечисленным в разделе 3, на конец периода нет.');
    return;
  }
  await flow.table(
    [
      { headingRu: 'Что устранить', share: 140 },
      { headingRu: 'Рекомендация', share: 172 },
      { headingRu: 'Ответственный', share: 112 },
      { headingRu: 'Срок', share: 58 },
    ],
    rows.map(({ control: { id, titleRu }, place, workflow }) => [
      [
        { text: typographed(`${id}. ${titleRu}`), style: STYLES.cellTight },
        { text: typographed(place), style: STYLES.cellSmall },
      ],
      [
        { text: told.text(workflow.reasonRu ?? ''), style: STYLES.cellTight },
        { text: WORKFLOW_RU[workflow.status], style: STYLES.cellSmall },
      ],
      [{ text: told.person(workflow.personId), style: STYLES.cellTight }],
      [{ text: told.until(workflow), style: STYLES.cellWord }],
    ]),
  );
}

async function parametersTable(flow: Flow, controls: readonly ReportControl[]): Promise<void> {
  flow.paragraph(
    'Приведено то, что действовало на конец периода, и на каком основании: по приказу организации, по закону или по умолчанию.',
  );
  await flow.table(
    [
      { headingRu: '№', share: 30 },
      { headingRu: 'Параметр', share: 190 },
      { headingRu: 'Значение', share: 100 },
      { headingRu: 'Основание', share: 110 },
      { headingRu: 'Версия', share: 52, align: 'right' },
    ],
    controls.flatMap(({ id, version, parameters }) => {
      const told =
        parameters.length === 0
          ? [['параметров нет', '', ''] as const]
          : parameters.map((one) => [one.titleRu, one.valueRu, groundsRu(one)] as const);
      return told.map(([title, value, grounds], index) => [
        [{ text: index === 0 ? id : '', style: STYLES.cellNumber }],
        [{ text: typographed(title) }],
        [{ text: typographed(value) }],
        [{ text: typographed(grounds), style: STYLES.cellSmall }],
        [{ text: index === 0 ? String(version) : '', style: STYLES.cellNumber }],
      ]);
    }),
  );
}

async function evidenceTable(flow: Flow, evidence: readonly ReportEvent[], clock: Clock): Promise<void> {
  if (evidence.length === 0) {
    flow.paragraph('Событий, на которые опирались бы выводы, нет.');
    return;
  }
  function* rows(): Generator<readonly Cell[]> {
    for (const { id, titleRu, occurredAt, position } of evidence) {
      yield [
        [{ text: position, style: STYLES.chart }],
        [{ text: typographed(titleRu), style: STYLES.cellFine }],
        [{ text: clock.moment(occurredAt), style: STYLES.chart }],
        [{ text: id, style: STYLES.chart }],
      ];
    }
  }
  await flow.table(
    [
      { headingRu: 'Место', share: 46, align: 'right' },
      { headingRu: 'Событие', share: 192 },
      { headingRu: 'Когда', share: 80 },
      { headingRu: 'Номер события', share: 164 },
    ],
    rows(),
    { dense: true },
  );
}

async function provenance(
  flow: Flow,
  content: ControlReportContent,
  options: DocumentOptions,
  clock: Clock,
): Promise<void> {
  const { provisionalYears, ledgerCheckpoint } = content;
  await flow.keyed([
    ['Каталог контролей', content.catalogue],
    [
      'Календарь',
      provisionalYears.length === 0
        ? content.calendar
        : `${content.calendar}. Предварительно, до утверждения переноса выходных: ${provisionalYears.join(', ')}${NBSP}г. Сроки, которые на него приходятся, могут измениться.`,
    ],
    ['Место в журнале', `Учтены события журнала по ${content.position} включительно.`],
    [
      'Печать журнала',
      ledgerCheckpoint ??
        'Журнал ещё не скреплён контрольной точкой: неизменность событий подтверждает только его хранилище.',
    ],
    ['Запрошена', `${clock.moment(options.requestedAt)} (${clock.offset(options.requestedAt)})`],
    ['Организация', content.organization.id],
    ['Схема', content.schema],
    [
      'Отпечаток',
      `SHA-256 содержания в каноническом виде (RFC${NBSP}8785): ${digestLines(options.digest).join(' ')}. Имена людей в него не входят.`,
    ],
  ]);
  seal(flow, options);
}

/** Tells about findings with the names that the reader may read. */
class Teller {
  constructor(
    private readonly options: DocumentOptions,
    private readonly clock: Clock,
  ) {}

  text(withMentions: string): string {
    return typographed(named(withMentions, this.options.nameOf));
  }

  person(id: string): string {
    return typographed(this.options.nameOf({ kind: 'person', id }));
  }

  until({ until }: { readonly until?: string }): string {
    return until === undefined ? '' : this.clock.day(until);
  }

  /** `до 31.08.2026 (решение: Яров Олег Львович). Причина: служебное расследование.` */
  waiver({ by, reasonRu, until }: ReportWaiver): string {
    return `до ${this.clock.day(until)} (решение: ${this.text(by)}). Причина: ${sentence(this.text(reasonRu))}`;
  }

  row(number: number, finding: ReportFinding): readonly Cell[] {
    const { state, severity, since, dueAt, closedAt } = finding;
    return [
      [{ text: String(number), style: STYLES.cellNumber }],
      [
        { text: capital(this.text(finding.explanationRu)), style: STYLES.cellTight },
        { text: this.evidence(finding), style: STYLES.cellSmall, gap: 2 },
        ...this.decision(finding),
      ],
      [
        { text: typographed(STATES_RU[state]), style: STYLES.cellWord, sign: signOfState(state) },
        { text: `важность: ${SEVERITIES_RU[severity]}`, style: STYLES.cellSmall, gap: 2 },
      ],
      [
        { text: `с ${this.clock.moment(since)}`.replace(' ', NBSP), style: STYLES.cellTime },
        ...(dueAt === undefined
          ? []
          : [{ text: `срок ${this.clock.moment(dueAt)}`, style: STYLES.cellTime }]),
        ...(closedAt === undefined
          ? []
          : [{ text: `закрыто ${this.clock.moment(closedAt)}`, style: STYLES.cellTime }]),
      ],
    ];
  }

  /** What the events are, and when, the explanation says. */
  private evidence({ evidence }: ReportFinding): string {
    return evidence.length === 0
      ? 'Доказательств нет.'
      : `Доказательства: ${evidence.map(shortId).join(', ')}.`;
  }

  private decision({ workflow }: ReportFinding): Cell {
    if (workflow === undefined) return [];
    const { status, personId, at, until, reasonRu } = workflow;
    const term = until === undefined ? '' : `, до ${this.clock.day(until)}`;
    const reason = reasonRu === undefined ? '' : ` ${this.text(reasonRu)}`;
    const text = `Решение ${this.clock.day(at)}: ${WORKFLOW_RU[status]}${term} — ${this.person(personId)}.${reason}`;
    return [{ text: typographed(text), style: STYLES.cellSmall }];
  }
}
