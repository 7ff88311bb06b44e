import { controlCatalogue, days, parameter, workingDays } from '@letopis/compliance';
import { MessagePosted } from '@letopis/school';
import { type ControlOnPage, controlsOnPage, controlsPage } from './controls-page';

const control: ControlOnPage = {
  id: 'C34',
  version: 2,
  title: { ru: 'Коммуникация поддерживается', en: 'Communication kept alive' },
  severity: 'low',
  responsible: 'curator',
  clauses: ['3.5.2', '3.6.2'],
  parameters: {
    activityEvery: parameter('Как часто в чате общаются', days(14)),
    answerWithin: parameter('Срок ответа', workingDays(10), '152-ФЗ, ст. 20'),
  },
  rules: [
    { id: 'activity', about: 'chat' },
    { id: 'answered', about: 'person', severity: 'high' },
  ],
  evidence: [MessagePosted],
  shownIn: { form: 'F1' },
};

/** The lines of the only control's section. */
function linesOf(changed: Partial<ControlOnPage> = {}): readonly string[] {
  const lines = controlsPage([{ ...control, ...changed }]).split('\n');
  return lines.slice(lines.indexOf('## C34 Коммуникация поддерживается'));
}

describe('the section of a control', () => {
  it.each([
    ['its English title and version', '_Communication kept alive._ Version 2.'],
    ['its clauses', '- **Clauses**: 3.5.2, 3.6.2'],
    ['its severity', '- **Severity**: low'],
    ['who answers for it', '- **Answers for it**: куратор группы (`curator`)'],
    ['its form', '- **Shown in**: F1 «Мониторинг регистрации и активности»'],
    ['its evidence', `- **Evidence**: \`MessagePosted\` (${MessagePosted.titleRu})`],
    ['a rule of its own severity', '| `activity` | chat | low |'],
    ['a rule of another', '| `answered` | person | high |'],
    ['a parameter in words', '| `activityEvery` | Как часто в чате общаются | 14 дней | — |'],
    ['a parameter of the law', '| `answerWithin` | Срок ответа | 10 рабочих дней | 152-ФЗ, ст. 20 |'],
  ])('tells %s', (_what, line) => {
    expect(linesOf()).toContain(line);
  });

  it('given papers instead of a form, then it names them', () => {
    expect(linesOf({ shownIn: { papersRu: 'копия приказа' } })).toContain('- **Shown in**: копия приказа');
  });

  it('given no parameters, then it has no table of them', () => {
    expect(linesOf({ parameters: {} }).join('\n')).not.toContain('по умолчанию');
  });
});

describe('the page', () => {
  it('has every control that is evaluated, in order', () => {
    expect(controlsOnPage().map(({ id }) => id)).toEqual(controlCatalogue.map(({ id }) => id));
  });

  it('says what each status means', () => {
    const lines = controlsPage([]).split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^\| `at-risk` \| something is to be done, /));
  });

  it('has no cell that breaks its table', () => {
    const rows = controlsPage(controlsOnPage())
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows.filter((row) => ![2, 3, 4].includes(row.split('|').length - 2))).toEqual([]);
  });
});
