import { type JsonSchema } from '@letopis/kernel';
import * as field from './fields';
import { problemsOf } from './testing';

class Item {
  @field.Text('Title') title!: string;
}

class Form {
  @field.Id('id', { optional: true }) id?: string;
  @field.Ids('ids', { max: 2, optional: true }) ids?: string[];
  @field.Text('text', { max: 5, optional: true }) text?: string;
  @field.Email('email', { optional: true }) email?: string;
  @field.Phone('phone', { optional: true }) phone?: string;
  @field.Sha256('sha256', { optional: true }) sha256?: string;
  @field.Int64('int64', { optional: true }) int64?: string;
  @field.Instant('instant', { optional: true }) instant?: string;
  @field.Day('day', { optional: true }) day?: string;
  @field.OneOf(['a', 'b'], 'one', { optional: true }) one?: string;
  @field.ManyOf(['a', 'b'], 'many', { optional: true }) many?: string[];
  @field.Texts('texts', { max: 2, optional: true }) texts?: string[];
  @field.Count('count', { min: 1, max: 3, optional: true }) count?: number;
  @field.Flag('flag', { optional: true }) flag?: boolean;
  @field.ListOf(Item, 'list', { max: 2, optional: true }) list?: Item[];
  @field.Nested(Item, 'nested', { optional: true }) nested?: Item;
  @field.SchoolYear('year', { optional: true }) year?: string;
  @field.NotAfter('until') @field.Instant('from', { optional: true }) from?: string;
  @field.Instant('until', { optional: true }) until?: string;
  @field.Needs('id') @field.Text('needy', { optional: true }) needy?: string;
}

const ID = '7d0f6f0a-6c43-4b53-9a1c-1f0e6d1f8a01';
const OTHER = '2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02';
const problems = (values: object): string => problemsOf({ payload: Form }, values).join('\n');

describe('a field', () => {
  it.each<[string, object]>([
    ['an id', { id: ID }],
    ['ids', { ids: [ID, OTHER] }],
    ['text at its greatest length', { text: '12345' }],
    ['an e-mail address', { email: 'admin@school7.example' }],
    ['a phone number', { phone: '+79000000001' }],
    ['a digest', { sha256: 'a'.repeat(64) }],
    ['the greatest 64-bit integer', { int64: '9223372036854775807' }],
    ['the least 64-bit integer', { int64: '-9223372036854775808' }],
    ['an instant in UTC', { instant: '2026-09-01T08:00:00Z' }],
    ['an instant with a zone and a fraction', { instant: '2026-09-01T08:00:00.123456+05:00' }],
    ['the 29th of a leap February', { day: '2028-02-29' }],
    ['one of its values', { one: 'b' }],
    ['several of its values', { many: ['b', 'a'] }],
    ['no texts', { texts: [] }],
    ['a count at its bounds', { count: 3 }],
    ['a flag', { flag: false }],
    ['a list of objects', { list: [{ title: 'x' }] }],
    ['an object', { nested: { title: 'x' } }],
    ['a school year', { year: '2025/2026' }],
    ['an instant at its bound', { from: '2026-09-01T13:00:00+05:00', until: '2026-09-01T08:00:00Z' }],
    ['a field with what it needs', { id: ID, needy: 'x' }],
    ['nothing', {}],
  ])('takes %s', (_what, values) => {
    expect(problems(values)).toBe('');
  });

  it.each<[object, string]>([
    [{ id: 'x' }, 'id must be a UUID in lower case'],
    [{ id: 1 }, 'id must be a UUID in lower case'],
    [{ id: ID.toUpperCase() }, 'id must be a UUID in lower case'],
    [{ ids: ['x'] }, 'ids must hold UUIDs in lower case'],
    [{ ids: [ID.toUpperCase()] }, 'ids must hold UUIDs in lower case'],
    [{ ids: [] }, 'ids must contain at least 1 elements'],
    [{ ids: [ID, ID] }, "All ids's elements must be unique"],
    [{ text: '123456' }, 'text must be shorter than or equal to 5 characters'],
    [{ text: '' }, 'text must be longer than or equal to 1 characters'],
    [{ text: 5 }, 'text must be a string'],
    [{ text: ' \t ' }, 'text must be text without control characters'],
    [{ text: 'a\0b' }, 'text must be text without control characters'],
    [{ text: '\ud800' }, 'text must be text without control characters'],
    [{ email: 'admin' }, 'email must be an email'],
    [{ phone: '89000000001' }, 'phone must be a phone number such as +79000000001'],
    [{ sha256: 'A'.repeat(64) }, 'sha256 must be a SHA-256 in lower-case hexadecimal'],
    [{ int64: 5 }, 'int64 must be a 64-bit integer written as a string'],
    [{ int64: '1e3' }, 'int64 must be a 64-bit integer written as a string'],
    [{ int64: '9223372036854775808' }, 'int64 must be a 64-bit integer written as a string'],
    [{ instant: '2026-09-01T08:00:00' }, 'instant must be an instant with a time zone'],
    [{ instant: '2026-13-01T08:00:00Z' }, 'instant must be an instant with a time zone'],
    [{ instant: '2026-02-30T08:00:00Z' }, 'instant must be an instant with a time zone'],
    [{ instant: 1_756_713_600_000 }, 'instant must be an instant with a time zone'],
    [{ day: '2026-02-29' }, 'day must be a day that exists'],
    [{ day: '01.09.2026' }, 'day must be a day that exists'],
    [{ one: 'c' }, 'one must be one of the following values: a, b'],
    [{ many: ['c'] }, 'each value in many must be one of the following values: a, b'],
    [{ many: ['a', 'a'] }, "All many's elements must be unique"],
    [{ texts: [5] }, 'each value in texts must be a string'],
    [{ texts: ['a', 'b', 'c'] }, 'texts must contain no more than 2 elements'],
    [{ texts: [' '] }, 'texts must hold clean text'],
    [{ count: 0 }, 'count must not be less than 1'],
    [{ count: 4 }, 'count must not be greater than 3'],
    [{ count: '2' }, 'count must be an integer number'],
    [{ count: 1.5 }, 'count must be an integer number'],
    [{ flag: 'true' }, 'flag must be a boolean value'],
    [{ list: [] }, 'list must contain at least 1 elements'],
    [{ list: [{}] }, '/list/0/title title must be a string'],
    [{ list: ['x'] }, 'each value in nested property list must be either object or array'],
    [{ list: [{ title: 'x', extra: 1 }] }, '/list/0/extra property extra should not exist'],
    [{ nested: [] }, 'nested must be an object'],
    [{ nested: 'x' }, 'nested must be an object'],
    [{ nested: { title: 5 } }, '/nested/title title must be a string'],
    [{ year: '2025/2027' }, 'year must be a school year such as 2025/2026'],
    [{ year: '2025-2026' }, 'year must be a school year such as 2025/2026'],
    [{ from: '2026-09-01T08:00:01Z', until: '2026-09-01T08:00:00Z' }, 'from must not be after until'],
    [{ needy: 'x' }, 'needy needs id'],
    [{ extra: 1 }, '/extra property extra should not exist'],
  ])('refuses %j', (values, message) => {
    expect(problems(values)).toContain(message);
  });
});

describe('the schema of a payload', () => {
  class Small {
    @field.Id('The thing') id!: string;
    @field.Count('How many', { min: 1, max: 3, optional: true }) count?: number;
  }

  it('holds the fields that the payload inherits', () => {
    class Larger extends Small {
      @field.Text('More') more!: string;
    }
    expect(field.schemaOfPayload(Larger).required).toEqual(['id', 'more']);
  });

  it('says what each field is, which are needed, and that there are no others', () => {
    expect(field.schemaOfPayload(Small)).toEqual<JsonSchema>({
      type: 'object',
      properties: {
        id: { type: 'string', format: 'uuid', description: 'The thing' },
        count: { type: 'integer', minimum: 1, maximum: 3, description: 'How many' },
      },
      required: ['id'],
      additionalProperties: false,
    });
  });
});
