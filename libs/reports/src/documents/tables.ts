import { type ControlReportContent, type FounderReportContent, type ReportContent } from '../content';
import { summaryRu, wordsOf } from './control-pdf';
import { founderSummaryRu } from './founder-pdf';
import { type DocumentOptions } from './options';
import {
  capital,
  clockOf,
  COUNTS_IN_ORDER,
  COUNTS_RU,
  groundsRu,
  named,
  SEVERITIES_RU,
  STATES_RU,
  STATUSES_IN_ORDER,
  STATUSES_RU,
  SUBJECTS_RU,
  WORKFLOW_RU,
} from './wording';

/** What stands in a field: an instant is RFC 3339; `null` where there is nothing to say. */
export type Field = string | number | { readonly at: string } | null;

export interface Column {
  readonly headingRu: string;
  /** In characters. */
  readonly width: number;
}

/** A part of the report as columns and rows, for programs that calculate. */
export interface Table {
  readonly nameRu: string;
  readonly columns: readonly Column[];
  readonly rows: Iterable<readonly Field[]>;
}

const column = (headingRu: string, width: number): Column => ({ headingRu, width });
const at = (instant: string | undefined): Field => (instant === undefined ? null : { at: instant });

/** The whole report, table by table. */
export function tablesOf(content: ReportContent, options: DocumentOptions): readonly Table[] {
  switch (content.kind) {
    case 'control':
      return [
        controlSummary(content, options),
        controls(content, options),
        findings(content, options),
        evidence(content),
        parameters(content),
      ];
    case 'founder':
      return [founderSummary(content, options), schools(content), founderControls(content), matrix(content)];
  }
}

/** What a file of one table holds: a row for each finding; for the founder, one for each school and control. */
export function mainTableOf(content: ReportContent, options: DocumentOptions): Table {
  switch (content.kind) {
    case 'control':
      return findings(content, options);
    case 'founder':
      return matrix(content);
  }
}

const KEYED = [column('Показатель', 34), column('Значение', 110)];

function decisionsOn({ approval, withdrawn }: DocumentOptions): readonly (readonly Field[])[] {
  return [
    ...(approval === undefined
      ? []
      : [
          ['Утверждено', at(approval.at)],
          ['Кем утверждено', approval.nameRu],
        ]),
    ...(withdrawn === undefined
      ? []
      : [
          ['Отозвано', at(withdrawn.at)],
          ['Причина отзыва', withdrawn.reason],
        ]),
  ];
}

function controlSummary(content: ControlReportContent, options: DocumentOptions): Table {
  const { organization, period, asOf, position, ledgerCheckpoint, catalogue, calendar, byClause } = content;
  const { goal, object, basis, methods } = wordsOf(content);
  return {
    nameRu: 'Сводка',
    columns: KEYED,
    rows: [
      ['Форма', content.formRu],
      ['Организация', organization.name],
      ['Период', clockOf(content).period(period)],
      ['Состояние на', at(asOf)],
      ['Часовой пояс', organization.timeZone],
      ['Цель', goal],
      ['Объект', object],
      ['Основание', basis],
      ['Методы', methods],
      ['Итог', summaryRu(content)],
      ...decisionsOn(options),
      ...STATUSES_IN_ORDER.map((status) => [
        `Контроли: ${STATUSES_RU[status]}`,
        content.controls.filter((control) => control.status === status).length,
      ]),
      ...byClause.map(({ clause, titleRu, status }) => [
        `Пункт ${clause}`,
        `${STATUSES_RU[status]}: ${titleRu}`,
      ]),
      ['Каталог контролей', catalogue],
      ['Календарь', calendar],
      ['Место в журнале', position],
      ['Печать журнала', ledgerCheckpoint ?? 'журнал ещё не скреплён контрольной точкой'],
      ...identity(options),
    ],
  };
}

function identity({
  reportId,
  digest,
  checkUrl,
  requestedAt,
}: DocumentOptions): readonly (readonly Field[])[] {
  return [
    ['Номер', reportId],
    ['Запрошено', at(requestedAt)],
    ['Отпечаток (SHA-256)', digest],
    ['Где проверить', checkUrl],
  ];
}

function controls({ controls: all }: ControlReportContent, { nameOf }: DocumentOptions): Table {
  return {
    nameRu: 'Контроли',
    columns: [
      column('№', 7),
      column('Контроль', 52),
      column('Пункты Положения', 30),
      column('Отвечает', 26),
      column('Важность', 13),
      column('Состояние', 16),
      ...COUNTS_IN_ORDER.map((key) => column(COUNTS_RU[key], 12)),
      column('Исключение до', 17),
      column('Кем разрешено', 34),
      column('Причина исключения', 44),
      column('Версия', 9),
    ],
    rows: all.map(({ id, titleRu, clauses, responsibleRu, severity, status, counts, waiver, version }) => [
      id,
      titleRu,
      clauses.join(', '),
      responsibleRu,
      SEVERITIES_RU[severity],
      STATUSES_RU[status],
      ...COUNTS_IN_ORDER.map((key) => counts[key]),
      at(waiver?.until),
      waiver === undefined ? null : named(waiver.by, nameOf),
      waiver === undefined ? null : named(waiver.reasonRu, nameOf),
      version,
    ]),
  };
}

function findings({ controls: all }: ControlReportContent, { nameOf }: DocumentOptions): Table {
  function* rows(): Generator<readonly Field[]> {
    for (const { id: control, titleRu, clauses, responsibleRu, findings: found } of all) {
      for (const finding of found) {
        const { workflow } = finding;
        yield [
          control,
          titleRu,
          clauses.join(', '),
          responsibleRu,
          STATES_RU[finding.state],
          SEVERITIES_RU[finding.severity],
          SUBJECTS_RU[finding.subjectKind],
          nameOf({ kind: finding.subjectKind, id: finding.subject }),
          at(finding.since),
          at(finding.dueAt),
          at(finding.closedAt),
          capital(named(finding.explanationRu, nameOf)),
          workflow === undefined ? null : WORKFLOW_RU[workflow.status],
          workflow === undefined ? null : nameOf({ kind: 'person', id: workflow.personId }),
          at(workflow?.at),
          at(workflow?.until),
          workflow?.reasonRu === undefined ? null : named(workflow.reasonRu, nameOf),
          finding.evidence.join(', '),
          finding.id,
        ];
      }
    }
  }
  return {
    nameRu: 'Нарушения',
    columns: [
      column('Контроль', 10),
      column('Название контроля', 44),
      column('Пункты Положения', 24),
      column('Отвечает', 24),
      column('Состояние', 22),
      column('Важность', 13),
      column('Вид предмета', 22),
      column('Предмет', 34),
      column('С какого времени', 17),
      column('Срок', 17),
      column('Закрыто', 17),
      column('Факт', 80),
      column('Решение', 24),
      column('Кто', 34),
      column('Когда решено', 17),
      column('Решено до', 17),
      column('Причина или рекомендация', 44),
      column('Доказательства', 40),
      column('Номер нарушения', 38),
    ],
    rows: rows(),
  };
}

function evidence({ evidence: events }: ControlReportContent): Table {
  return {
    nameRu: 'Доказательства',
    columns: [
      column('Место в журнале', 16),
      column('Событие', 60),
      column('Когда', 17),
      column('Номер события', 38),
    ],
    rows: events.map(({ id, titleRu, occurredAt, position }) => [position, titleRu, at(occurredAt), id]),
  };
}

function parameters({ controls: all }: ControlReportContent): Table {
  return {
    nameRu: 'Параметры',
    columns: [
      column('Контроль', 10),
      column('Параметр', 56),
      column('Значение', 28),
      column('Основание', 40),
      column('Имя параметра', 26),
    ],
    rows: all.flatMap(({ id, parameters: own }) =>
      own.map((one) => [id, one.titleRu, one.valueRu, groundsRu(one), one.name]),
    ),
  };
}

function founderSummary(content: FounderReportContent, options: DocumentOptions): Table {
  return {
    nameRu: 'Сводка',
    columns: KEYED,
    rows: [
      ['Форма', content.formRu],
      ['Период', clockOf(content).period(content.period)],
      ['Состояние на', at(content.asOf)],
      ['Часовой пояс', content.timeZone],
      ['Итог', founderSummaryRu(content)],
      ...decisionsOn(options),
      ['Каталог контролей', content.catalogue],
      ['Календарь', content.calendar],
      ['Место в журнале', content.position],
      ...identity(options),
    ],
  };
}

function schools({ schools: all }: FounderReportContent): Table {
  return {
    nameRu: 'Организации',
    columns: [
      column('Организация', 60),
      ...STATUSES_IN_ORDER.map((status) => column(`Контроли: ${STATUSES_RU[status]}`, 16)),
      ...COUNTS_IN_ORDER.map((key) => column(COUNTS_RU[key], 14)),
      column('Номер организации', 38),
    ],
    rows: all.map(({ id, name, controls: own, counts }) => [
      name,
      ...STATUSES_IN_ORDER.map((status) => own.filter((control) => control.status === status).length),
      ...COUNTS_IN_ORDER.map((key) => counts[key]),
      id,
    ]),
  };
}

function founderControls({ controls: all }: FounderReportContent): Table {
  return {
    nameRu: 'Контроли',
    columns: [
      column('№', 7),
      column('Контроль', 56),
      column('Важность', 13),
      ...STATUSES_IN_ORDER.map((status) => column(`Организации: ${STATUSES_RU[status]}`, 18)),
      column(COUNTS_RU.violated, 14),
    ],
    rows: all.map(({ id, titleRu, severity, schools: counts, violated }) => [
      id,
      titleRu,
      SEVERITIES_RU[severity],
      ...STATUSES_IN_ORDER.map((status) => counts[status]),
      violated,
    ]),
  };
}

function matrix({ schools: all, controls: headings }: FounderReportContent): Table {
  const titles = new Map(headings.map(({ id, titleRu }) => [id, titleRu]));
  return {
    nameRu: 'Организации и контроли',
    columns: [
      column('Организация', 60),
      column('Контроль', 10),
      column('Название контроля', 52),
      column('Состояние', 18),
      column('Не устранено', 14),
    ],
    rows: all.flatMap(({ name, controls: own }) =>
      own.map(({ id, status, violated }) => [name, id, titles.get(id) ?? id, STATUSES_RU[status], violated]),
    ),
  };
}
