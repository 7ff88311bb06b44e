import { isLetopisError, LetopisError, ruleViolated } from './errors';

describe('LetopisError', () => {
  it('given a rule, then the refusal names clause and rule', () => {
    expect(ruleViolated('3.1.0', 'one-primary-appointment', 'Уже назначен')).toMatchObject({
      code: 'rule-violated',
      clause: '3.1.0',
      rule: 'one-primary-appointment',
      message: 'Уже назначен',
    });
  });

  it('given a cause, then it is kept', () => {
    const cause = new Error('the socket was closed');
    expect(new LetopisError('unavailable', 'The store is away', { cause }).cause).toBe(cause);
  });

  it.each([
    [new LetopisError('conflict', 'lost'), undefined, true],
    [new LetopisError('conflict', 'lost'), 'conflict', true],
    [new LetopisError('conflict', 'lost'), 'invalid', false],
    [new Error('a defect'), undefined, false],
    ['conflict', 'conflict', false],
  ] as const)('given %p, asked for %p, then it answers %p', (error, code, expected) => {
    expect(isLetopisError(error, code)).toBe(expected);
  });
});
