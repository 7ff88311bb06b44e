import { type EventType } from '@letopis/kernel';
import { defineProjection, on, register, searchPath } from './projection';
import { type AnyTable, defineTable } from './table';

const ChatOpened: EventType<'ChatOpened', { readonly chat: string }> = {
  type: 'ChatOpened',
  version: 1,
  titleRu: 'Чат открыт',
  clauses: [],
  schema: {},
  upcasters: {},
  of: (data) => ({ type: 'ChatOpened', data }),
};

const chats = defineTable({ name: 'chats', columns: { chat: 'text' }, key: ['chat'] });
const given = { name: 'chat-list', version: 1, tables: [chats], on: [] };

describe('a projection', () => {
  it('runs the handler of the type, then the one for every event', () => {
    const own = { apply: () => undefined };
    const any = { apply: () => undefined };
    const [projection] = register([defineProjection({ ...given, on: [on(ChatOpened, own)], any })]);
    expect(projection?.handlersFor('ChatOpened')).toEqual([own, any]);
  });

  it('runs only the handler for every event where the type has none', () => {
    const any = { apply: () => undefined };
    const [projection] = register([defineProjection({ ...given, any })]);
    expect(projection?.handlersFor('ChatClosed')).toEqual([any]);
  });

  it('is refused with two handlers for one type', () => {
    const handler = on(ChatOpened, () => undefined);
    expect(() => defineProjection({ ...given, on: [handler, handler] })).toThrow(
      'two handlers for ChatOpened',
    );
  });

  it.each(['Chats', 'chat_list', 'a'.repeat(51)])('is refused with the name %s', (name) => {
    expect(() => defineProjection({ ...given, name })).toThrow('no name for a projection');
  });
});

describe('projections together', () => {
  it('are refused with one name for two tables', () => {
    const projections = [defineProjection(given), defineProjection({ ...given, name: 'other' })];
    expect(() => register(projections)).toThrow('Two tables of projections are called chats');
  });

  it('have a search path of all their live schemas', () => {
    const projections = [defineProjection(given), defineProjection({ ...given, name: 'other' })];
    expect(searchPath(projections)).toBe('view_chat_list,view_other');
  });
});

describe('the definition of tables', () => {
  const definitionOf = (table: AnyTable): string | undefined =>
    register([defineProjection({ ...given, tables: [table] })])[0]?.definition;

  it('is another where an index is', () => {
    const indexed = defineTable({
      name: 'chats',
      columns: chats.columns,
      key: ['chat'],
      indexes: [['chat']],
    });
    expect(definitionOf(indexed)).not.toBe(definitionOf(chats));
  });

  it.each([
    ['a key column that may be null', () => defineTable({ name: 't', columns: { a: 'text?' }, key: ['a'] })],
    ['a list as a key', () => defineTable({ name: 't', columns: { a: 'text[]' }, key: ['a'] })],
    ['an index on no column', () => defineTable({ name: 't', columns: {}, key: [], indexes: [['a']] })],
    ['a name with capitals', () => defineTable({ name: 't', columns: { A: 'text' }, key: [] })],
  ])('is refused with %s', (_, define) => {
    expect(define).toThrow();
  });
});
