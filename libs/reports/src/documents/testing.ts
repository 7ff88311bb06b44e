import { once } from 'node:events';
import { type Readable } from 'node:stream';
import PDFDocument from 'pdfkit';
import {
  CONTROL_STATUSES,
  type ControlStatus,
  declaredControls,
  FINDING_STATES,
  mention,
  SUBJECT_KINDS,
} from '@letopis/compliance';
import { derivedId } from '@letopis/kernel';
import {
  type ControlReportContent,
  type FounderReportContent,
  frozen,
  type ReportContent,
  type ReportControl,
  type ReportCounts,
  type ReportEvent,
  type ReportFinding,
  type ReportWorkflow,
} from '../content';
import { Draft, type Point } from './canvas';
import { type DocumentOptions } from './options';
import { setReport } from './pdf';
import { Turns } from './turns';
import { registerFonts, type TextStyle, Typesetter } from './typesetter';

/*
 * Invented reports in the variety of real ones. Chosen by number, not by chance: the same call gives the same report.
 */

const FROM = Date.parse('2025-08-31T19:00:00.000Z');
const WEEK = 7 * 86_400_000;
const HOUR = 3_600_000;

export const NAMES = [
  'Берёзкина Анастасия Всеволодовна',
  'Колокольников Пётр Ильич',
  'Заречная Мария Степановна',
  'Константинопольская-Преображенская Елизавета Константиновна',
  'Яров Олег Львович',
];

const pick = <Item>(items: readonly Item[], index: number): Item => {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('There is nothing to pick from');
  return item;
};

export const nameOf: DocumentOptions['nameOf'] = ({ kind, id }) => {
  const number = parseInt(id.slice(0, 6), 16);
  if (kind === 'person' || kind === 'account') return pick(NAMES, number);
  if (kind === 'chat')
    return pick(['7Б: родители', 'Учительская', '5 "А", математика', '=HYPERLINK("x")'], number);
  return `ссылка-приглашение № ${id.slice(0, 8)}`;
};

const RESPONSIBLE = [
  'администратор платформы',
  'директор',
  'классный руководитель',
  'заместитель директора',
  'ответственный за персональные данные',
];
const TITLES = [
  'Создана ссылка-приглашение',
  'Участник добавлен в чат',
  'Подана заявка на вступление в сообщество организации',
  'Записано движение контингента',
];

function eventOf(index: number): ReportEvent {
  return {
    id: derivedId('document-test', 'event', String(index)),
    type: 'InvitationLinkCreated',
    titleRu: pick(TITLES, index),
    occurredAt: new Date(FROM + index * HOUR).toISOString(),
    position: String(1000 + index),
  };
}

function workflowOf(index: number): ReportWorkflow | undefined {
  const status = pick(
    ['none', 'assigned', 'none', 'remedied', 'verified', 'excepted', 'dismissed'] as const,
    index,
  );
  if (status === 'none') return undefined;
  const at = new Date(FROM + (index % 15) * WEEK + 30 * HOUR).toISOString();
  return {
    status,
    personId: derivedId('document-test', 'person', String(index)),
    at,
    ...((status === 'assigned' || status === 'excepted') && {
      until: new Date(Date.parse(at) + 2 * WEEK).toISOString(),
    }),
    reasonRu: 'Проверить состав чата по списку класса и исключить тех, кого в нём нет; о сделанном сообщить.',
  };
}

function findingOf(index: number): ReportFinding {
  const state = pick(
    FINDING_STATES.filter((one) => one !== 'fulfilled'),
    index,
  );
  const since = FROM + (index % 16) * WEEK + (index % 50) * HOUR;
  const person = mention('person', derivedId('document-test', 'person', String(index * 7)));
  const isClosed = state === 'remedied' || state === 'cancelled' || state === 'fulfilled-late';
  const workflow = workflowOf(index);
  return {
    id: derivedId('document-test', 'finding', String(index)),
    rule: 'join',
    subject: derivedId('document-test', 'subject', String(index)),
    subjectKind: pick(SUBJECT_KINDS, index),
    severity: pick(['low', 'medium', 'high', 'critical'] as const, index),
    state,
    since: new Date(since).toISOString(),
    ...(index % 3 !== 0 && { dueAt: new Date(since + 2 * WEEK).toISOString() }),
    ...(isClosed && { closedAt: new Date(since + 2 * WEEK + 5 * HOUR).toISOString() }),
    evidence: [index * 2, index * 2 + 1].map((event) => eventOf(event).id),
    explanationRu: `Не выполнено в срок: исключить участника ${person} из чата "7Б - родители" в течение 3 рабочих дней после приказа № 14-К. Обязанность возникла 07.10.2025, 09:30, срок истёк 10.10.2025, 23:59.`,
    ...(workflow !== undefined && { workflow }),
  };
}

const statusOf = (index: number): ControlStatus =>
  pick(
    ['violated', 'compliant', 'violated', 'at-risk', 'compliant', 'no-evidence', 'waived', 'not-applicable'],
    index,
  );

function countsOf(findings: readonly ReportFinding[], inTime: number): ReportCounts {
  const of = (...states: readonly string[]): number =>
    findings.filter(({ state }) => states.includes(state)).length;
  return {
    inTime,
    open: of('open'),
    violated: of('overdue', 'violated'),
    mended: of('remedied', 'fulfilled-late'),
    excepted: of('cancelled'),
  };
}

/** A report of a school on all declared controls with so many findings, most of them of the first controls. */
export function controlContent(findings = 60): ControlReportContent {
  const all = Array.from({ length: findings }, (_, index) => findingOf(index));
  const troubled = declaredControls.filter((_, index) => ['violated', 'at-risk'].includes(statusOf(index)));
  const controls = declaredControls.map(({ id, title, severity, clauses }, index): ReportControl => {
    const nth = troubled.findIndex((control) => control.id === id);
    const own = nth < 0 ? [] : all.filter((_, at) => at % troubled.length === nth);
    return {
      id,
      version: 1 + (index % 3),
      titleRu: title.ru,
      clauses,
      severity,
      responsibleRu: pick(RESPONSIBLE, index),
      parameters: [
        {
          name: 'within',
          titleRu: 'Срок исполнения обязанности',
          valueRu: `${(index % 10) + 1} рабочих дней`,
          ...(index % 4 === 0 && { order: 'приказ № 324 от 29.08.2025' }),
        },
      ].slice(0, index % 5 === 4 ? 0 : 1),
      status: statusOf(index),
      counts: countsOf(own, (index * 13) % 40),
      findings: own,
    };
  });
  const clauses = [...new Set(declaredControls.flatMap((control) => control.clauses))];
  return {
    schema: 'letopis/control-report/2',
    kind: 'control',
    formRu: 'Справка по итогам контроля',
    organization: {
      id: derivedId('document-test', 'organization'),
      name: 'Муниципальное бюджетное общеобразовательное учреждение "Заозёрная средняя общеобразовательная школа № 17 имени А. П. Светлова"',
      timeZone: 'Asia/Yekaterinburg',
    },
    period: { from: new Date(FROM).toISOString(), to: '2025-12-31T19:00:00.000Z' },
    asOf: '2025-12-31T18:59:59.999Z',
    position: '48213',
    ledgerCheckpoint: null,
    catalogue: 'каталог от 01.12.2025, 34 контроля',
    calendar: 'ru-2026',
    provisionalYears: [],
    controls,
    byClause: clauses.map((clause, index) => ({
      clause,
      titleRu: `Содержание пункта ${clause}`,
      status: statusOf(index),
      controls: ['C01'],
    })),
    trend: Array.from({ length: 18 }, (_, week) => ({
      at: new Date(FROM + (week + 1) * WEEK - 1).toISOString(),
      violated: (week * 5) % 23,
      open: (week * 3) % 11,
    })),
    byResponsible: [mention('person', derivedId('document-test', 'person', '3')), ...RESPONSIBLE].map(
      (responsibleRu, index) => ({ responsibleRu, overdue: (index * 7) % 20 }),
    ),
    evidence: Array.from({ length: findings * 2 }, (_, index) => eventOf(index)),
  };
}

/** A report on so many schools. */
export function founderContent(count = 40): FounderReportContent {
  const { position, catalogue, calendar, controls } = controlContent(0);
  const schools = Array.from({ length: count }, (_, index) => ({
    id: derivedId('document-test', 'school', String(index)),
    name:
      index % 7 === 3
        ? `Муниципальное автономное общеобразовательное учреждение "Лицей № ${index + 1} с углублённым изучением отдельных предметов"`
        : `МБОУ "Школа № ${index + 1}"`,
    counts: {
      inTime: index * 31,
      open: index % 5,
      violated: (index * 3) % 17,
      mended: index % 9,
      excepted: index % 2,
    },
    controls: controls.map(({ id }, nth) => ({
      id,
      status: pick(CONTROL_STATUSES, index + nth),
      violated: (index + nth) % 4,
    })),
  }));
  const inSchools = (id: string, status: ControlStatus): number =>
    schools.filter((school) => school.controls.some((one) => one.id === id && one.status === status)).length;
  return {
    schema: 'letopis/founder-report/1',
    kind: 'founder',
    formRu: 'Отчёт учредителю по итогам контроля',
    period: { from: '2025-08-31T21:00:00.000Z', to: '2025-12-31T21:00:00.000Z' },
    asOf: '2025-12-31T20:59:59.999Z',
    timeZone: 'Europe/Moscow',
    position,
    catalogue,
    calendar,
    schools,
    controls: controls.map(({ id, titleRu, severity }, index) => ({
      id,
      titleRu,
      severity,
      schools: {
        violated: inSchools(id, 'violated'),
        'at-risk': inSchools(id, 'at-risk'),
        compliant: inSchools(id, 'compliant'),
        waived: inSchools(id, 'waived'),
        'not-applicable': inSchools(id, 'not-applicable'),
        'no-evidence': inSchools(id, 'no-evidence'),
      },
      violated: index * 2,
    })),
  };
}

/** What a document of this content is made with where a test does not say otherwise. */
export function optionsFor(content: ReportContent, others: Partial<DocumentOptions> = {}): DocumentOptions {
  const reportId = derivedId('document-test', 'report');
  return {
    digest: frozen(content).digest,
    checkUrl: `https://letopis.example/v1/reports/${reportId}/check`,
    reportId,
    requestedAt: '2026-01-05T06:12:00.000Z',
    acknowledgements: [],
    nameOf,
    ...others,
  };
}

/** Everything that the stream gives. */
export async function bytesOf(stream: Readable): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}

/** Measures with the fonts of the documents. */
export function typesetter(): Typesetter {
  const document = new PDFDocument({ autoFirstPage: false });
  registerFonts(document);
  return new Typesetter(document);
}

/** A piece of text where it was set. */
export interface SetText extends Point {
  readonly text: string;
  readonly style: TextStyle;
  readonly width: number;
}

/** Remembers what is set on which page. */
export class Proof extends Draft {
  readonly sheets: SetText[][] = [];
  readonly bookmarks: string[] = [];

  constructor(private readonly type: Typesetter) {
    super();
  }

  override addPage(): void {
    super.addPage();
    this.sheets.push([]);
  }

  override text(text: string, { x, y }: Point, style: TextStyle): void {
    this.sheets.at(-1)?.push({ text, x, y, style, width: this.type.width(text, style) });
  }

  override bookmark(title: string): void {
    this.bookmarks.push(title);
  }
}

/** The report as it is set, page by page, without a PDF. */
export async function proofOf(content: ReportContent, options: DocumentOptions): Promise<Proof> {
  const type = typesetter();
  const turns = new Turns();
  const draft = new Draft();
  await setReport(draft, type, content, options, { anchors: new Map(), pages: 0 }, turns);
  const proof = new Proof(type);
  await setReport(proof, type, content, options, draft, turns);
  return proof;
}

/** The text of a page: its lines joined by spaces, no-break spaces made plain. */
export function textOf(page: readonly SetText[] | undefined): string {
  return (page ?? [])
    .map(({ text }) => text)
    .join(' ')
    .replaceAll('\u00A0', ' ');
}
