import fc from 'fast-check';
import { type RecordedEvent } from '@letopis/kernel';
import {
  AccountContained,
  AdditionalAdministratorAssigned,
  AdditionalAdministratorRevoked,
  AdministratorAppointed,
  AdministratorAppointmentRevoked,
  ChatClosed,
  ChatMemberAdded,
  ChatMemberLeft,
  ChatRegistered,
  GroupArchived,
  IncidentRegistered,
  InvitationLinkCreated,
  InvitationLinkRevoked,
  InvitationLinkUsed,
  MemberJoined,
  MemberMovementRecorded,
  MemberRemoved,
  OrganizationCreated,
  RoleVerificationRejected,
  RoleVerified,
  UnauthorizedAccessReported,
} from '@letopis/school';
import { productionCalendar } from './calendar';
import { controlCatalogue } from './catalogue';
import { administratorByOrder } from './controls/c03-administrator';
import { evaluate, evaluateAll, marksOf, type Question } from './evaluation';
import { type Mark } from './marks';
import {
  type Happening,
  decidedOn,
  explained,
  happened,
  history,
  idOf,
  ORGANIZATION,
  refusalOf,
} from './testing';

const START = Date.parse('2025-12-15T00:00:00Z');
const DAY = 86_400_000;

/** An instant of the 60 days around the New Year, of few enough that instants often coincide. */
const instants = fc.integer({ min: 0, max: 60 }).map((day) => new Date(START + day * DAY).toISOString());
const names = fc.constantFrom('Anna', 'Boris');
const roles = fc.constantFrom('teacher' as const, 'student' as const, 'parent' as const);

/** Any happening among two people, a link, a group, a chat and an incident, sensible or not. */
const happenings: fc.Arbitrary<Happening> = fc
  .record({ at: instants, other: instants, name: names, role: roles, which: fc.nat(), byAdmin: fc.boolean() })
  .map(({ at, other, name, role, which, byAdmin }) => {
    const personId = idOf(name);
    const linkId = idOf('link');
    const chatId = idOf('chat');
    const incidentId = idOf('incident');
    const [earlier, later] = at < other ? [at, other] : [other, at];
    const events = [
      OrganizationCreated.of({ name: 'Школа № 7', timeZone: 'Europe/Moscow' }),
      AdministratorAppointed.of({
        personId,
        orderNo: '1',
        orderDate: '2025-12-15',
        phone: '+79000000001',
        email: 'a@b.example',
      }),
      AdministratorAppointmentRevoked.of({ personId, orderNo: '2', reason: 'Перевод' }),
      AdditionalAdministratorAssigned.of({ personId, assignedBy: idOf('Vera'), scope: 'Все' }),
      AdditionalAdministratorRevoked.of({ personId, revokedBy: personId, reason: 'Отпуск' }),
      MemberMovementRecorded.of({ personId, kind: 'dismissed', orderRef: '3', effectiveAt: other }),
      MemberMovementRecorded.of({ personId, kind: 'hired', orderRef: '4', effectiveAt: other }),
      InvitationLinkCreated.of({
        linkId,
        targetKind: 'chat',
        targetId: chatId,
        platformRole: role,
        issuer: { personId, role: 'platform_admin' },
        expiresAt: later,
        maxUses: 1,
        urlHash: '0'.repeat(64),
      }),
      InvitationLinkUsed.of({ linkId, personId, at }),
      InvitationLinkRevoked.of({ linkId, reason: 'manual', by: personId }),
      GroupArchived.of({ groupId: idOf('5A'), reason: 'Выпуск' }),
      ChatRegistered.of({ chatId, kind: 'subject', title: 'Алгебра', ownerId: personId }),
      ChatClosed.of({ chatId, reason: 'Завершён', at }),
      MemberJoined.of({ personId, platformRole: role, via: 'link', viaId: linkId, at }),
      ChatMemberAdded.of({
        chatId,
        personId,
        platformRole: role,
        via: 'inviter',
        inviterId: idOf('Anna'),
        at,
      }),
      ChatMemberLeft.of({ chatId, personId, at }),
      MemberRemoved.of({ personId, scope: 'community', reason: 'Ошибка', at }),
      RoleVerified.of({ personId, role: 'teacher', method: 'admin', evidenceRef: '5', by: idOf('Vera') }),
      RoleVerificationRejected.of({ personId, reason: 'Нет в списке' }),
      UnauthorizedAccessReported.of({
        incidentId,
        reporterId: personId,
        affectedPersonId: personId,
        detectedAt: earlier,
        reportedAt: at,
      }),
      IncidentRegistered.of({
        incidentId,
        kind: 'unauthorized_access',
        clauseIds: ['4.5.2'],
        detectedAt: earlier,
        severity: 'high',
      }),
      AccountContained.of({ incidentId, actions: ['password'], at }),
    ];
    return happened(at, events[which % events.length]!, {
      by: { id: personId, role: byAdmin ? 'platform_admin' : 'director' },
    });
  });

const histories: fc.Arbitrary<readonly RecordedEvent[]> = fc
  .array(happenings, { maxLength: 40 })
  .map((list) => history(...list));

const question = (asOf: string): Question => ({
  organizationId: ORGANIZATION,
  asOf,
  timeZone: 'Europe/Moscow',
  calendar: productionCalendar,
});

describe('an evaluation', () => {
  it('does not depend on the order in which facts arrived', () => {
    const shuffled = histories.chain((events) => {
      const marks = marksOf(controlCatalogue, events);
      return fc.tuple(
        fc.constant(marks),
        fc.shuffledSubarray([...marks], { minLength: marks.length }),
        instants,
      );
    });
    fc.assert(
      fc.property(shuffled, ([marks, others, asOf]) => {
        expect(evaluateAll(controlCatalogue, others, question(asOf))).toEqual(
          evaluateAll(controlCatalogue, marks, question(asOf)),
        );
      }),
    );
  });

  it('takes what was recorded first as first, where two facts are of one instant', () => {
    const at = '2025-11-17T14:05:00.000Z';
    const report = (name: string) =>
      happened(
        at,
        UnauthorizedAccessReported.of({
          incidentId: idOf('incident'),
          reporterId: idOf(name),
          affectedPersonId: idOf('pupil'),
          detectedAt: at,
          reportedAt: at,
        }),
      );
    const events = history(report('mother'), report('father'));
    const contained = controlCatalogue.flatMap(
      (control) =>
        evaluate(control, marksOf([control], events.toReversed()), question('2025-11-17T15:00:00Z')).findings,
    );
    expect(contained.find(({ rule }) => rule === 'contained')?.evidence).toEqual([events[0]!.id]);
  });

  it('as of an instant is the evaluation of what had happened by then', () => {
    fc.assert(
      fc.property(histories, instants, (events, asOf) => {
        const until = events.filter(({ occurredAt }) => occurredAt <= asOf);
        expect(evaluateAll(controlCatalogue, marksOf(controlCatalogue, events), question(asOf))).toEqual(
          evaluateAll(controlCatalogue, marksOf(controlCatalogue, until), question(asOf)),
        );
      }),
    );
  });

  it('as known at a position is the evaluation of what was recorded by then', () => {
    fc.assert(
      fc.property(histories, instants, fc.bigInt({ min: 0n, max: 40n }), (events, asOf, position) => {
        const recorded = events.filter((event) => event.position <= position);
        expect(
          evaluateAll(controlCatalogue, marksOf(controlCatalogue, events), {
            ...question(asOf),
            known: { position },
          }),
        ).toEqual(evaluateAll(controlCatalogue, marksOf(controlCatalogue, recorded), question(asOf)));
      }),
    );
  });

  it('cites, for every finding, events that happened, under an id of its own', () => {
    fc.assert(
      fc.property(histories, instants, (events, asOf) => {
        const happenedBy = new Set(events.filter((e) => e.occurredAt <= asOf).map(({ id }) => id));
        const findings = evaluateAll(
          controlCatalogue,
          marksOf(controlCatalogue, events),
          question(asOf),
        ).flatMap((evaluation) => evaluation.findings);
        expect(findings.every(({ evidence }) => evidence.length > 0)).toBe(true);
        expect(findings.flatMap(({ evidence }) => evidence).filter((id) => !happenedBy.has(id))).toEqual([]);
        expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
      }),
    );
  });

  it('takes the default, where a decision of before has a form that the parameter has no more', () => {
    const incident = history(
      happened(
        '2025-11-17T14:05:00.000Z',
        UnauthorizedAccessReported.of({
          incidentId: idOf('incident'),
          reporterId: idOf('mother'),
          affectedPersonId: idOf('pupil'),
          detectedAt: '2025-11-17T14:05:00.000Z',
          reportedAt: '2025-11-17T14:05:00.000Z',
        }),
      ),
    );
    const evaluations = evaluateAll(controlCatalogue, marksOf(controlCatalogue, incident), {
      ...question('2025-11-17T15:00:00Z'),
      decisions: decidedOn('C23', 'containWithin', { count: 2 }),
    });
    expect(evaluations.find(({ control }) => control === 'C23')?.parameters.containWithin).toEqual({
      value: { hours: 4 },
    });
  });

  it('refuses what is no instant', () => {
    expect(refusalOf(() => evaluate(controlCatalogue[0]!, [], question('yesterday')))).toBe('invalid');
  });

  it('says where a deadline rests on a calendar that nobody has decreed', () => {
    const events = history(
      happened('2027-12-30T09:00:00Z', OrganizationCreated.of({ name: 'Школа', timeZone: 'Europe/Moscow' })),
    );
    const c03 = evaluate(
      administratorByOrder,
      marksOf(controlCatalogue, events),
      question('2027-12-30T10:00:00Z'),
    );
    expect(explained(c03, 'administrator-present')).toContain(
      'Нет действующего администратора, назначенного приказом из числа работников: с 30.12.2027, 12:00, ' +
        'допустимо до 12.01.2028, 23:59. ' +
        'Срок предварительный: производственный календарь на 2028 год не утверждён.',
    );
  });
});

describe('the marks of events', () => {
  it('are one for each control, rule, subject, kind and position', () => {
    const keyOf = ({ control, rule, subject, kind, position }: Mark): string =>
      [control, rule, subject, kind, position].join(' ');
    fc.assert(
      fc.property(histories, (events) => {
        const keys = marksOf(controlCatalogue, events).map(keyOf);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});

describe('the control catalogue', () => {
  it('is in order of id, each once', () => {
    const ids = controlCatalogue.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].toSorted());
  });

  it.each(controlCatalogue.map((control) => [control.id, control] as const))(
    '%s has rules of different names',
    (_id, { rules }) => {
      expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    },
  );
});
