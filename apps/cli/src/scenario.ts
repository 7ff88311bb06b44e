import { createHash } from 'node:crypto';
import { derivedId, type JsonObject, type Role } from '@letopis/kernel';

/** One command of a scenario: who issues it, when, and what it is. */
export interface Step {
  readonly role: Role;
  readonly actorId: string;
  readonly command: string;
  readonly payload: JsonObject;
  readonly occurredAt: string;
  readonly idempotencyKey: string;
}

/** A school of the scenario, with the command lines that make its record. */
export interface SchoolScenario {
  readonly organizationId: string;
  readonly name: string;
  readonly timeZone: string;
  readonly steps: readonly Step[];
}

const NUMBERS = ['7', '12', '21', '34', '48', '53', '66', '79', '85', '91'] as const;
const TOWNS = ['Ясногорск', 'Северный', 'Приозёрск', 'Новолесной', 'Каменка'] as const;
const ZONES = [
  'Asia/Yekaterinburg',
  'Europe/Moscow',
  'Europe/Kaliningrad',
  'Asia/Novosibirsk',
  'Asia/Kamchatka',
] as const;
const SURNAMES = [
  'Соколова',
  'Кузнецов',
  'Ковалёва',
  'Лебедев',
  'Орлова',
  'Фёдоров',
  'Зайцева',
  'Белов',
] as const;
const NAMES = ['Мария', 'Пётр', 'Анна', 'Илья', 'Ольга', 'Семён', 'Вера', 'Глеб'] as const;
const PATRONYMICS = [
  'Петровна',
  'Иванович',
  'Игоревна',
  'Олегович',
  'Сергеевна',
  'Львович',
  'Юрьевна',
  'Ильич',
] as const;

/** The short scenario begins here: the week in which the school year begins. */
const BEGINS = Date.parse('2025-08-25T04:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * A short school year's beginning: the act, the administrator, groups, links, joins, verification, chats, an account that
 * was taken over, and a violation; some of it late or wrong, so that controls have something to say. All names are
 * invented. The same seed and index give the same commands, byte for byte.
 */
export function schoolScenario(seed: number, index: number): SchoolScenario {
  const id = (...parts: readonly (string | number)[]): string =>
    derivedId('scenario', String(seed), String(index), ...parts.map(String));
  const pick = <Item>(items: readonly Item[], ...parts: readonly (string | number)[]): Item => {
    const at =
      createHash('sha256')
        .update([seed, index, ...parts].join('/'))
        .digest()
        .readUInt32BE(0) % items.length;
    const item = items[at];
    if (item === undefined) throw new RangeError('Nothing to pick from');
    return item;
  };
  const person = (...parts: readonly (string | number)[]): string =>
    `${pick(SURNAMES, 'surname', ...parts)} ${pick(NAMES, 'name', ...parts)} ${pick(PATRONYMICS, 'patronymic', ...parts)}`;
  const sha256 = (...parts: readonly string[]): string =>
    createHash('sha256')
      .update(id(...parts))
      .digest('hex');

  const organizationId = id('organization');
  const director = id('director');
  const administrator = id('administrator');
  const teachers = [0, 1, 2].map((n) => id('teacher', n));
  const pupils = [0, 1, 2, 3].map((n) => id('pupil', n));
  const parents = [0, 1].map((n) => id('parent', n));
  const [classTeacher = '', subjectTeacher = '', unverified = ''] = teachers;
  const [classGroup, staffRoom] = [id('group', '5А'), id('group', 'Учительская')];
  const [pupilsChat, parentsChat] = [id('chat', 'pupils'), id('chat', 'parents')];
  const [staffLink, pupilLink, forgottenLink] = [
    id('link', 'staff'),
    id('link', 'pupils'),
    id('link', 'forgotten'),
  ];
  const incident = id('incident');
  const violation = id('violation');

  const steps: Step[] = [];
  let clock = BEGINS;
  const at = (days: number, hours = 0): void => {
    clock = BEGINS + days * DAY + hours * HOUR;
  };
  const step = (role: Role, actorId: string, command: string, payload: JsonObject): void => {
    // A minute apart, so that the order of the steps is the order of their instants.
    clock += 60_000;
    steps.push({
      role,
      actorId,
      command,
      payload,
      occurredAt: new Date(clock).toISOString(),
      idempotencyKey: `scenario/${seed}/${index}/${steps.length}`,
    });
  };

  // The staff, by orders.
  for (const [n, personId] of [administrator, ...teachers].entries()) {
    step('director', director, 'RecordMovement', {
      personId,
      kind: 'hired',
      orderRef: `№ ${12 + n}-к от 25.08.2025`,
      effectiveAt: '2025-08-25T00:00:00+05:00',
      fullName: person('staff', n),
    });
  }
  at(4);
  const act = id('act');
  for (const [council, protocolNo] of [
    ['students', '1'],
    ['parents', '3'],
    ['staff', '2'],
  ] as const) {
    step('director', director, 'RecordCouncilOpinion', {
      actId: act,
      council,
      protocolNo,
      date: '2025-08-27',
      opinion: 'agree',
    });
  }
  step('director', director, 'IssueLocalAct', {
    actId: act,
    kind: 'polozhenie',
    number: '324',
    date: '2025-08-29',
    titleRu: 'Положение о применении сервисов взаимодействия ИКОП «Сферум» и учебного профиля MAX',
    clausesVersion: '2025-08-29',
    legalBasis: ['273-ФЗ', '149-ФЗ', 'ПП РФ № 1241 от 13.07.2022', 'ПП РФ № 1678 от 11.10.2023'],
    fileSha256: sha256('act-file'),
  });
  step('director', director, 'PutLocalActInForce', { actId: act, effectiveFrom: '2025-09-01' });
  step('director', director, 'AppointAdministrator', {
    personId: administrator,
    orderNo: '324',
    orderDate: '2025-08-29',
    phone: `+7900${String(1_000_000 + index).slice(-7)}`,
    email: `admin${index}@school.example`,
  });
  step('platform_admin', administrator, 'RequestOrganizationRegistration', {
    applicantId: administrator,
    orderRef: '№ 324 от 29.08.2025',
    orderFileSha256: sha256('order-file'),
    contact: {
      fullName: person('staff', 0),
      email: `admin${index}@school.example`,
      phone: `+7900${String(1_000_000 + index).slice(-7)}`,
    },
  });
  at(7);
  step('platform_admin', administrator, 'RecordRegistrationConfirmed', {
    platformOrgId: `sferum-${70_000 + index}`,
  });
  step('director', director, 'ApproveNomenclature', {
    schoolYear: '2025/2026',
    groups: [
      { kind: 'class', title: '5А' },
      { kind: 'class', title: '5Б' },
    ],
    orderRef: '№ 325 от 29.08.2025',
  });
  step('platform_admin', administrator, 'CreateGroup', {
    groupId: staffRoom,
    kind: 'staff_room',
    title: 'Учительская',
  });
  step('platform_admin', administrator, 'CreateGroup', { groupId: classGroup, kind: 'class', title: '5А' });

  // Teachers join by the administrator's link; one of them is never verified.
  step('platform_admin', administrator, 'CreateInvitationLink', {
    linkId: staffLink,
    targetKind: 'group',
    targetId: staffRoom,
    platformRole: 'teacher',
    expiresAt: '2025-09-20T00:00:00+05:00',
    maxUses: 30,
    urlHash: sha256('staff-link'),
  });
  step('platform_admin', administrator, 'SendInvitationLink', {
    linkId: staffLink,
    recipientIds: teachers,
    channel: 'e_diary',
  });
  for (const teacher of teachers)
    step('teacher', teacher, 'AcceptInvitation', { linkId: staffLink, personId: teacher });
  for (const teacher of [classTeacher, subjectTeacher]) {
    step('teacher', teacher, 'RequestRoleVerification', { personId: teacher, method: 'moya_shkola' });
    step('platform_admin', administrator, 'ConfirmRole', {
      personId: teacher,
      method: 'moya_shkola',
      evidenceRef: `Моя школа, запись ${8_800 + index}`,
    });
  }
  step('teacher', unverified, 'RequestRoleVerification', { personId: unverified, method: 'admin' });
  step('director', director, 'ApproveClassTeacherDistribution', {
    schoolYear: '2025/2026',
    orderRef: '№ 326 от 29.08.2025',
    pairs: [{ groupId: classGroup, personId: classTeacher }],
  });
  step('platform_admin', administrator, 'AssignClassTeacher', {
    groupId: classGroup,
    personId: classTeacher,
  });

  // Pupils and parents, and the chats of the class.
  at(10);
  for (const [n, personId] of pupils.entries()) {
    step('platform_admin', administrator, 'RecordMovement', {
      personId,
      kind: 'enrolled',
      orderRef: '№ 41-у от 30.08.2025',
      effectiveAt: '2025-09-01T00:00:00+05:00',
      toGroup: classGroup,
      fullName: person('pupil', n),
    });
  }
  for (const [n, personId] of parents.entries()) {
    step('curator', classTeacher, 'RecordGuardian', {
      personId,
      childId: pupils[n] ?? '',
      relation: pick(['mother', 'father'], 'relation', n),
      fullName: person('parent', n),
    });
  }
  step('curator', classTeacher, 'RegisterChat', {
    chatId: pupilsChat,
    kind: 'class_students',
    title: '5А — ученики',
    groupId: classGroup,
    ownerId: classTeacher,
    basis: 'Приказ № 326 от 29.08.2025',
  });
  step('curator', classTeacher, 'RegisterChat', {
    chatId: parentsChat,
    kind: 'class_parents',
    title: '5А — родители',
    groupId: classGroup,
    ownerId: classTeacher,
    basis: 'Приказ № 326 от 29.08.2025',
  });
  step('curator', classTeacher, 'CreateInvitationLink', {
    linkId: pupilLink,
    targetKind: 'chat',
    targetId: pupilsChat,
    platformRole: 'student',
    expiresAt: '2025-10-01T00:00:00+05:00',
    maxUses: 30,
    urlHash: sha256('pupil-link'),
  });
  for (const pupil of pupils)
    step('student', pupil, 'AcceptInvitation', { linkId: pupilLink, personId: pupil });
  const parentLink = id('link', 'parents');
  step('curator', classTeacher, 'CreateInvitationLink', {
    linkId: parentLink,
    targetKind: 'chat',
    targetId: parentsChat,
    platformRole: 'parent',
    expiresAt: '2025-10-01T00:00:00+05:00',
    maxUses: 60,
    urlHash: sha256('parent-link'),
  });
  step('curator', classTeacher, 'SendInvitationLink', {
    linkId: parentLink,
    recipientIds: parents,
    channel: 'e_diary',
  });
  for (const parent of parents)
    step('parent', parent, 'AcceptInvitation', { linkId: parentLink, personId: parent });

  // A link that nobody claimed and nobody revoked in time, and a stranger in the chat of the pupils.
  step('platform_admin', administrator, 'CreateInvitationLink', {
    linkId: forgottenLink,
    targetKind: 'group',
    targetId: classGroup,
    platformRole: 'student',
    expiresAt: '2026-05-31T00:00:00+05:00',
    maxUses: 30,
    urlHash: sha256('forgotten-link'),
  });
  at(40);
  step('platform_admin', administrator, 'RevokeInvitationLink', { linkId: pupilLink, reason: 'role_change' });
  at(46);
  step('student', id('stranger'), 'AcceptInvitation', { linkId: pupilLink, personId: id('stranger') });

  // An account is taken over: reported in time, contained too late.
  at(84, 9);
  const [pupil = ''] = pupils;
  step('parent', parents[0] ?? '', 'ReportUnauthorizedAccess', {
    incidentId: incident,
    affectedPersonId: pupil,
    detectedAt: new Date(clock - HOUR).toISOString(),
    circumstances: 'С аккаунта рассылали ссылки, которых владелец не отправлял',
  });
  at(84, 19);
  step('platform_admin', administrator, 'ContainAccount', {
    incidentId: incident,
    actions: ['sessions_ended', 'password'],
  });
  step('platform_admin', administrator, 'RegisterIncident', {
    incidentId: incident,
    kind: 'unauthorized_access',
    clauseIds: ['4.5.2'],
    detectedAt: new Date(BEGINS + 84 * DAY + 8 * HOUR).toISOString(),
    severity: 'high',
  });

  // An insult in the chat: reported, confirmed, talked about.
  at(90, 5);
  step('student', pupils[1] ?? '', 'ReportViolation', {
    violationId: violation,
    kind: 'ethics',
    subjectId: pupils[2] ?? '',
    chatId: pupilsChat,
    description: 'Оскорбление в чате класса',
  });
  at(91, 5);
  step('curator', classTeacher, 'ConfirmViolation', {
    violationId: violation,
    basis: 'Сообщение в чате, объяснение ученика',
  });
  step('curator', classTeacher, 'RecordMeasure', {
    violationId: violation,
    kind: 'talk',
    date: '2025-11-24',
  });

  return {
    organizationId,
    name: `МБОУ «Школа № ${NUMBERS[index % NUMBERS.length] ?? '7'}», г. ${pick(TOWNS, 'town')}`,
    timeZone: ZONES[index % ZONES.length] ?? 'Europe/Moscow',
    steps,
  };
}
