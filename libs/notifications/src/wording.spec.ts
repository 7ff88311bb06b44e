import { type Finding } from '@letopis/compliance';
import { TOPICS } from './notice';
import { newsOf, type Occasion, occasionsOf } from './occasions';
import { assignedUntil, findingOf, inHours, LONG_AGO, NOW, overdueFor } from './testing';
import { noticesOf } from './wording';

const ORGANIZATION = '2b9d4f6e-6f3c-4d8e-9b7a-5c1e0f2a3d44';
const addressee = { organizationId: ORGANIZATION, channel: 'email', timeZone: 'Asia/Yekaterinburg' } as const;
const everything = { topics: TOPICS, remindBeforeHours: [24], updatedAt: LONG_AGO };

function occasionsFor(findings: readonly Finding[], told = new Map<string, string>()): readonly Occasion[] {
  return newsOf(occasionsOf(findings, NOW, everything), told, NOW, everything);
}

function noticeFor(finding: Finding, reason: Occasion['reason'], told = new Map<string, string>()) {
  const [notice, ...others] = noticesOf(
    occasionsFor([finding], told).filter((occasion) => occasion.reason === reason),
    addressee,
  );
  if (notice === undefined || others.length > 0) throw new Error(`${others.length} others for ${reason}`);
  return notice;
}

describe('a notice', () => {
  const { id } = findingOf();
  const workflow = (hours: number) => ({ workflow: assignedUntil(inHours(hours)) });
  const told = new Map([[`${id}/broken`, inHours(-30)]]);

  it.each<[Occasion['reason'], Finding, string]>([
    ['deadline-approaching', findingOf(), 'Летопись: срок истекает 20.11.2025, 18:00 — C09'],
    ['deadline-missed', overdueFor(1), 'Летопись: срок истёк 20.11.2025, 13:00 — C09'],
    [
      'violation-found',
      findingOf({ state: 'violated', manner: 'act', dueAt: undefined }),
      'Летопись: выявлено нарушение — C09',
    ],
    ['unattended', overdueFor(30), 'Летопись. Повторно: срок истёк 19.11.2025, 08:00 — C09'],
    [
      'unattended',
      findingOf({ state: 'violated', manner: 'state', since: inHours(-30), dueAt: undefined }),
      'Летопись. Повторно: нарушение не устранено — C09',
    ],
    [
      'remediation-assigned',
      overdueFor(1, workflow(100)),
      'Летопись: поручено устранить нарушение до 24.11.2025, 18:00 — C09',
    ],
    [
      'remediation-approaching',
      overdueFor(1, workflow(5)),
      'Летопись: срок устранения нарушения истекает 20.11.2025, 19:00 — C09',
    ],
    [
      'remediation-missed',
      overdueFor(1, workflow(-1)),
      'Летопись: срок устранения нарушения истёк 20.11.2025, 13:00 — C09',
    ],
  ])('of %s, then its subject says so in the school’s own time', (reason, finding, subject) => {
    const notice = noticeFor(finding, reason, reason === 'unattended' ? told : undefined);
    expect(notice.subject).toBe(`${subject} Заявки на вступление рассмотрены в срок`);
  });

  it('says what, why, who answers and what to do', () => {
    expect(noticeFor(overdueFor(1), 'deadline-missed').body).toBe(
      [
        'Обращение a3b1c2d4. Не выполнено в срок: рассмотреть заявку на вступление. Обязанность возникла 16.11.2025, 10:00, ' +
          'срок истёк 20.11.2025, 13:00. События: «Подана заявка на вступление» (16.11.2025, 10:00).',
        '',
        'Контроль: C09 Заявки на вступление рассмотрены в срок',
        'Основание: 3.1.8',
        'Отвечает: администратор платформы',
        `Номер в «Летописи»: ${id}`,
        '',
        'Что делать: выполнить и внести сведения в «Летопись» либо поручить устранение (AssignFindingRemediation). Если ' +
          'нарушения нет, отклоните его с указанием причины (DismissFinding).',
        '',
      ].join('\n'),
    );
  });

  it('says the same to programs', () => {
    expect(noticeFor(overdueFor(30), 'unattended', told)).toMatchObject({
      ...{ organizationId: ORGANIZATION, channel: 'email', topic: 'deadline-missed' },
      data: {
        ...{ reason: 'unattended', findingId: id, controlId: 'C09', rule: 'request-decided' },
        ...{ subject: findingOf().subject, subjectKind: 'request', severity: 'medium', state: 'overdue' },
        ...{ since: inHours(-30).replace('.000Z', '.001Z'), dueAt: inHours(-30), hours: 24 },
        explanationRu: expect.stringContaining('Не выполнено в срок'),
      },
    });
  });

  it('names nobody: neither those of whom it tells nor what a person wrote', () => {
    const finding = overdueFor(1, {
      ...workflow(100),
      subjectKind: 'person',
      subject: '7d1f00aa-0000-4000-8000-000000000009',
      what: 'обсудить с [[person:5c5c5c5c-0000-4000-8000-000000000009]]',
    });
    const { body, subject, data } = noticeFor(finding, 'remediation-assigned');
    const text = `${subject}${body}${JSON.stringify(data)}`;
    expect(body).toContain('Участник 7d1f00aa');
    expect(body).toContain('обсудить с участник 5c5c5c5c');
    expect(body).toContain('Устранить поручено до 24.11.2025, 18:00: участник 0b9cdf00');
    expect(text).not.toMatch(/\[\[|Иванова/);
  });

  it('has a subject of one line', () => {
    expect(noticeFor(findingOf(), 'deadline-approaching').subject).not.toMatch(/[\r\n]/);
  });
});

describe('very many at once', () => {
  const findings = Array.from({ length: 543 }, (_, index) => overdueFor(1, { id: `finding-${index}` }));
  const dueSoon = Array.from({ length: 2 }, (_, index) =>
    findingOf({ id: `soon-${index}`, severity: 'low' }),
  );
  const notices = noticesOf(occasionsFor([...findings, ...dueSoon]), addressee);
  const digests = notices.filter(({ key }) => key.startsWith('digest/'));

  it('are told in two hundred notices, and the rest by topic in a digest', () => {
    expect(notices.length - digests.length).toBe(200);
    expect(digests.map(({ topic, subject }) => [topic, subject])).toEqual([
      ['deadline-approaching', 'Летопись: ещё 2 истекающих срока'],
      ['deadline-missed', 'Летопись: ещё 343 нарушения сроков'],
    ]);
  });

  it('are counted by control', () => {
    expect(digests[1]).toMatchObject({
      body: expect.stringContaining('C09 Заявки на вступление рассмотрены в срок: 343\n'),
      data: { reason: 'digest', count: 343, byControl: { C09: 343 } },
    });
  });

  it('are all told by their keys', () => {
    const covered = digests.flatMap(({ data }) => data.keys);
    const single = notices.filter((notice) => !digests.includes(notice)).map(({ key }) => key);
    expect(new Set([...covered, ...single]).size).toBe(545);
  });
});
