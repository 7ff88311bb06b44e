import { Type } from 'class-transformer';
import { IsString, ValidateNested } from 'class-validator';
import { isLetopisError } from '@letopis/kernel';
import { readPayload } from './payloads';

class Contact {
  @IsString() phone!: string;
}

class Form {
  @IsString() name!: string;
  @ValidateNested({ each: true }) @Type(() => Contact) contacts!: Contact[];
}

function problemsOf(value: unknown, at?: string): readonly object[] | undefined {
  try {
    readPayload(Form, value, at);
    return undefined;
  } catch (error) {
    if (!isLetopisError(error, 'invalid')) throw error;
    return error.fields;
  }
}

describe('readPayload', () => {
  it('given a valid payload, then it is an instance of its class', () => {
    expect(readPayload(Form, { name: 'Anna', contacts: [] })).toBeInstanceOf(Form);
  });

  it.each([[null], [[]], ['text'], [7], [undefined]])('given %j, then it is no object', (value) => {
    expect(problemsOf(value)).toEqual([{ path: '/payload', message: 'must be an object' }]);
  });

  it('given a wrong field within a list, then its place is named', () => {
    expect(problemsOf({ name: 'Anna', contacts: [{ phone: '1' }, { phone: 2 }] })).toEqual([
      { path: '/payload/contacts/1/phone', message: 'phone must be a string' },
    ]);
  });

  it('given an unknown field whose name needs escaping, then it is named as a JSON Pointer', () => {
    expect(problemsOf({ name: 'Anna', contacts: [], 'a/b~c': 1 })).toEqual([
      { path: '/payload/a~1b~0c', message: 'property a/b~c should not exist' },
    ]);
  });

  it('given several wrong fields, then each is named', () => {
    expect(problemsOf({ contacts: [], extra: 1 })).toEqual([
      { path: '/payload/extra', message: 'property extra should not exist' },
      { path: '/payload/name', message: 'name must be a string' },
    ]);
  });

  it('given another place in what the caller sent, then paths begin there', () => {
    expect(problemsOf({ contacts: [] }, '/lines/3')).toEqual([
      { path: '/lines/3/name', message: 'name must be a string' },
    ]);
  });

  it.each(['__proto__', 'constructor', 'prototype'])(
    'given a field %s, then no prototype is changed',
    (name) => {
      const parsed: unknown = JSON.parse(`{"name":"Anna","contacts":[],"${name}":{"polluted":true}}`);
      problemsOf(parsed);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    },
  );
});
