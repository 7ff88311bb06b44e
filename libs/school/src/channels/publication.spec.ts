import { given, idOf, known, NOW } from '../testing';
import { channel, SystemChannelRegistered } from './channel';
import {
  material,
  publication,
  PublicationMaterialSubmitted,
  PublicationPublished,
  PublicationWithdrawn,
} from './publication';

const channelId = idOf('general');
const materialId = idOf('material');
const publicationId = idOf('publication');
const deputy = { id: idOf('Vera'), role: 'deputy' };
const administrator = { id: idOf('Boris'), role: 'platform_admin' };
const DUE = '2025-11-20T07:00:00.000Z';
const LATER = '2025-11-21T07:00:00.000Z';

const registered = known(channel, channelId, [
  SystemChannelRegistered.of({ channelId, kind: 'general', title: 'Общий канал' }),
]);
const submitted = PublicationMaterialSubmitted.of({
  materialId,
  channelId,
  titleRu: 'Каникулы',
  dueAt: DUE,
  by: deputy.id,
  at: NOW,
});
const supplied = known(material, materialId, [submitted]);

describe('SubmitPublicationMaterial', () => {
  const submit = { materialId, channelId, titleRu: 'Каникулы', dueAt: '2025-11-20T12:00:00+05:00' };
  const by = { actor: deputy };

  it('given a registered channel, when material is supplied, then by whom and till when is recorded', () => {
    given(material, [], [registered]).when('SubmitPublicationMaterial', submit, by).then([submitted]);
  });

  it('given the material, when it is supplied again after its date, then nothing is recorded', () => {
    given(material, [submitted], [registered])
      .when('SubmitPublicationMaterial', submit, { ...by, occurredAt: LATER })
      .thenNothing();
  });

  it('given the material, when other material is supplied under its id, then 3.2.3 refuses', () => {
    given(material, [submitted], [registered])
      .when('SubmitPublicationMaterial', { ...submit, titleRu: 'Питание' }, by)
      .thenRefused('3.2.3', 'submitted-once');
  });

  it('given the channel is not registered, when material is supplied for it, then 3.2.3 refuses', () => {
    given(material).when('SubmitPublicationMaterial', submit, by).thenRefused('3.2.3', 'channel-registered');
  });

  it('given its date is now, when material is supplied, then 3.2.3 refuses', () => {
    given(material, [], [registered])
      .when('SubmitPublicationMaterial', { ...submit, dueAt: NOW }, by)
      .thenRefused('3.2.3', 'due-ahead');
  });
});

const url = 'https://school7.example/news/1';
const publish = { publicationId, channelId, materialId, title: 'Каникулы', url };
const published = PublicationPublished.of({
  ...publish,
  channelTitle: 'Общий канал',
  suppliedBy: deputy.id,
  by: administrator.id,
  at: NOW,
});

describe('PublishToChannel', () => {
  const by = { actor: administrator };

  it('given material for the channel, when it is published, then a whole row of form F9 is recorded', () => {
    given(publication, [], [registered, supplied]).when('PublishToChannel', publish, by).then([published]);
  });

  it('given no material, when the administrator publishes, then nobody is named as its supplier', () => {
    const { materialId: _none, ...own } = publish;
    given(publication, [], [registered])
      .when('PublishToChannel', own, by)
      .then([PublicationPublished.of({ ...published.data, materialId: undefined, suppliedBy: undefined })]);
  });

  it('given the publication, when it is published again, then nothing is recorded', () => {
    given(publication, [published], [registered, supplied])
      .when('PublishToChannel', publish, { ...by, occurredAt: LATER })
      .thenNothing();
  });

  it('given the publication, when another is published under its id, then 3.1.11 refuses', () => {
    given(publication, [published], [registered, supplied])
      .when('PublishToChannel', { ...publish, title: 'Питание' }, by)
      .thenRefused('3.1.11', 'published-once');
  });

  it('given the channel is not registered, when something is published, then 3.1.11 refuses', () => {
    given(publication, [], [supplied])
      .when('PublishToChannel', publish, by)
      .thenRefused('3.1.11', 'channel-registered');
  });

  it.each([
    ['is not on record', []],
    ['is for another channel', [{ ...submitted, data: { ...submitted.data, channelId: idOf('staff') } }]],
  ])('given the material %s, when it is published, then 3.1.11 refuses', (_what, events) => {
    given(publication, [], [registered, known(material, materialId, events)])
      .when('PublishToChannel', publish, by)
      .thenRefused('3.1.11', 'material-of-channel');
  });

  it.each(['5А', 'javascript:alert(1)', 'https://', 'https://school7.example/a b', 'ftp://school7.example'])(
    'when the link is %s, then it is invalid',
    (link) => {
      given(publication, [], [registered, supplied])
        .when('PublishToChannel', { ...publish, url: link }, by)
        .thenInvalid('/payload/url');
    },
  );
});

describe('WithdrawPublication', () => {
  const withdraw = { publicationId, reason: 'Ошибка в датах' };
  const withdrawn = PublicationWithdrawn.of({ ...withdraw, channelId, by: administrator.id, at: NOW });
  const by = { actor: administrator };

  it('given the publication, when it is withdrawn, then the reason is recorded', () => {
    given(publication, [published]).when('WithdrawPublication', withdraw, by).then([withdrawn]);
  });

  it('given it is withdrawn, when it is withdrawn again, then nothing is recorded', () => {
    given(publication, [published, withdrawn])
      .when('WithdrawPublication', withdraw, { ...by, occurredAt: LATER })
      .thenNothing();
  });

  it('given it is withdrawn, when it is withdrawn for another reason, then 3.1.11 refuses', () => {
    given(publication, [published, withdrawn])
      .when('WithdrawPublication', { ...withdraw, reason: 'Устарело' }, by)
      .thenRefused('3.1.11', 'withdrawn-once');
  });

  it('given no such publication, when it is withdrawn, then 3.1.11 refuses', () => {
    given(publication).when('WithdrawPublication', withdraw, by).thenRefused('3.1.11', 'published-first');
  });
});
