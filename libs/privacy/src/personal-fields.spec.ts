import { type JsonObject } from '@letopis/kernel';
import { PersonalFields } from './personal-fields';
import { MasterKey } from './master-key';
import { subjectKeyOf, type SubjectKey } from './key-vault';

const organizationId = '11111111-1111-4111-8111-111111111111';
const subjectId = '22222222-2222-4222-8222-222222222222';
const place = { organizationId, id: '33333333-3333-4333-8333-333333333333', type: 'Appointed' };
const fields = new PersonalFields([
  {
    type: 'Appointed',
    schema: {
      type: 'object',
      properties: {
        personId: { type: 'string', 'x-person': true },
        phone: { type: 'string', 'x-personal': '/personId' },
        contact: { type: 'object', properties: { email: { type: 'string', 'x-personal': '/personId' } } },
      },
    },
  },
]);
const data: JsonObject = {
  personId: subjectId,
  phone: '+79000000001',
  contact: { email: 'a@example.org', kind: 'x' },
};
const keys = (key: SubjectKey) => new Map([[subjectKeyOf({ organizationId, subjectId }), key]]);
const key = MasterKey.generate();

describe('personal fields of an event', () => {
  it('needs the key of the person whom a personal field is about', () => {
    expect(fields.subjectsOf(place, data)).toEqual([
      { organizationId, subjectId },
      { organizationId, subjectId },
    ]);
  });

  it('stores no personal value in clear, and everything else as it is', () => {
    const sealed = fields.seal(place, data, keys(key));
    expect(JSON.stringify(sealed)).not.toMatch(/79000000001|example\.org/);
    expect(sealed).toMatchObject({ personId: subjectId, contact: { kind: 'x' } });
  });

  it('opens what it sealed', () => {
    expect(fields.open(place, fields.seal(place, data, keys(key)), keys(key))).toEqual(data);
  });

  it('leaves a field sealed once its key is destroyed', () => {
    const sealed = fields.seal(place, data, keys(key));
    expect(fields.open(place, sealed, keys('destroyed'))).toEqual(sealed);
  });

  it('keeps no personal value of a person whose key was destroyed before', () => {
    expect(fields.seal(place, data, keys('destroyed'))).toMatchObject({
      phone: { $erased: { subject: subjectId } },
    });
  });

  it('does not open a value that was moved to another event', () => {
    const sealed = fields.seal(place, data, keys(key));
    const elsewhere = { ...place, id: '44444444-4444-4444-8444-444444444444' };
    expect(() => fields.open(elsewhere, sealed, keys(key))).toThrow('does not open');
  });

  it('refuses a declaration of personal data in a list, which would be stored in clear', () => {
    const items = { type: 'object', properties: { name: { type: 'string', 'x-personal': '/personId' } } };
    const schema = { type: 'object', properties: { people: { type: 'array', items } } };
    expect(() => new PersonalFields([{ type: 'Listed', schema }])).toThrow('/people cannot be sealed');
  });

  it('refuses personal data that does not say whom it is about', () => {
    expect(() => fields.subjectsOf(place, { phone: '+79000000001' })).toThrow('whom it is about');
  });
});
