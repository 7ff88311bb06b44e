import { given, idOf, known, NOW, ORGANIZATION } from '../testing';
import { acknowledgements, LocalActAcknowledged } from './acknowledgement';
import { LocalActIssued, localActs } from './local-act';

const actId = idOf('act');
const personId = idOf('Anna');
const LATER = '2025-12-01T08:00:00.000Z';
const act = known(localActs, ORGANIZATION, [
  LocalActIssued.of({
    actId,
    kind: 'polozhenie',
    number: '324',
    date: '2025-08-29',
    titleRu: 'Положение',
    clausesVersion: '2025-08-29',
    legalBasis: ['273-ФЗ'],
    fileSha256: 'a'.repeat(64),
  }),
]);
const sheet = { actId, personId, method: 'signature' as const };
const acknowledged = LocalActAcknowledged.of({ ...sheet, at: NOW, clausesVersion: '2025-08-29' });

describe('AcknowledgeLocalAct', () => {
  it('given an act, when a sheet with a signature is entered, then the version is recorded with it', () => {
    given(acknowledgements, [], [act]).when('AcknowledgeLocalAct', sheet).then([acknowledged]);
  });

  it('given an act that is not on record, when somebody has read it, then it is recorded without a version', () => {
    given(acknowledgements)
      .when('AcknowledgeLocalAct', sheet)
      .then([LocalActAcknowledged.of({ ...sheet, at: NOW })]);
  });

  it.each(['teacher', 'curator', 'student', 'parent', 'pdn_officer'])(
    'given a %s, when they speak for themselves, then it is recorded',
    (role) => {
      given(acknowledgements, [], [act])
        .when('AcknowledgeLocalAct', sheet, { actor: { id: personId, role } })
        .then([acknowledged]);
    },
  );

  it.each(['teacher', 'curator', 'student', 'parent', 'pdn_officer'])(
    'given a %s, when they speak for another, then it is malformed',
    (role) => {
      given(acknowledgements, [], [act])
        .when('AcknowledgeLocalAct', sheet, { actor: { id: idOf('Boris'), role } })
        .thenInvalid('/payload/personId');
    },
  );

  it('given they have read this version, when they sign it once more, then nothing is recorded', () => {
    given(acknowledgements, [acknowledged], [act])
      .when('AcknowledgeLocalAct', { ...sheet, method: 'electronic' }, { occurredAt: LATER })
      .thenNothing();
  });

  it('given they have read this version, when an earlier sheet turns up, then it is recorded', () => {
    given(acknowledgements, [LocalActAcknowledged.of({ ...acknowledged.data, at: LATER })], [act])
      .when('AcknowledgeLocalAct', sheet)
      .then([acknowledged]);
  });

  it('given they have read another version, when they read this one, then it is recorded', () => {
    given(
      acknowledgements,
      [LocalActAcknowledged.of({ ...acknowledged.data, clausesVersion: '2024-09-01' })],
      [act],
    )
      .when('AcknowledgeLocalAct', sheet)
      .then([acknowledged]);
  });
});
