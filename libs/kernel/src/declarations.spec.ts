import {
  type Concept,
  defineCommand,
  definePolicy,
  type EventType,
  readState,
  streamOf,
} from './declarations';

const Lit: EventType<'Lit', { readonly lamp: string }> = {
  type: 'Lit',
  version: 1,
  titleRu: 'Зажжена',
  clauses: [],
  schema: {},
  upcasters: {},
  of: (data) => ({ type: 'Lit', data }),
};
const lamp: Concept<boolean, ReturnType<typeof Lit.of>> = {
  name: 'lamp',
  titleRu: 'Лампа',
  events: [Lit],
  initial: false,
  evolve: () => true,
};
class Light {
  lamp = '';
}

describe('declarations', () => {
  it('given a concept and an id, then the stream is named by both', () => {
    expect(streamOf(lamp, '7')).toBe('lamp-7');
  });

  it('given a command that reads nothing else, then it says so', () => {
    const light = defineCommand({
      name: 'Light',
      titleRu: 'Зажечь',
      about: 'Lights the lamp.',
      kind: 'fact',
      clauses: [],
      actors: ['system'],
      concept: lamp,
      payload: Light,
      example: {},
      id: (payload) => payload.lamp,
      decide: () => [],
    });
    expect(light.reads({}, { organizationId: '1', actor: { id: 'a', role: 'system' } })).toEqual({});
  });

  it('given a state to be read, then it says of which stream', () => {
    expect(readState(lamp, '7')).toEqual({ stream: 'lamp-7', concept: lamp });
  });

  it('given a policy, then it is found by the type of its event', () => {
    expect(definePolicy({ name: 'light-next', on: Lit, follow: () => [] }).on).toBe('Lit');
  });
});
