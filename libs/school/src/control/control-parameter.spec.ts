import { commandOf, given, idOf, ORGANIZATION, payloadOf, problemsOf } from '../testing';
import { ControlParameterSet, controlParameters } from './control-parameter';

const director = { id: idOf('director'), role: 'director' };
const by = { actor: director };
const FROM = '2025-08-31T19:00:00.000Z';

const setting = {
  controlId: 'C09',
  parameter: 'decideWithin',
  value: { workingDays: 2 },
  effectiveFrom: FROM,
  orderNo: '341',
  orderDate: '2025-09-05',
};
const set = ControlParameterSet.of({ ...setting, by: director.id });

describe('SetControlParameter', () => {
  it('given nothing, when an order reaches back, then it is recorded with its day in UTC', () => {
    given(controlParameters)
      .when('SetControlParameter', { ...setting, effectiveFrom: '2025-09-01T00:00:00+05:00' }, by)
      .then([set]);
  });

  it.each([
    { hours: 0 },
    { days: 3_660 },
    { workingDays: 5 },
    { termDays: 30 },
    { byDay: '09-15', orWithin: { workingDays: 3 } },
    { monthDay: 28 },
    { count: 1_000 },
    { applies: false },
  ])('given nothing, when it is set to %j, then that is recorded', (value) => {
    given(controlParameters)
      .when('SetControlParameter', { ...setting, value }, by)
      .then([ControlParameterSet.of({ ...setting, value, by: director.id })]);
  });

  it.each([
    ['nothing', {}],
    ['two things', { hours: 4, workingDays: 1 }],
    ['a day of the year and a length', { byDay: '09-15', orWithin: { workingDays: 3 }, days: 3 }],
  ])('given its value says %s, when it is set, then the value is not valid', (_what, value) => {
    given(controlParameters)
      .when('SetControlParameter', { ...setting, value })
      .thenInvalid('/payload/value');
  });

  it('given it is set, when the same is told again by anybody, then nothing is recorded', () => {
    given(controlParameters, [set]).when('SetControlParameter', setting).thenNothing();
  });

  it('given it is set, when the same order says another value from the same day, then 3.2.5 refuses', () => {
    given(controlParameters, [set])
      .when('SetControlParameter', { ...setting, value: { workingDays: 3 } }, by)
      .thenRefused('3.2.5', 'one-value-an-order');
  });

  it.each([
    ['another number', { orderNo: '342', value: { workingDays: 3 } }],
    ['the same number on another day', { orderDate: '2026-01-12', value: { workingDays: 3 } }],
    ['the same order from another day on', { effectiveFrom: '2026-01-31T19:00:00.000Z', value: { days: 3 } }],
    ['the same order on another parameter', { parameter: 'applies', value: { applies: false } }],
    ['the same order on another control', { controlId: 'C10', value: { workingDays: 3 } }],
  ])('given it is set, when it comes by %s, then that is recorded beside it', (_what, other) => {
    given(controlParameters, [set])
      .when('SetControlParameter', { ...setting, ...other }, by)
      .then([ControlParameterSet.of({ ...setting, ...other, by: director.id })]);
  });

  it.each<[object, string]>([
    [{ controlId: 'C35' }, '/controlId'],
    [{ parameter: 'decide-within' }, '/parameter'],
    [{ parameter: 'a'.repeat(65) }, '/parameter'],
    [{ value: 2 }, '/value'],
    [{ value: { hours: -1 } }, '/value/hours'],
    [{ value: { days: 3_661 } }, '/value/days'],
    [{ value: { workingDays: 1.5 } }, '/value/workingDays'],
    [{ value: { termDays: '30' } }, '/value/termDays'],
    [{ value: { byDay: '09-15' } }, '/value/byDay'],
    [{ value: { orWithin: { workingDays: 3 } } }, '/value/orWithin'],
    [{ value: { byDay: '02-29', orWithin: { workingDays: 3 } } }, '/value/byDay'],
    [{ value: { byDay: '11-31', orWithin: { workingDays: 3 } } }, '/value/byDay'],
    [{ value: { byDay: '09-15', orWithin: { days: 3 } } }, '/value/orWithin'],
    [{ value: { monthDay: 29 } }, '/value/monthDay'],
    [{ value: { count: 1_001 } }, '/value/count'],
    [{ value: { applies: 'нет' } }, '/value/applies'],
    [{ value: { weeks: 2 } }, '/value/weeks'],
    [{ effectiveFrom: '2025-09-01' }, '/effectiveFrom'],
    [{ orderNo: '' }, '/orderNo'],
    [{ orderDate: '05.09.2025' }, '/orderDate'],
  ])('refuses %j', (wrong, path) => {
    const problems = problemsOf(commandOf('SetControlParameter'), { ...setting, ...wrong });
    expect(problems).toContainEqual(expect.stringMatching(`^${path}[ /]`));
  });

  it('is for the director alone', () => {
    expect(commandOf('SetControlParameter').actors).toEqual(['director']);
  });

  it('is about the one stream of the organisation', () => {
    const command = commandOf('SetControlParameter');
    expect(command.id(payloadOf(command, setting), ORGANIZATION)).toBe(ORGANIZATION);
  });
});
