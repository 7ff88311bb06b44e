import { fold } from '@letopis/kernel';
import { given, idOf } from '../testing';
import { ControlPlanApproved, controlPlans, isPlanned } from './control-plan';

const item = {
  controlIds: ['C13', 'C14'],
  dueAt: '2025-10-31T13:00:00.000Z',
  responsibleId: idOf('deputy'),
  topic: 'Состав чатов',
};
const plan = { schoolYear: '2025/2026', orderRef: '№ 340', items: [item] };
const approved = ControlPlanApproved.of(plan);

describe('ApproveControlPlan', () => {
  it('given nothing, when the director approves a plan, then it is recorded with instants in UTC', () => {
    given(controlPlans)
      .when('ApproveControlPlan', { ...plan, items: [{ ...item, dueAt: '2025-10-31T18:00:00+05:00' }] })
      .then([approved]);
  });

  it('given the plan, when it is approved again, then nothing is recorded', () => {
    given(controlPlans, [approved]).when('ApproveControlPlan', plan).thenNothing();
  });

  it('given the plan, when another is approved by the same order, then 3.2.5 refuses', () => {
    given(controlPlans, [approved])
      .when('ApproveControlPlan', { ...plan, items: [{ ...item, topic: 'Ссылки' }] })
      .thenRefused('3.2.5', 'one-plan-an-order');
  });

  it('given the plan, when another order changes it, then that is recorded', () => {
    const other = { ...plan, orderRef: '№ 341' };
    given(controlPlans, [approved])
      .when('ApproveControlPlan', other)
      .then([ControlPlanApproved.of(other)]);
  });
});

describe('a plan', () => {
  const changed = ControlPlanApproved.of({
    ...plan,
    orderRef: '№ 341',
    items: [{ ...item, controlIds: ['C08'] }],
  });

  it.each<[string, string, string[], boolean]>([
    ['controls of one item', '2025/2026', ['C14'], true],
    ['a control that is not in it', '2025/2026', ['C13', 'C08'], false],
    ['controls of another school year', '2026/2027', ['C14'], false],
  ])('given %s, then it says whether they are planned', (_case, schoolYear, controlIds, planned) => {
    expect(isPlanned(fold(controlPlans, [approved]), schoolYear, controlIds)).toBe(planned);
  });

  it('given another order changed it, then what it left out is planned no more', () => {
    expect(isPlanned(fold(controlPlans, [approved, changed]), '2025/2026', ['C14'])).toBe(false);
  });
});
