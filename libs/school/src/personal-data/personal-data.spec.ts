import { type AnyEvent, fold } from '@letopis/kernel';
import { commandOf, given, idOf, NOW, ORGANIZATION, payloadOf } from '../testing';
import {
  AlternativeChannelProvided,
  ConsentGiven,
  ConsentRefused,
  ConsentWithdrawn,
  DestructionActSigned,
  hasConsent,
  isHeld,
  personalData,
  PersonalDataBlocked,
  PersonalDataDestroyed,
  type PersonalDataEvent,
  PersonalDataRectified,
  PersonalDataUnblocked,
  SubjectRequestReceived,
  UserAgreementAccepted,
} from './personal-data';

const EARLIER = '2025-09-01T08:00:00.000Z';
const LATER = '2025-12-01T08:00:00.000Z';
const pupil = idOf('pupil');
const officer = { id: idOf('officer'), role: 'pdn_officer' };

const declared = { personId: idOf('mother'), onBehalfOf: pupil, purpose: 'platform_use' } as const;
const consent = { ...declared, documentRef: 'Согласие № 17' };
const request = { requestId: idOf('request'), personId: idOf('mother'), onBehalfOf: pupil, kind: 'erase' };
const rectified = { personId: pupil, requestId: idOf('request'), fields: ['фамилия'] };

const consented = (at: string) => ConsentGiven.of({ ...consent, at });
const refused = (at: string) => ConsentRefused.of({ ...declared, at });
const withdrawn = (receivedAt: string) => ConsentWithdrawn.of({ ...declared, receivedAt });

describe.each<[string, object, AnyEvent]>([
  ['RecordConsent', consent, consented(EARLIER)],
  ['RecordRefusal', declared, refused(EARLIER)],
  ['WithdrawConsent', declared, withdrawn(EARLIER)],
  [
    'ProvideAlternativeChannel',
    { personId: idOf('mother'), onBehalfOf: pupil, channel: 'paper' },
    AlternativeChannelProvided.of({
      personId: idOf('mother'),
      onBehalfOf: pupil,
      channel: 'paper',
      at: EARLIER,
    }),
  ],
  [
    'AcceptUserAgreement',
    { personId: pupil, version: '3' },
    UserAgreementAccepted.of({ personId: pupil, version: '3', at: EARLIER }),
  ],
  [
    'ReceiveSubjectRequest',
    request,
    SubjectRequestReceived.of({ ...request, kind: 'erase', receivedAt: EARLIER }),
  ],
  ['RectifyPersonalData', rectified, PersonalDataRectified.of({ ...rectified, at: EARLIER })],
])('%s', (name, payload, event) => {
  it('given a paper, when it is entered later, then it is recorded when it happened', () => {
    given(personalData).when(name, payload, { occurredAt: EARLIER, recordedAt: NOW }).then([event]);
  });

  it('given the data were destroyed, when a late paper is entered, then it is recorded all the same', () => {
    given(personalData, [act, destruction]).when(name, payload, { occurredAt: EARLIER }).then([event]);
  });

  it('leads to the stream of the person whose data they are', () => {
    const command = commandOf(name);
    expect(command.id(payloadOf(command, payload), ORGANIZATION)).toBe(pupil);
  });
});

describe('the same paper', () => {
  it('given it is on record, when it is entered again, then nothing is recorded', () => {
    given(personalData, [consented(EARLIER)])
      .when('RecordConsent', consent, { occurredAt: EARLIER })
      .thenNothing();
  });

  it('given a consent, when another document for the same purpose is entered, then it is recorded too', () => {
    const other = { ...consent, documentRef: 'Согласие № 18' };
    given(personalData, [consented(EARLIER)])
      .when('RecordConsent', other, { occurredAt: EARLIER })
      .then([ConsentGiven.of({ ...other, at: EARLIER })]);
  });
});

describe('RectifyPersonalData', () => {
  it('given no field is named, when it is entered, then it is invalid', () => {
    given(personalData)
      .when('RectifyPersonalData', { ...rectified, fields: [] })
      .thenInvalid('/payload/fields');
  });
});

describe('consent', () => {
  it.each<[string, readonly PersonalDataEvent[], boolean]>([
    ['nothing was said', [], false],
    ['it was given', [consented(NOW)], true],
    ['it was withdrawn afterwards', [consented(EARLIER), withdrawn(NOW)], false],
    ['it was refused afterwards', [consented(EARLIER), refused(NOW)], false],
    ['it was given anew', [consented(EARLIER), withdrawn(NOW), consented(LATER)], true],
    ['an older consent is entered after the withdrawal', [withdrawn(NOW), consented(EARLIER)], false],
    ['an older refusal is entered after the consent', [consented(NOW), refused(EARLIER)], true],
    ['yes and no were said at the same instant', [withdrawn(NOW), consented(NOW)], false],
    ['no and yes were said at the same instant', [consented(NOW), withdrawn(NOW)], false],
    [
      'it was given to something else',
      [ConsentGiven.of({ ...consent, purpose: 'publication', at: NOW })],
      false,
    ],
  ])('given %s, then it is as the last word has it', (_case, events, stands) => {
    expect(hasConsent(fold(personalData, events))).toBe(stands);
  });
});

const blockId = idOf('block');
const block = { blockId, personId: pupil, basis: 'Запрос прокуратуры № 5' };
const blocked = PersonalDataBlocked.of({ ...block, legalHold: false });
const held = PersonalDataBlocked.of({ ...block, legalHold: true });
const unblock = { blockId, personId: pupil, basis: 'Проверка завершена' };
const unblocked = PersonalDataUnblocked.of(unblock);

describe('BlockPersonalData', () => {
  it('given nothing, when data are blocked, then no legal hold is meant', () => {
    given(personalData).when('BlockPersonalData', block).then([blocked]);
  });

  it('given the block, when it is entered again, then nothing is recorded', () => {
    given(personalData, [held])
      .when('BlockPersonalData', { ...block, legalHold: true })
      .thenNothing();
  });

  it('given the block, when it is entered with other content, then X.1 refuses', () => {
    given(personalData, [blocked])
      .when('BlockPersonalData', { ...block, legalHold: true })
      .thenRefused('X.1', 'blocked-once');
  });
});

describe('UnblockPersonalData', () => {
  it('given a block, when it ends, then that is recorded', () => {
    given(personalData, [blocked]).when('UnblockPersonalData', unblock).then([unblocked]);
  });

  it('given no such block, when it ends, then X.1 refuses', () => {
    given(personalData).when('UnblockPersonalData', unblock).thenRefused('X.1', 'block-on-record');
  });

  it('given it ended, when it ends again, then nothing is recorded', () => {
    given(personalData, [blocked, unblocked]).when('UnblockPersonalData', unblock).thenNothing();
  });

  it('given it ended, when it ends on another basis, then X.1 refuses', () => {
    given(personalData, [blocked, unblocked])
      .when('UnblockPersonalData', { ...unblock, basis: 'Иное' })
      .thenRefused('X.1', 'lifted-once');
  });

  it('given two legal holds, when one ends, then the data are still held', () => {
    const second = PersonalDataBlocked.of({ ...held.data, blockId: idOf('second') });
    expect(isHeld(fold(personalData, [held, second, unblocked]))).toBe(true);
  });
});

const signAct = {
  subjectId: pupil,
  actNo: '3',
  date: '2025-11-17',
  signers: [
    { personId: officer.id, position: 'Ответственный за обработку персональных данных' },
    { personId: idOf('deputy'), position: 'Заместитель директора' },
  ],
  categories: ['фамилия, имя, отчество', 'номер телефона'],
  informationSystem: 'Летопись',
  reason: 'Отзыв согласия',
  logExportRef: 'Выгрузка № 3',
};
const act = DestructionActSigned.of(signAct);
const destroy = { subjectId: pupil, actNo: '3' };
const destruction = PersonalDataDestroyed.of({
  subjectId: pupil,
  actNo: '3',
  categories: signAct.categories,
  informationSystem: 'Летопись',
  reason: 'Отзыв согласия',
  at: NOW,
  method: 'key_destroyed',
  by: officer.id,
});

describe('SignDestructionAct', () => {
  it('given nothing, when two people sign, then the act is recorded', () => {
    given(personalData).when('SignDestructionAct', signAct).then([act]);
  });

  it('given one person signs twice, when it is signed, then X.1 refuses', () => {
    const [signer] = signAct.signers;
    given(personalData)
      .when('SignDestructionAct', { ...signAct, signers: [signer, { ...signer, position: 'Секретарь' }] })
      .thenRefused('X.1', 'two-signers');
  });

  it('given no category is named, when it is signed, then it is invalid', () => {
    given(personalData)
      .when('SignDestructionAct', { ...signAct, categories: [] })
      .thenInvalid('/payload/categories');
  });

  it('given the act, when it is entered again, then nothing is recorded', () => {
    given(personalData, [act]).when('SignDestructionAct', signAct).thenNothing();
  });

  it('given the act, when another is signed under its number, then X.1 refuses', () => {
    given(personalData, [act])
      .when('SignDestructionAct', { ...signAct, reason: 'Цель достигнута' })
      .thenRefused('X.1', 'signed-once');
  });
});

describe('DestroyPersonalData', () => {
  it('given a signed act, when the data are destroyed, then the order repeats what the act names', () => {
    given(personalData, [act]).when('DestroyPersonalData', destroy, { actor: officer }).then([destruction]);
  });

  it('given no act, when the data are destroyed, then X.1 refuses', () => {
    given(personalData).when('DestroyPersonalData', destroy).thenRefused('X.1', 'act-first');
  });

  it('given a legal hold, when the data are destroyed, then X.1 refuses', () => {
    given(personalData, [act, held]).when('DestroyPersonalData', destroy).thenRefused('X.1', 'no-legal-hold');
  });

  it('given a block without a legal hold, when the data are destroyed, then that is recorded', () => {
    given(personalData, [blocked, act])
      .when('DestroyPersonalData', destroy, { actor: officer })
      .then([destruction]);
  });

  it('given the legal hold ended, when the data are destroyed, then that is recorded', () => {
    given(personalData, [held, act, unblocked])
      .when('DestroyPersonalData', destroy, { actor: officer })
      .then([destruction]);
  });

  it('given the order was given, when it is given again, then nothing is recorded', () => {
    given(personalData, [act, destruction]).when('DestroyPersonalData', destroy).thenNothing();
  });
});
