import { type DomainEvent } from './envelope';
import { type Fold, fold } from './decider';

type Counted = DomainEvent<'Added', number> | DomainEvent<'Cleared', null>;

const sum: Fold<number, Counted> = {
  initial: 0,
  evolve: (state, event) => {
    switch (event.type) {
      case 'Added':
        return state + event.data;
      case 'Cleared':
        return 0;
    }
  },
};

describe('fold', () => {
  it('given no events, then the state is the initial one', () => {
    expect(fold(sum, [])).toBe(0);
  });

  it('given events, then they take effect in their order', () => {
    const events: Counted[] = [
      { type: 'Added', data: 5 },
      { type: 'Cleared', data: null },
      { type: 'Added', data: 2 },
    ];
    expect(fold(sum, events)).toBe(2);
  });
});
