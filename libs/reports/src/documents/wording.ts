import {
  type ControlStatus,
  type FindingState,
  type Mention,
  type Severity,
  type SubjectKind,
  withNames,
} from '@letopis/compliance';
import { offsetAt, wallClock } from '@letopis/kernel';
import {
  type ReportContent,
  type ReportControl,
  type ReportCounts,
  type ReportPeriod,
  type ReportWorkflow,
} from '../content';

/** A space that no line is broken at. */
export const NBSP = '\u00A0';

/** The order in which statuses are counted and shown: what asks for action first. */
export const STATUSES_IN_ORDER: readonly ControlStatus[] = [
  'violated',
  'at-risk',
  'compliant',
  'waived',
  'not-applicable',
  'no-evidence',
];

export const STATUSES_RU: Readonly<Record<ControlStatus, string>> = {
  violated: 'нарушается',
  'at-risk': 'идёт срок',
  compliant: 'соблюдается',
  waived: 'исключение',
  'not-applicable': 'не применяется',
  'no-evidence': 'нет сведений',
};

export const STATES_RU: Readonly<Record<FindingState, string>> = {
  open: 'идёт срок',
  overdue: 'просрочено',
  fulfilled: 'исполнено в срок',
  'fulfilled-late': 'исполнено с опозданием',
  cancelled: 'отпало',
  violated: 'нарушение',
  remedied: 'устранено',
};

export const SEVERITIES_RU: Readonly<Record<Severity, string>> = {
  critical: 'критическая',
  high: 'высокая',
  medium: 'средняя',
  low: 'низкая',
};

export const SUBJECTS_RU: Readonly<Record<SubjectKind, string>> = {
  organization: 'организация',
  person: 'участник',
  account: 'учётная запись',
  chat: 'чат',
  group: 'группа',
  channel: 'канал',
  link: 'ссылка-приглашение',
  act: 'локальный акт',
  request: 'заявка или обращение',
  incident: 'инцидент',
  violation: 'сообщение о нарушении',
  check: 'проверка',
  session: 'занятие или мероприятие',
  material: 'материал',
  period: 'период',
};

export const WORKFLOW_RU: Readonly<Record<ReportWorkflow['status'], string>> = {
  assigned: 'поручено устранить',
  remedied: 'сообщено об устранении',
  verified: 'устранение проверено',
  excepted: 'допущено исключение',
  dismissed: 'признано ошибочным',
};

export const COUNTS_RU: Readonly<Record<keyof ReportCounts, string>> = {
  violated: 'Не устранено',
  open: 'Идёт срок',
  mended: 'Устранено',
  excepted: 'Исключено',
  inTime: 'Исполнено в срок',
};

export const COUNTS_IN_ORDER: readonly (keyof ReportCounts)[] = [
  'violated',
  'open',
  'mended',
  'excepted',
  'inTime',
];

/** A noun with one, with two to four, and with five of it: `['нарушение', 'нарушения', 'нарушений']`. */
export type Forms = readonly [one: string, few: string, many: string];

export const VIOLATIONS: Forms = ['нарушение', 'нарушения', 'нарушений'];
export const CONTROLS: Forms = ['контроль', 'контроля', 'контролей'];
export const BY_CONTROLS: Forms = ['контролю', 'контролям', 'контролям'];
export const CLAUSES: Forms = ['пункту', 'пунктам', 'пунктам'];
export const EVENTS: Forms = ['событие', 'события', 'событий'];
export const SCHOOLS: Forms = ['организация', 'организации', 'организаций'];
export const IN_SCHOOLS: Forms = ['организации', 'организациях', 'организациях'];

/** The form of the noun that goes with the number: 1 and 21 take the first, 11 to 14 the last. */
export function formFor(count: number, [one, few, many]: Forms): string {
  const ten = count % 10;
  const hundred = count % 100;
  if (ten === 1 && hundred !== 11) return one;
  return ten >= 2 && ten <= 4 && (hundred < 12 || hundred > 14) ? few : many;
}

/** `12 345`: thousands apart from five digits on, as Russian typography has it. */
export function numberRu(count: number): string {
  return Math.abs(count) < 10_000 ? String(count) : String(count).replace(/\B(?=(\d{3})+$)/g, NBSP);
}

/** `5 нарушений`, never broken between the lines. */
export function counted(count: number, forms: Forms): string {
  return `${numberRu(count)}${NBSP}${formFor(count, forms)}`;
}

const MONTHS_RU = [
  'января',
  'февраля',
  'марта',
  'апреля',
  'мая',
  'июня',
  'июля',
  'августа',
  'сентября',
  'октября',
  'ноября',
  'декабря',
];

/**
 * Instants on the clock of the wall of one place.
 *
 * @throws LetopisError `invalid` from its methods where the IANA time zone is unknown
 */
export class Clock {
  constructor(private readonly timeZone: string) {}

  /** What the clock on the wall shows, as if it were UTC: spreadsheets know no time zones. */
  shown(at: string): Date {
    return new Date(wallClock(Date.parse(at), this.timeZone));
  }

  /** `17.11.2025`. */
  day(at: string): string {
    return this.shown(at).toISOString().slice(0, 10).split('-').reverse().join('.');
  }

  /** `17.11.2025, 19:05`. */
  moment(at: string): string {
    return `${this.day(at)},${NBSP}${this.shown(at).toISOString().slice(11, 16)}`;
  }

  /** `17 ноября 2025 г.` */
  dayInWords(at: string): string {
    const shown = this.shown(at);
    const month = MONTHS_RU[shown.getUTCMonth()] ?? '';
    return [shown.getUTCDate(), month, shown.getUTCFullYear(), 'г.'].join(NBSP);
  }

  /** `с 1 сентября 2025 г. по 31 декабря 2025 г.`: the period ends before its `to`. */
  periodInWords({ from, to }: ReportPeriod): string {
    return `с${NBSP}${this.dayInWords(from)} по${NBSP}${this.dayInWords(lastInstantOf(to))}`;
  }

  /** `01.09.2025 – 31.12.2025`. */
  period({ from, to }: ReportPeriod): string {
    return `${this.day(from)}${NBSP}– ${this.day(lastInstantOf(to))}`;
  }

  /** How far the clock is ahead of UTC at the instant: `UTC+5`, `UTC+5:30`. */
  offset(at: string): string {
    const minutes = offsetAt(Date.parse(at), this.timeZone) / 60_000;
    const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
    return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
  }
}

/** The clock that a report's reader looks at. */
export function clockOf(content: ReportContent): Clock {
  switch (content.kind) {
    case 'control':
      return new Clock(content.organization.timeZone);
    case 'founder':
      return new Clock(content.timeZone);
  }
}

function lastInstantOf(to: string): string {
  return new Date(Date.parse(to) - 1).toISOString();
}

/** So much of an id tells things apart for a reader. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** Whether the clause is a duty beside the regulation, by law or by the platform. */
export function isBeside(clause: string): boolean {
  return clause.startsWith('X.');
}

/** `п. 3.1.2, 3.1.8; вне Положения (X.2, X.3)`. */
export function clausesRu(ids: readonly string[]): string {
  const own = ids.filter((id) => !isBeside(id));
  const beside = ids.filter(isBeside);
  return [
    ...(own.length === 0 ? [] : [`п.${NBSP}${own.join(', ')}`]),
    ...(beside.length === 0 ? [] : [`вне Положения (${beside.join(', ')})`]),
  ].join('; ');
}

const MENTION_LEFT = /\[\[(?:[a-z]+:)?([^\]\s]+)\]\]/g;

/**
 * The text with names in the places of its mentions. A mention of a kind that nobody knows (any more) is shown as a short
 * id: no reader is to meet the brackets.
 */
export function named(text: string, nameOf: (mention: Mention) => string): string {
  return withNames(text, nameOf).replace(MENTION_LEFT, (_token, id: string) => shortId(id));
}

/** Control characters, marks that turn the direction of text round, and joiners have no place on paper. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFE00-\uFE0F]/gu;
/** A number and what is counted by it. */
const COUNTED = /(\d) (?=рабоч|календарн|учебн|дн|день|час|мин|сек|год|лет|мес|недел|чел|раз|руб|г\.|%)/g;
const ABBREVIATED = /(№|§|(?:^|[\s(«])(?:п|пп|ст|ч|гл|г|ул|д|им|т|стр|рис))(\.?) (?=[\dА-ЯЁA-Z«])/g;
const INITIAL = /([А-ЯЁ]\.) (?=[А-ЯЁ]\.|[А-ЯЁ][а-яё])/g;
const SHORT_WORD = /(^|[\s(«])([А-Яа-яЁё]{1,2}) (?=[^\s—–])/g;

/**
 * The text as a Russian typesetter would set it: «ёлочки» for straight quotation marks in pairs, dashes between spaces, and
 * no line broken between a number and its unit, an abbreviation and what it stands before, a preposition and its word.
 */
export function typographed(text: string): string {
  return text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(UNPRINTABLE, '')
    .replace(/(^|[\s(«])"(?=[^\s"])([^"]*[^\s"])"(?=$|[\s.,;:!?)»])/g, '$1«$2»')
    .replace(/ [-–—] /g, `${NBSP}— `)
    .replace(/— (?=\d)/g, `—${NBSP}`)
    .replace(COUNTED, `$1${NBSP}`)
    .replace(ABBREVIATED, `$1$2${NBSP}`)
    .replace(/(\d{2}\.\d{2}\.\d{4}), (?=\d{2}:\d{2})/g, `$1,${NBSP}`)
    .replace(INITIAL, `$1${NBSP}`)
    .replace(SHORT_WORD, `$1$2${NBSP}`)
    .replace(SHORT_WORD, `$1$2${NBSP}`);
}

/** The text with a capital at its beginning. */
export function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase('ru') + text.slice(1);
}

/** The text with a full stop at its end, where it has no sign of its own. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** What a parameter's value rests on: the law, an order of the school, or neither. */
export function groundsRu({
  order,
  law,
}: Pick<ReportControl['parameters'][number], 'order' | 'law'>): string {
  const grounds = [
    ...(order === undefined ? [] : [order]),
    ...(law === undefined ? [] : [`по закону: ${law}`]),
  ];
  return grounds.length === 0 ? 'по умолчанию' : grounds.join('; ');
}

/** The counts of many added up. */
export function totalOf(counts: readonly ReportCounts[]): ReportCounts {
  const sum = (key: keyof ReportCounts): number => counts.reduce((total, one) => total + one[key], 0);
  return {
    inTime: sum('inTime'),
    open: sum('open'),
    violated: sum('violated'),
    mended: sum('mended'),
    excepted: sum('excepted'),
  };
}
