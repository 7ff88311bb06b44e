import { given, idOf } from '../testing';
import { channel, SystemChannelRegistered } from './channel';

const general = { channelId: idOf('general'), kind: 'general' as const, title: 'Общий канал' };
const registered = SystemChannelRegistered.of(general);

describe('RegisterSystemChannel', () => {
  it('given a new channel, when it is registered, then its kind and title are recorded', () => {
    given(channel).when('RegisterSystemChannel', general).then([registered]);
  });

  it('given the channel, when it is registered again, then nothing is recorded', () => {
    given(channel, [registered]).when('RegisterSystemChannel', general).thenNothing();
  });

  it('given the channel, when it is registered under another title, then 3.1.11 refuses', () => {
    given(channel, [registered])
      .when('RegisterSystemChannel', { ...general, title: 'Сотрудники' })
      .thenRefused('3.1.11', 'registered-once');
  });
});
