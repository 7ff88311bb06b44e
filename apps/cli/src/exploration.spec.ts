import { OBSERVED } from '@letopis/compliance';
import { type AnyCommand, type Domain } from '@letopis/kernel';
import { joinByLink, school } from '@letopis/school';
import { commandsOfPolicies, eventsOfCommands } from './exploration';

/** The school with these commands only. */
function schoolWith(...names: readonly string[]): Domain {
  return { ...school, commands: school.commands.filter(({ name }) => names.includes(name)) };
}

describe('what commands record', () => {
  it.each([
    ['a fact', 'RecordMessagePosted', ['MessagePosted']],
    ['a decision with rules', 'RevokeInvitationLink', ['InvitationLinkRevoked']],
    [
      'a decision on what it reads and on digests',
      'RegisterAdministratorOnPlatform',
      ['AdministratorRegistered'],
    ],
    ['two events', 'NotifyRegulator', ['RegulatorFindingsNoticeSent', 'RegulatorInitialNoticeSent']],
  ])('given %s, then it is found out', (_name, command, types) => {
    expect([...eventsOfCommands(schoolWith(command))]).toEqual([[command, types]]);
  });

  it('given another command beside it, then what is found of a command is the same', () => {
    const alone = eventsOfCommands(schoolWith('RecordChatRosterSnapshot'));
    const together = eventsOfCommands(schoolWith('RecordChatRosterSnapshot', 'RecordMessagePosted'));
    expect(together.get('RecordChatRosterSnapshot')).toEqual(alone.get('RecordChatRosterSnapshot'));
  });

  it('given a command that fails otherwise than by a refusal, then that is not passed over', () => {
    const broken: readonly AnyCommand[] = schoolWith('RecordMessagePosted').commands.map((command) => ({
      ...command,
      decide: () => {
        throw new TypeError('broken');
      },
    }));
    expect(() => eventsOfCommands({ ...school, commands: broken })).toThrow('broken');
  });
});

it('given a policy, then every command that it issues is found out', () => {
  expect([...commandsOfPolicies({ ...school, policies: [joinByLink] })]).toEqual([
    ['join-by-link', ['RecordChatMemberAdded', 'RecordMemberJoined']],
  ]);
});

it('given what administrators may enter as facts and never decide, then C03 does not take it for their acts', () => {
  const commands = school.commands.filter(({ actors }) => actors.includes('platform_admin'));
  const found = eventsOfCommands({ ...school, commands });
  const eventsOf = (kind: AnyCommand['kind']): readonly string[] =>
    commands.filter((command) => command.kind === kind).flatMap(({ name }) => found.get(name) ?? []);
  const decided = new Set(eventsOf('decision'));
  const observed = new Set(eventsOf('fact').filter((type) => !decided.has(type)));
  expect([...observed].sort()).toEqual([...OBSERVED].sort());
});
