import { mention } from '@letopis/compliance';
import {
  Clock,
  clausesRu,
  counted,
  formFor,
  named,
  NBSP,
  numberRu,
  typographed,
  VIOLATIONS,
} from './wording';

/** No-break spaces made visible. */
const shown = (text: string): string => text.replaceAll(NBSP, '~');

describe('numbers with nouns', () => {
  it.each([
    [0, 'нарушений'],
    [1, 'нарушение'],
    [2, 'нарушения'],
    [4, 'нарушения'],
    [5, 'нарушений'],
    [11, 'нарушений'],
    [12, 'нарушений'],
    [14, 'нарушений'],
    [21, 'нарушение'],
    [22, 'нарушения'],
    [25, 'нарушений'],
    [101, 'нарушение'],
    [111, 'нарушений'],
    [112, 'нарушений'],
    [1002, 'нарушения'],
  ])('given %d, then the noun is «%s»', (count, form) => {
    expect(formFor(count, VIOLATIONS)).toBe(form);
  });

  it('given a number and its noun, then no line is broken between them', () => {
    expect(shown(counted(5, VIOLATIONS))).toBe('5~нарушений');
  });

  it.each([
    [9999, '9999'],
    [10_000, '10~000'],
    [1_234_567, '1~234~567'],
  ])('given %d, then thousands stand apart from five digits on', (count, text) => {
    expect(shown(numberRu(count))).toBe(text);
  });
});

describe('instants on the wall', () => {
  const clock = new Clock('Asia/Yekaterinburg');
  const period = { from: '2025-08-31T19:00:00.000Z', to: '2025-12-31T19:00:00.000Z' };

  it('given an instant, then it is the time of the place, to the minute', () => {
    expect(shown(clock.moment('2025-11-17T19:05:59.000Z'))).toBe('18.11.2025,~00:05');
  });

  it('given a period up to midnight, then its last day is the day before', () => {
    expect(shown(clock.period(period))).toBe('01.09.2025~– 31.12.2025');
    expect(shown(clock.periodInWords(period))).toBe('с~1~сентября~2025~г. по~31~декабря~2025~г.');
  });

  it.each([
    ['Asia/Yekaterinburg', 'UTC+5'],
    ['Asia/Kolkata', 'UTC+5:30'],
    ['America/New_York', 'UTC−5'],
    ['UTC', 'UTC+0'],
  ])('given %s, then its offset is %s', (timeZone, offset) => {
    expect(new Clock(timeZone).offset('2025-12-31T19:00:00.000Z')).toBe(offset);
  });
});

describe('clauses', () => {
  it('given duties beside the regulation, then they are told apart', () => {
    expect(shown(clausesRu(['3.1.2', '3.1.8', 'X.2', 'X.3']))).toBe(
      'п.~3.1.2, 3.1.8; вне Положения (X.2, X.3)',
    );
  });
});

describe('mentions', () => {
  const nameOf = (): string => 'Яров Олег Львович';

  it('given a mention, then the name stands in its place', () => {
    expect(named(`Исключить ${mention('person', '0b9c')}.`, nameOf)).toBe('Исключить Яров Олег Львович.');
  });

  it('given a mention of a kind that nobody knows, then a short id stands in its place', () => {
    expect(named('О [[robot:0b9c4d2e-77aa]].', nameOf)).toBe('О 0b9c4d2e.');
  });

  it('given a name that looks like a mention, then no brackets are shown', () => {
    expect(named(mention('chat', 'x'), () => '[[chat:evil]]')).not.toContain('[[');
  });
});

describe('typography', () => {
  it.each([
    ['МБОУ "Школа № 12"', 'МБОУ «Школа №~12»'],
    ['чат 5"А"', 'чат 5"А"'],
    ['Вступил 3 часа назад - без ссылки', 'Вступил 3~часа назад~— без ссылки'],
    ['срок 10 рабочих дней', 'срок 10~рабочих дней'],
    ['по п. 3.1.2 и ст. 21', 'по~п.~3.1.2 и~ст.~21'],
    ['17.11.2025, 19:05', '17.11.2025,~19:05'],
    ['имени А. П. Светлова', 'имени А.~П.~Светлова'],
    ['устранено — 15', 'устранено~—~15'],
    ['а\u202Eб\u0007в\u200Bг', 'абвг'],
    ['одна\nстрока', 'одна строка'],
  ])('given %j, then it is set as %j', (text, set) => {
    expect(shown(typographed(text))).toBe(set);
  });

  it('given text that is set already, then it stays', () => {
    const text = typographed('МБОУ "Школа № 12" - с 5 по 7 дней, п. 3.1');
    expect(typographed(text)).toBe(text);
  });
});
