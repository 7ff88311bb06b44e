import { nullable, type StoredRow, typed } from './columns';
import { placeOf, type Rows, UnitOfWork } from './rows';
import { defineTable, type RowRef } from './table';

const SCHOOL = '5e000000-0000-4000-8000-000000000001';
const OTHER_SCHOOL = '5e000000-0000-4000-8000-000000000002';

const chats = defineTable({
  name: 'chats',
  columns: {
    chat: 'text',
    status: typed<'open' | 'closed'>('text'),
    members: 'integer',
    position: 'bigint?',
    opened_at: 'timestamptz?',
    tags: nullable(typed<readonly ('class' | 'parents')[]>('text[]')),
  },
  key: ['chat'],
});

const open = { chat: '7b', status: 'open', members: 0 } as const;
const stored: StoredRow = {
  organization_id: SCHOOL,
  chat: '7b',
  status: 'open',
  members: 0,
  position: null,
  opened_at: null,
  tags: null,
};

function fold(unit: UnitOfWork, reads: readonly RowRef[], work: (rows: Rows) => void, school = SCHOOL): void {
  unit.during(
    school,
    reads.map((ref) => placeOf(school, ref)),
    () => work(unit),
  );
}

/** A unit of work for which the chat 7b has been looked up. */
function loaded(row: StoredRow | undefined): UnitOfWork {
  const unit = new UnitOfWork();
  unit.load(placeOf(SCHOOL, chats.at({ chat: '7b' })), row);
  return unit;
}

const at7b = [chats.at({ chat: '7b' })];

describe('get', () => {
  it('gives the row that was loaded', () => {
    fold(loaded(stored), at7b, (rows) => expect(rows.get(chats, { chat: '7b' })).toEqual(stored));
  });

  it('gives nothing where there is no row', () => {
    fold(loaded(undefined), at7b, (rows) => expect(rows.get(chats, { chat: '7b' })).toBeUndefined());
  });

  it('gives what an event before has written', () => {
    const unit = loaded(stored);
    fold(unit, at7b, (rows) => rows.change(chats, { chat: '7b' }, (row) => ({ ...row, members: 3 })));
    fold(unit, at7b, (rows) => expect(rows.get(chats, { chat: '7b' })).toEqual({ ...stored, members: 3 }));
  });

  it('gives what the same event has written, without reads', () => {
    fold(new UnitOfWork(), [], (rows) => {
      rows.put(chats, open);
      expect(rows.get(chats, { chat: '7b' })).toEqual(stored);
    });
  });

  it('refuses a key that reads does not name, and says which', () => {
    const read = (): void => fold(new UnitOfWork(), [], (rows) => rows.get(chats, { chat: '7b' }));
    expect(read).toThrow(`chats ["${SCHOOL}","7b"] is read, but the handler's "reads" does not name it`);
  });

  it('refuses a key that only another event has named or written, so that pages make no difference', () => {
    const unit = loaded(stored);
    fold(unit, [], (rows) => rows.put(chats, open));
    expect(() => fold(unit, [], (rows) => rows.get(chats, { chat: '7b' }))).toThrow('does not name it');
  });

  it('never reaches a row of another organisation', () => {
    const unit = loaded(stored);
    unit.load(placeOf(OTHER_SCHOOL, chats.at({ chat: '7b' })), undefined);
    fold(unit, at7b, (rows) => expect(rows.get(chats, { chat: '7b' })).toBeUndefined(), OTHER_SCHOOL);
  });
});

describe('what is written', () => {
  it('is one row a key, the last one put', () => {
    const unit = new UnitOfWork();
    fold(unit, [], (rows) => rows.put(chats, open));
    fold(unit, [], (rows) => rows.put(chats, { ...open, members: 2 }));
    expect(unit.changes()).toEqual([
      { table: chats, removed: [], put: [{ ...stored, members: 2 }], first: [] },
    ]);
  });

  it('is nothing where rows were only read', () => {
    const unit = loaded(stored);
    fold(unit, at7b, (rows) => rows.get(chats, { chat: '7b' }));
    expect(unit.changes()).toEqual([]);
  });

  it('is the first row, for the database to decide, where nothing is known of the key', () => {
    const unit = new UnitOfWork();
    fold(unit, [], (rows) => rows.putIfAbsent(chats, open));
    fold(unit, [], (rows) => rows.putIfAbsent(chats, { ...open, members: 2 }));
    expect(unit.changes()).toEqual([{ table: chats, removed: [], put: [], first: [stored] }]);
  });

  it('is nothing where the row that is put if absent is there', () => {
    const unit = loaded(stored);
    fold(unit, [], (rows) => rows.putIfAbsent(chats, { ...open, members: 2 }));
    expect(unit.changes()).toEqual([]);
  });

  it('is the row that is put if absent after it was removed', () => {
    const unit = loaded(stored);
    fold(unit, [], (rows) => rows.remove(chats, { chat: '7b' }));
    fold(unit, [], (rows) => rows.putIfAbsent(chats, { ...open, members: 2 }));
    expect(unit.changes()).toEqual([
      { table: chats, removed: [], put: [{ ...stored, members: 2 }], first: [] },
    ]);
  });

  it('is a removal by key', () => {
    const unit = new UnitOfWork();
    fold(unit, [], (rows) => rows.put(chats, open));
    fold(unit, [], (rows) => rows.remove(chats, { chat: '7b' }));
    expect(unit.changes()).toEqual([{ table: chats, removed: [[SCHOOL, '7b']], put: [], first: [] }]);
  });

  it('is as before the event where its handler throws', () => {
    const unit = loaded(stored);
    fold(unit, at7b, (rows) => rows.change(chats, { chat: '7b' }, (row) => ({ ...row, members: 1 })));
    const failing = (): void =>
      fold(unit, at7b, (rows) => {
        rows.remove(chats, { chat: '7b' });
        rows.put(chats, { ...open, members: 9 });
        rows.put(chats, { ...open, chat: '8a' });
        throw new Error('a defect');
      });
    expect(failing).toThrow('a defect');
    expect(unit.changes()).toEqual([
      { table: chats, removed: [], put: [{ ...stored, members: 1 }], first: [] },
    ]);
  });
});

describe('after the changes were written', () => {
  it('rows of a table that is read are known as they were left', () => {
    const unit = loaded(stored);
    fold(unit, at7b, (rows) => rows.change(chats, { chat: '7b' }, (row) => ({ ...row, members: 3 })));
    unit.written();
    expect(unit.changes()).toEqual([]);
    fold(unit, at7b, (rows) => expect(rows.get(chats, { chat: '7b' })).toEqual({ ...stored, members: 3 }));
  });

  it('a row that was put if absent is not known', () => {
    const unit = new UnitOfWork();
    unit.load(placeOf(SCHOOL, chats.at({ chat: '8a' })), undefined);
    fold(unit, [], (rows) => rows.putIfAbsent(chats, open));
    unit.written();
    expect(unit.knows(placeOf(SCHOOL, chats.at({ chat: '7b' })))).toBe(false);
  });
});

describe('change', () => {
  it('does nothing where there is no row, and says so', () => {
    const unit = loaded(undefined);
    fold(unit, at7b, (rows) => expect(rows.change(chats, { chat: '7b' }, (row) => row)).toBe(false));
    expect(unit.changes()).toEqual([]);
  });

  it('refuses another key', () => {
    const move = (): void =>
      fold(loaded(stored), at7b, (rows) =>
        rows.change(chats, { chat: '7b' }, (row) => ({ ...row, chat: '8a' })),
      );
    expect(move).toThrow('may not change its key');
  });
});

describe('values', () => {
  it.each([
    ['bigint', { position: 9_007_199_254_740_993n }, { position: '9007199254740993' }],
    ['digits', { position: '0042' }, { position: '42' }],
    [
      'an instant with an offset',
      { opened_at: '2026-09-01T11:00:00+03:00' },
      { opened_at: '2026-09-01T08:00:00.000Z' },
    ],
    [
      'an instant with microseconds',
      { opened_at: '2026-09-01T08:00:00.123456Z' },
      { opened_at: '2026-09-01T08:00:00.123Z' },
    ],
    ['undefined', { opened_at: undefined }, { opened_at: null }],
  ])('%s has one form', (_, given, expected) => {
    const unit = new UnitOfWork();
    fold(unit, [], (rows) => rows.put(chats, { ...open, ...given }));
    expect(unit.changes()[0]?.put).toEqual([{ ...stored, ...expected }]);
  });

  it.each([
    ['text with NUL', { chat: '7\u0000b' }, 'chat'],
    ['text with half a character', { chat: '7\ud800' }, 'chat'],
    ['a fraction', { members: 1.5 }, 'members'],
    ['an integer of more than 32 bits', { members: 2 ** 31 }, 'members'],
    ['no instant', { opened_at: 'Иванов' }, 'opened_at'],
  ])('%s is refused by the name of its column, without the value', (_, given, column) => {
    const put = (): void => fold(new UnitOfWork(), [], (rows) => rows.put(chats, { ...open, ...given }));
    expect(put).toThrow(new RegExp(`^Column ${column} is given a value that is no \\w+$`));
  });
});
