import { given, idOf, NOW, pseudonymOf } from '../testing';
import { supportRequest, SupportRequestOpened, SupportRequestResolved } from './support-request';

const requestId = idOf('request');
const mother = { id: idOf('mother'), role: 'parent' };
const administrator = { id: idOf('Boris'), role: 'platform_admin' };
const topic = 'Не приходит код для входа';
const LATER = '2025-11-18T08:00:00.000Z';

const openedOf = (text: string) =>
  SupportRequestOpened.of({
    requestId,
    requesterId: mother.id,
    topic: text,
    topicDigest: pseudonymOf('support-topic', text),
    at: NOW,
  });
const opened = openedOf(topic);

describe('OpenSupportRequest', () => {
  const open = { requestId, topic };

  it('when a parent asks, then the question is recorded as theirs', () => {
    given(supportRequest).when('OpenSupportRequest', open, { actor: mother }).then([opened]);
  });

  it('when the administrator enters a question that was asked by phone, then the one who asked is recorded', () => {
    given(supportRequest)
      .when('OpenSupportRequest', { ...open, requesterId: mother.id }, { actor: administrator })
      .then([opened]);
  });

  it('given the question, when it comes again later, then nothing is recorded', () => {
    given(supportRequest, [opened])
      .when('OpenSupportRequest', open, { actor: mother, occurredAt: LATER })
      .thenNothing();
  });

  it('given the question, when another comes under its id, then it is recorded too', () => {
    const other = 'Не вижу чат класса';
    given(supportRequest, [opened])
      .when('OpenSupportRequest', { ...open, topic: other }, { actor: mother })
      .then([openedOf(other)]);
  });
});

describe('ResolveSupportRequest', () => {
  const resolve = { requestId, resolution: 'Номер исправлен' };
  const resolved = SupportRequestResolved.of({
    ...resolve,
    requesterId: mother.id,
    resolutionDigest: pseudonymOf('support-resolution', resolve.resolution),
    by: administrator.id,
    at: NOW,
  });
  const by = { actor: administrator };

  it('given a question, when it is resolved, then how and by whom is recorded', () => {
    given(supportRequest, [opened]).when('ResolveSupportRequest', resolve, by).then([resolved]);
  });

  it('given it is resolved, when the same comes again later, then nothing is recorded', () => {
    given(supportRequest, [opened, resolved])
      .when('ResolveSupportRequest', resolve, { ...by, occurredAt: LATER })
      .thenNothing();
  });

  it('given it is resolved, when it is resolved otherwise, then 3.1.13 refuses', () => {
    given(supportRequest, [opened, resolved])
      .when('ResolveSupportRequest', { ...resolve, resolution: 'Передано разработчику' }, by)
      .thenRefused('3.1.13', 'resolved-once');
  });

  it('given it was resolved and a further question came, when that is resolved, then it is recorded', () => {
    given(supportRequest, [opened, resolved, openedOf('Снова не приходит код')])
      .when('ResolveSupportRequest', resolve, by)
      .then([resolved]);
  });

  it('given nobody asked, when it is resolved, then 3.1.13 refuses', () => {
    given(supportRequest).when('ResolveSupportRequest', resolve, by).thenRefused('3.1.13', 'opened-first');
  });
});
