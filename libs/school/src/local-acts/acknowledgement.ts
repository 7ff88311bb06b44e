import { Type } from '@sinclair/typebox';
import {
  type Concept,
  defineCommand,
  LetopisError,
  PARTICIPANTS,
  readState,
  type Role,
} from '@letopis/kernel';
import { At, defineEvent, type EventsOf, Id, OneOf, PersonId, Text } from '../events';
import * as field from '../fields';
import { localActs } from './local-act';

const METHODS = ['signature', 'electronic'] as const;

export const LocalActAcknowledged = defineEvent({
  type: 'LocalActAcknowledged',
  titleRu: 'Участник ознакомлен с локальным актом',
  clauses: ['3.2.1'],
  data: {
    actId: Id(),
    personId: PersonId(),
    method: OneOf(METHODS),
    at: At(),
    /** Version of the act, where the act is on record. */
    clausesVersion: Type.Optional(Text(50)),
  },
});

const events = [LocalActAcknowledged] as const;
export type AcknowledgementEvent = EventsOf<typeof events>;

/** Which version of which act a person has acknowledged, and when first. */
export type Acknowledgements = ReadonlyMap<string, string>;

/** A stream for each person: a school signs the same act a thousand times within a week. */
export const acknowledgements: Concept<Acknowledgements, AcknowledgementEvent> = {
  name: 'acknowledgement',
  titleRu: 'Ознакомление с локальными актами',
  events,
  initial: new Map(),
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'LocalActAcknowledged': {
        const version = versionOf(data);
        const first = state.get(version);
        return first !== undefined && first <= data.at ? state : new Map(state).set(version, data.at);
      }
    }
  },
};

function versionOf({ actId, clausesVersion = '' }: { actId: string; clausesVersion?: string }): string {
  return `${actId}: ${clausesVersion}`;
}

export class AcknowledgeLocalAct {
  @field.Id('The act') actId!: string;
  @field.PersonId('Who has read it') personId!: string;
  @field.OneOf(METHODS, 'How it was confirmed') method!: (typeof METHODS)[number];
}

/** Who enters sheets with the signatures of others; everybody else speaks for themselves. */
const KEEPERS: readonly Role[] = ['director', 'deputy', 'platform_admin'];

export const acknowledgementCommands = [
  defineCommand({
    name: 'AcknowledgeLocalAct',
    titleRu: 'Ознакомиться с локальным актом',
    about: 'Somebody has read a local act: by themselves, or on a sheet that the administration enters.',
    kind: 'fact',
    clauses: ['3.2.1'],
    actors: PARTICIPANTS,
    concept: acknowledgements,
    payload: AcknowledgeLocalAct,
    example: {
      actId: '1d3a7a52-0f65-4d0e-8f62-4f5e6c1b2a10',
      personId: '2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02',
      method: 'signature',
    },
    id: ({ personId }) => personId,
    reads: (_payload, { organizationId }) => ({ acts: readState(localActs, organizationId) }),
    decide: (state, { payload, actor, occurredAt }, { acts }) => {
      if (actor.id !== payload.personId && !KEEPERS.some((role) => role === actor.role)) {
        throw new LetopisError(
          'invalid',
          'The acknowledgement of another person is entered by the administration',
          {
            fields: [{ path: '/payload/personId', message: 'personId must be the caller’s own' }],
          },
        );
      }
      const clausesVersion = acts.get(payload.actId)?.issued?.clausesVersion;
      const first = state.get(versionOf({ actId: payload.actId, clausesVersion }));
      // An earlier day matters: the term for getting acquainted is counted to the first one.
      return first !== undefined && first <= occurredAt
        ? []
        : [LocalActAcknowledged.of({ ...payload, at: occurredAt, clausesVersion })];
    },
  }),
];
