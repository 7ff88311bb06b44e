import { definePolicy } from '@letopis/kernel';
import { on } from '@letopis/projections';
import { MessageEdited, MessagePosted, messages, school } from '@letopis/school';
import { catalogueOf, type Parts } from './catalogue-page';

const TITLE = { ru: 'Коммуникация поддерживается', en: 'Communication kept alive' };

/** Two clauses, a command, its event and a control. */
const parts: Parts = {
  clauses: [
    { id: '3.5.2', kind: 'activity', textRu: 'Участвует в коммуникации' },
    { id: '3.6.2', kind: 'activity', textRu: 'Участвует в образовательной коммуникации' },
  ],
  domain: {
    ...school,
    concepts: [{ ...messages, events: [MessagePosted] }],
    commands: school.commands.filter(({ name }) => name === 'RecordMessagePosted'),
    policies: [],
  },
  controls: [
    {
      id: 'C34',
      title: TITLE,
      severity: 'low',
      responsible: 'curator',
      clauses: ['3.5.2', '3.6.2'],
      evidence: [MessagePosted],
      shownIn: { form: 'F1' },
    },
  ],
  evaluated: [],
  forms: { F1: 'Мониторинг' },
  registers: [],
  views: [],
};
const [control] = parts.controls;
const register = { form: 'F1', nameRu: 'Мониторинг активности', views: ['chats'] } as const;
const chats = { name: 'chats', on: [on(MessagePosted, () => undefined)] };
const empty = { name: 'chats', on: [] };

/** A policy that issues `command` after messages. */
const policy = (command: string) =>
  definePolicy({ name: 'answer', on: MessagePosted, follow: () => [{ command, payload: {} }] });

describe('what is left hanging', () => {
  it.each<[string, Partial<Parts>, readonly string[]]>([
    ['nothing', {}, []],
    [
      'a clause that nothing cites',
      { clauses: [...parts.clauses, { id: '4.1', kind: 'right', textRu: 'Доступ' }] },
      ['Clause 4.1 has no command', 'Clause 4.1 has no event', 'Clause 4.1 has no control'],
    ],
    [
      'a purpose without a command, but with neither event nor control',
      { clauses: [...parts.clauses, { id: '3.4.0', kind: 'purpose', textRu: 'Координирует' }] },
      ['Clause 3.4.0 has no event', 'Clause 3.4.0 has no control'],
    ],
    [
      'clauses that are cited, but not there',
      { clauses: parts.clauses.slice(0, 1) },
      ['There is no clause 3.6.2, though it is cited'],
    ],
    [
      'an event that no command records',
      {
        domain: { ...parts.domain, concepts: [{ ...messages, events: [MessagePosted, MessageEdited] }] },
      },
      ['Event MessageEdited is recorded by no command'],
    ],
    [
      'a policy after an event that is not there',
      { domain: { ...parts.domain, policies: [{ ...policy('RecordMessagePosted'), on: 'MessageEdited' }] } },
      [
        'Policy answer waits for MessageEdited, which is not declared',
        'Policy answer was never seen to issue anything',
      ],
    ],
    [
      'a policy that issues a command that is not there',
      { domain: { ...parts.domain, policies: [policy('Answer')] } },
      ['Policy answer issues Answer, which is not declared'],
    ],
    [
      'a control that rests on an event that is not there',
      { controls: [{ ...control!, evidence: [MessageEdited] }] },
      ['Control C34 has no evidence', 'Control C34 rests on MessageEdited, which is not declared'],
    ],
    [
      'a control that is evaluated, but not declared',
      { evaluated: [{ id: 'C35', version: 1 }] },
      ['Control C35 is evaluated, but not declared'],
    ],
    ['a register that its control feeds', { registers: [register], views: [chats] }, []],
    [
      'a register that its control does not feed',
      { registers: [register], views: [empty] },
      ['Control C34 is shown in a register that none of its events feeds'],
    ],
    [
      'a register without its view',
      { registers: [register], views: [] },
      [
        'Control C34 is shown in a register that none of its events feeds',
        'Register F1 reads the view chats, which is not there',
      ],
    ],
    [
      'a register that is no form',
      { registers: [{ ...register, form: 'F2' }], views: [chats] },
      ['Register F2 is no form of the regulation'],
    ],
  ])('given %s, then it is said', (_name, changed, hanging) => {
    const catalogue = catalogueOf({ ...parts, ...changed });
    expect(catalogue.hanging).toEqual(hanging);
  });
});

describe('the page', () => {
  /** The row that begins with `cell`, after `heading`. */
  const rowOf = (changed: Partial<Parts>, heading: string, cell: string): string | undefined => {
    const lines = catalogueOf({ ...parts, ...changed }).page.split('\n');
    return lines.slice(lines.indexOf(heading)).find((line) => line.startsWith(`| ${cell} |`));
  };

  it('given a clause, then its way leads to the register', () => {
    expect(rowOf({}, '## Clauses', '**3.5.2**')).toBe(
      '| **3.5.2** | Участвует в коммуникации | activity | `RecordMessagePosted` | `MessagePosted` | C34 | F1 (ещё нет) |',
    );
  });

  it('given an event that a policy may cause, then its way leads back to command and policy', () => {
    const domain = { ...parts.domain, policies: [policy('RecordMessagePosted')] };
    const changed = { domain, registers: [register], views: [chats] };
    expect(rowOf(changed, '## Events', '`MessagePosted`')).toBe(
      `| \`MessagePosted\` | ${MessagePosted.titleRu} | \`RecordMessagePosted\` (also by policy \`answer\`) | 3.5.2, 3.6.2 | C34 | F1 |`,
    );
  });

  it.each([
    ['not evaluated', [], 'not evaluated yet (пока не вычисляется)'],
    ['evaluated', [{ id: 'C34', version: 2 }], 'yes, version 2'],
  ])('given a control that is %s, then it says so', (_name, evaluated, said) => {
    expect(rowOf({ evaluated }, '## Controls', '**C34**')).toContain(`| ${said} |`);
  });

  it.each([
    ['no register', {}, 'Мониторинг (ещё нет)'],
    ['a register', { registers: [register], views: [chats] }, 'Мониторинг активности'],
  ])('given a form with %s, then it says so', (_name, changed, said) => {
    expect(rowOf(changed, '## Registers', '**F1**')).toContain(`| ${said} |`);
  });

  it('given something is left hanging, then the page says what', () => {
    const { page } = catalogueOf({ ...parts, evaluated: [{ id: 'C35', version: 1 }] });
    expect(page).toContain('- Control C35 is evaluated, but not declared');
  });
});
