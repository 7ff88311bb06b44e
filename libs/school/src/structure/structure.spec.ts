import { fold } from '@letopis/kernel';
import { MemberJoined, membership, RoleVerified } from '../membership/membership';
import { organization, OrganizationRegistrationConfirmed } from '../organization/organization';
import { given, idOf, known, NOW, ORGANIZATION } from '../testing';
import {
  ClassTeacherAssigned,
  ClassTeacherDistributionApproved,
  ClassTeacherUnassigned,
  GroupArchived,
  GroupCreated,
  GroupRenamed,
  HeadChatDesignated,
  HeadChatWithdrawn,
  isLive,
  NomenclatureApproved,
  structure,
  teaches,
  TeachingLoadApproved,
} from './structure';

const groupId = idOf('5A');
const personId = idOf('Anna');
const schoolYear = '2025/2026';
const nomenclatureRef = '№ 325 от 29.08.2025';
const orderRef = '№ 326 от 29.08.2025';

const nomenclature = NomenclatureApproved.of({
  schoolYear,
  groups: [
    { kind: 'class', title: '5А' },
    { kind: 'class', title: '6А' },
    { kind: 'club', title: 'Шахматы' },
  ],
  orderRef: nomenclatureRef,
});
const group = { groupId, kind: 'class' as const, title: '5А' };
const created = GroupCreated.of({ ...group, nomenclatureRef });
const archived = GroupArchived.of({ groupId, reason: 'Выпуск' });
const distribution = ClassTeacherDistributionApproved.of({
  schoolYear,
  orderRef,
  pairs: [{ groupId, personId }],
});
const assigned = ClassTeacherAssigned.of({ groupId, personId, orderRef });

const joined = MemberJoined.of({ personId, platformRole: 'teacher', via: 'auto_sync', at: NOW });
const verified = RoleVerified.of({
  personId,
  role: 'teacher',
  method: 'admin',
  evidenceRef: '8841',
  by: idOf('Boris'),
});
const teacher = known(membership, personId, [joined, verified]);
const registered = known(organization, ORGANIZATION, [
  OrganizationRegistrationConfirmed.of({ platformOrgId: 'sferum-70701', confirmedAt: NOW }),
]);

describe('ApproveNomenclature', () => {
  it('given nothing, when the list of groups is approved, then it is recorded', () => {
    given(structure).when('ApproveNomenclature', nomenclature.data).then([nomenclature]);
  });

  it('given the list, when the same is approved again, then nothing is recorded', () => {
    given(structure, [nomenclature]).when('ApproveNomenclature', nomenclature.data).thenNothing();
  });

  it.each([
    ['another list', { groups: [{ kind: 'class' as const, title: '7А' }] }],
    ['another order', { orderRef: '№ 330 от 15.09.2025' }],
    ['another year', { schoolYear: '2026/2027' }],
  ])('given the list, when %s is approved, then it is recorded', (_what, other) => {
    const approval = { ...nomenclature.data, ...other };
    given(structure, [nomenclature])
      .when('ApproveNomenclature', approval)
      .then([NomenclatureApproved.of(approval)]);
  });
});

describe('CreateGroup', () => {
  it('given the nomenclature has it, when a group is created, then it is recorded with its order', () => {
    given(structure, [nomenclature]).when('CreateGroup', group).then([created]);
  });

  it('given the group, when it is created again, then nothing is recorded', () => {
    given(structure, [nomenclature, created]).when('CreateGroup', group).thenNothing();
  });

  it('given the id is taken by another group, when a group is created, then 3.1.5 refuses', () => {
    given(structure, [nomenclature, created])
      .when('CreateGroup', { ...group, title: '6А' })
      .thenRefused('3.1.5', 'unique-group');
  });

  it.each([
    ['has no such title', { ...group, title: '9Я' }],
    ['has the title for another kind of group', { ...group, title: 'Шахматы' }],
  ])('given the nomenclature %s, when a group is created, then 3.1.5 refuses', (_what, wanted) => {
    given(structure, [nomenclature]).when('CreateGroup', wanted).thenRefused('3.1.5', 'in-nomenclature');
  });

  const next = NomenclatureApproved.of({
    schoolYear: '2026/2027',
    groups: [{ kind: 'class', title: '5А' }],
    orderRef: '№ 290 от 30.06.2026',
  });

  it.each([
    ['the year begins', nomenclature, '2025-09-01T00:00:00.000Z', nomenclatureRef],
    ['the year is about to end', nomenclature, '2026-08-31T23:59:59.999Z', nomenclatureRef],
    ['July begins before its year', next, '2026-07-01T00:00:00.000Z', next.data.orderRef],
  ])('given %s, when a group is created, then its order counts', (_what, approval, occurredAt, order) => {
    given(structure, [approval])
      .when('CreateGroup', group, { occurredAt })
      .then([GroupCreated.of({ ...group, nomenclatureRef: order })]);
  });

  it.each([
    ['its year has ended', nomenclature, '2026-09-01T00:00:00.000Z'],
    ['its year is more than two months away', next, '2026-06-30T23:59:59.999Z'],
  ])('given %s, when a group is created, then 3.1.5 refuses', (_what, approval, occurredAt) => {
    given(structure, [approval])
      .when('CreateGroup', group, { occurredAt })
      .thenRefused('3.1.5', 'in-nomenclature');
  });

  it('given both years have it, when a group is created in August, then the next year’s order counts', () => {
    given(structure, [next, nomenclature])
      .when('CreateGroup', group, { occurredAt: '2026-08-20T08:00:00.000Z' })
      .then([GroupCreated.of({ ...group, nomenclatureRef: next.data.orderRef })]);
  });

  it('given no nomenclature, when a group is created, then 3.1.5 refuses', () => {
    given(structure).when('CreateGroup', group).thenRefused('3.1.5', 'in-nomenclature');
  });

  it('given a live group of that title, when another is created, then 3.1.5 refuses', () => {
    given(structure, [nomenclature, created])
      .when('CreateGroup', { ...group, groupId: idOf('other') })
      .thenRefused('3.1.5', 'unique-title');
  });

  it('given an archived group of that title, when another is created, then it is recorded', () => {
    const other = { ...group, groupId: idOf('other') };
    given(structure, [nomenclature, created, archived])
      .when('CreateGroup', other)
      .then([GroupCreated.of({ ...other, nomenclatureRef })]);
  });

  const staffRoom = { groupId: idOf('staff room'), kind: 'staff_room' as const, title: 'Учительская' };

  it('given the organisation is confirmed, when «Учительская» is created, then it needs no nomenclature', () => {
    given(structure, [], [registered])
      .when('CreateGroup', staffRoom)
      .then([GroupCreated.of(staffRoom)]);
  });

  it('given the organisation is not confirmed, when «Учительская» is created, then 3.1.4 refuses', () => {
    given(structure).when('CreateGroup', staffRoom).thenRefused('3.1.4', 'organization-confirmed');
  });

  it('given a live «Учительская», when another is created, then 3.1.4 refuses', () => {
    given(structure, [GroupCreated.of(staffRoom)], [registered])
      .when('CreateGroup', { ...staffRoom, groupId: idOf('other') })
      .thenRefused('3.1.4', 'one-staff-room');
  });
});

describe('RenameGroup', () => {
  it('given the nomenclature has the title, when a group is renamed, then both titles are recorded', () => {
    given(structure, [nomenclature, created])
      .when('RenameGroup', { groupId, title: '6А' })
      .then([GroupRenamed.of({ groupId, from: '5А', to: '6А' })]);
  });

  it.each([
    ['unknown', [nomenclature]],
    ['archived', [nomenclature, created, archived]],
  ])('given the group is %s, when it is renamed, then 3.1.5 refuses', (_what, events) => {
    given(structure, events).when('RenameGroup', { groupId, title: '6А' }).thenRefused('3.1.5', 'live-group');
  });

  it('given the nomenclature has no such title, when a group is renamed, then 3.1.5 refuses', () => {
    given(structure, [nomenclature, created])
      .when('RenameGroup', { groupId, title: '9Я' })
      .thenRefused('3.1.5', 'in-nomenclature');
  });

  it('given the nomenclature of another year has the title, when a group is renamed, then 3.1.5 refuses', () => {
    given(structure, [nomenclature, created])
      .when('RenameGroup', { groupId, title: '6А' }, { occurredAt: '2026-09-01T00:00:00.000Z' })
      .thenRefused('3.1.5', 'in-nomenclature');
  });

  it('given another live group has the title, when a group is renamed, then 3.1.5 refuses', () => {
    given(structure, [nomenclature, created, GroupCreated.of({ ...group, groupId: idOf('6A'), title: '6А' })])
      .when('RenameGroup', { groupId, title: '6А' })
      .thenRefused('3.1.5', 'unique-title');
  });

  it('given it has the title, when it is given again, then nothing is recorded', () => {
    given(structure, [nomenclature, created]).when('RenameGroup', { groupId, title: '5А' }).thenNothing();
  });
});

describe('ArchiveGroup', () => {
  it('given a live group, when it is archived, then it is live no more', () => {
    given(structure, [created]).when('ArchiveGroup', { groupId, reason: 'Выпуск' }).then([archived]);
  });

  it('given no such group, when it is archived, then 3.1.5 refuses', () => {
    given(structure).when('ArchiveGroup', { groupId, reason: 'Выпуск' }).thenRefused('3.1.5', 'live-group');
  });

  it('given it is archived, when it is archived again, then nothing is recorded', () => {
    given(structure, [created, archived]).when('ArchiveGroup', { groupId, reason: 'Выпуск' }).thenNothing();
  });
});

describe('ApproveClassTeacherDistribution', () => {
  it('given nothing, when the director approves who leads which class, then it is recorded', () => {
    given(structure).when('ApproveClassTeacherDistribution', distribution.data).then([distribution]);
  });

  it('given it is approved, when the same is approved again, then nothing is recorded', () => {
    given(structure, [distribution]).when('ApproveClassTeacherDistribution', distribution.data).thenNothing();
  });

  it('given two class teachers of one class, when they are approved, then 3.1.7 refuses', () => {
    const pairs = [...distribution.data.pairs, { groupId, personId: idOf('Boris') }];
    given(structure)
      .when('ApproveClassTeacherDistribution', { ...distribution.data, pairs })
      .thenRefused('3.1.7', 'one-class-teacher');
  });
});

describe('AssignClassTeacher', () => {
  const assignment = { groupId, personId };

  it('given the approved pair and a verified teacher, when they are attached, then it is recorded with the order', () => {
    given(structure, [created, distribution], [teacher])
      .when('AssignClassTeacher', assignment)
      .then([assigned]);
  });

  it.each([
    ['unknown', [distribution]],
    ['archived', [created, distribution, archived]],
    ['a club', [GroupCreated.of({ ...group, kind: 'club' }), distribution]],
  ])('given the group is %s, when a teacher is attached, then 3.1.7 refuses', (_what, events) => {
    given(structure, events, [teacher])
      .when('AssignClassTeacher', assignment)
      .thenRefused('3.1.7', 'live-class');
  });

  it('given the distribution names another, when a teacher is attached, then 3.1.7 refuses', () => {
    given(structure, [created, distribution], [teacher])
      .when('AssignClassTeacher', { groupId, personId: idOf('Boris') })
      .thenRefused('3.1.7', 'in-distribution');
  });

  it('given the distribution is of the year before, when a teacher is attached, then 3.1.7 refuses', () => {
    given(structure, [created, distribution], [teacher])
      .when('AssignClassTeacher', assignment, { occurredAt: '2026-09-01T00:00:00.000Z' })
      .thenRefused('3.1.7', 'in-distribution');
  });

  it('given the teacher is not verified, when they are attached, then 3.1.7 refuses', () => {
    given(structure, [created, distribution], [known(membership, personId, [joined])])
      .when('AssignClassTeacher', assignment)
      .thenRefused('3.1.7', 'verified-teacher');
  });

  it('given the class has another class teacher, when one is attached, then 3.1.7 refuses', () => {
    const other = ClassTeacherAssigned.of({ groupId, personId: idOf('Boris'), orderRef });
    given(structure, [created, distribution, other], [teacher])
      .when('AssignClassTeacher', assignment)
      .thenRefused('3.1.7', 'one-class-teacher');
  });

  it('given they are attached, when they are attached again, then nothing is recorded', () => {
    given(structure, [created, distribution, assigned], [teacher])
      .when('AssignClassTeacher', assignment)
      .thenNothing();
  });
});

describe('UnassignClassTeacher', () => {
  const reason = 'Перераспределение нагрузки';

  it('given a class teacher, when they are detached, then whom is recorded', () => {
    given(structure, [created, distribution, assigned])
      .when('UnassignClassTeacher', { groupId, reason })
      .then([ClassTeacherUnassigned.of({ groupId, personId, reason })]);
  });

  it('given no class teacher, when one is detached, then 3.1.7 refuses', () => {
    given(structure, [created])
      .when('UnassignClassTeacher', { groupId, reason })
      .thenRefused('3.1.7', 'assigned');
  });
});

describe('ApproveTeachingLoad', () => {
  const item = { groupId, subject: 'Математика', personId };
  const load = TeachingLoadApproved.of({ schoolYear, orderRef: '№ 327 от 29.08.2025', load: [item] });

  it('given live groups, when who teaches what is approved, then it is recorded', () => {
    given(structure, [created]).when('ApproveTeachingLoad', load.data).then([load]);
  });

  it('given it is approved, when the same is approved again, then nothing is recorded', () => {
    given(structure, [created, load, archived]).when('ApproveTeachingLoad', load.data).thenNothing();
  });

  it.each([
    ['unknown', []],
    ['archived', [created, archived]],
  ])('given a group that is %s, when its load is approved, then 3.4.3 refuses', (_what, events) => {
    given(structure, events).when('ApproveTeachingLoad', load.data).thenRefused('3.4.3', 'live-group');
  });

  it.each([
    ['the teacher, group and subject of it', item, NOW, true],
    ['the subject in other letters', { ...item, subject: ' математика' }, NOW, true],
    ['another subject', { ...item, subject: 'Физика' }, NOW, false],
    ['another group', { ...item, groupId: idOf('6A') }, NOW, false],
    ['another teacher', { ...item, personId: idOf('Boris') }, NOW, false],
    ['another year', item, '2026-09-01T00:00:00.000Z', false],
  ])(
    'given the load, when %s is asked for, then it says whether they teach it',
    (_what, asked, at, taught) => {
      expect(teaches(fold(structure, [load]), asked, at)).toBe(taught);
    },
  );

  it('given a later load of the year, then the earlier counts no more', () => {
    const later = TeachingLoadApproved.of({ ...load.data, load: [{ ...item, personId: idOf('Boris') }] });
    expect(teaches(fold(structure, [load, later]), item, NOW)).toBe(false);
  });
});

describe('the chats of the head', () => {
  const chatId = idOf('chat of the head');
  const kind = 'head_deputies' as const;
  const designated = HeadChatDesignated.of({ chatId, kind });
  const withdrawn = HeadChatWithdrawn.of({ chatId, kind });

  it('given none, when one came into the register, then it is recorded', () => {
    given(structure).when('DesignateHeadChat', { chatId, kind }).then([designated]);
  });

  it('given one, when it came again, then nothing is recorded', () => {
    given(structure, [designated]).when('DesignateHeadChat', { chatId, kind }).thenNothing();
  });

  it('given one, when a second came all the same, then it is recorded', () => {
    const second = { chatId: idOf('second'), kind };
    given(structure, [designated])
      .when('DesignateHeadChat', second)
      .then([HeadChatDesignated.of(second)]);
  });

  it('given one, when it was closed, then it is recorded', () => {
    given(structure, [designated]).when('WithdrawHeadChat', { chatId }).then([withdrawn]);
  });

  it.each([
    ['any other chat', []],
    ['one that was closed', [designated, withdrawn]],
  ])('given %s, when it was closed, then nothing is recorded', (_what, events) => {
    given(structure, events).when('WithdrawHeadChat', { chatId }).thenNothing();
  });
});

it('given an event about a group that is not on record, then it changes no group', () => {
  const state = structure.evolve(structure.initial, archived);
  expect(isLive(state, groupId)).toBe(false);
});
