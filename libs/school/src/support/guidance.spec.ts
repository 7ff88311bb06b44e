import { given, idOf } from '../testing';
import { guidance, GuidancePublished } from './guidance';

const publish = {
  guidanceId: idOf('guidance'),
  title: 'Как войти',
  audience: 'parent' as const,
  url: 'https://school7.example/guides/1',
};
const published = GuidancePublished.of(publish);

describe('PublishGuidance', () => {
  it('when an instruction is published, then whom it is for and where it is are recorded', () => {
    given(guidance).when('PublishGuidance', publish).then([published]);
  });

  it('given the instruction, when it is published again, then nothing is recorded', () => {
    given(guidance, [published]).when('PublishGuidance', publish).thenNothing();
  });

  it('given the instruction, when another is published under its id, then 4.3 refuses', () => {
    given(guidance, [published])
      .when('PublishGuidance', { ...publish, audience: 'all' })
      .thenRefused('4.3', 'published-once');
  });

  it('when the link leads to no web page, then it is invalid', () => {
    given(guidance)
      .when('PublishGuidance', { ...publish, url: 'javascript:alert(1)' })
      .thenInvalid('/payload/url');
  });
});
