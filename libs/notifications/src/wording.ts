import {
  controlCatalogue,
  explanationOf,
  type Finding,
  inRussian,
  namelessly,
  RESPONSIBLE,
  withNames,
} from '@letopis/compliance';
import { derivedId, type JsonObject } from '@letopis/kernel';
import { type Channel, DIGEST, type Notice, type Topic, TOPICS } from './notice';
import { type Occasion } from './occasions';

/** Whom a notice is for, and by which clock it tells time. */
export interface Addressee {
  readonly organizationId: string;
  readonly channel: Channel;
  readonly timeZone: string;
}

/** Notices for one channel of an organisation in one run; what goes beyond is told in digests. */
const MOST_NOTICES = 200;

/** A notice for each occasion; where they are too many, for the first ones, and one for the rest of each topic. */
export function noticesOf(news: readonly Occasion[], addressee: Addressee): readonly Notice[] {
  const rest = news.slice(MOST_NOTICES);
  return [
    ...news.slice(0, MOST_NOTICES).map((occasion) => noticeOf(occasion, addressee)),
    ...TOPICS.flatMap((topic) => {
      const untold = rest.filter((occasion) => occasion.topic === topic);
      return untold.length === 0 ? [] : [digestOf(topic, untold, addressee)];
    }),
  ];
}

/** The occasion in words, for people and for programs. It names nobody: it leaves the house. */
function noticeOf(occasion: Occasion, { organizationId, channel, timeZone }: Addressee): Notice {
  const { topic, key, finding } = occasion;
  const explanationRu = capital(withNames(explanationOf(finding, timeZone), namelessly));
  return {
    ...{ organizationId, topic, channel, key },
    subject: `${headline(occasion, timeZone)} — ${nameOfControl(finding.control)}`,
    body: bodyOf(occasion, explanationRu, timeZone),
    data: dataOf(occasion, explanationRu),
  };
}

/** One notice for many occasions of a topic that are not told one by one. */
function digestOf(
  topic: Topic,
  occasions: readonly Occasion[],
  { organizationId, channel }: Addressee,
): Notice {
  const keys = occasions.map(({ key }) => key);
  const numbers = new Map<string, number>();
  for (const { finding } of occasions) numbers.set(finding.control, (numbers.get(finding.control) ?? 0) + 1);
  const byControl = [...numbers].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const many = `ещё ${counted(occasions.length, COUNTED[topic])}`;
  return {
    ...{ organizationId, topic, channel, key: `${DIGEST}${derivedId('digest', topic, ...keys)}` },
    subject: `Летопись: ${many}`,
    body: [
      'Отдельными сообщениями отправлено самое опасное. Кроме того, ' + `${many}:`,
      '',
      ...byControl.map(([control, number]) => `${nameOfControl(control)}: ${number}`),
      '',
      `Полный список: GET /v1/organizations/${organizationId}/compliance/findings`,
      '',
    ].join('\n'),
    data: { reason: 'digest', count: occasions.length, byControl: Object.fromEntries(byControl), keys },
  };
}

function headline({ reason, finding, dueAt }: Occasion, timeZone: string): string {
  const due = dueAt === undefined ? '' : ` ${inRussian(dueAt, timeZone)}`;
  switch (reason) {
    case 'deadline-approaching':
      return `Летопись: срок истекает${due}`;
    case 'deadline-missed':
      return `Летопись: срок истёк${due}`;
    case 'violation-found':
      return 'Летопись: выявлено нарушение';
    case 'unattended':
      return `Летопись. Повторно: ${finding.manner === 'duty' ? `срок истёк${due}` : 'нарушение не устранено'}`;
    case 'remediation-assigned':
      return `Летопись: поручено устранить нарушение${due === '' ? '' : ` до${due}`}`;
    case 'remediation-approaching':
      return `Летопись: срок устранения нарушения истекает${due}`;
    case 'remediation-missed':
      return `Летопись: срок устранения нарушения истёк${due}`;
  }
}

function bodyOf(occasion: Occasion, explanationRu: string, timeZone: string): string {
  const { finding } = occasion;
  const control = controlCatalogue.find(({ id }) => id === finding.control);
  return [
    explanationRu,
    '',
    `Контроль: ${nameOfControl(finding.control)}`,
    ...(control === undefined
      ? []
      : [`Основание: ${control.clauses.join(', ')}`, `Отвечает: ${RESPONSIBLE[control.responsible]}`]),
    ...remediationOf(finding, timeZone),
    `Номер в «Летописи»: ${finding.id}`,
    '',
    nextStepOf(occasion),
    '',
  ].join('\n');
}

/** What was recommended is left out: a person wrote it, and may have named somebody. */
function remediationOf({ workflow }: Finding, timeZone: string): readonly string[] {
  if (workflow?.status !== 'assigned') return [];
  const { personId, until } = workflow;
  const due = until === undefined ? '' : ` до ${inRussian(until, timeZone)}`;
  return [`Устранить поручено${due}: ${namelessly({ kind: 'person', id: personId })}`];
}

function nextStepOf({ reason, finding, hours }: Occasion): string {
  const dismiss = 'Если нарушения нет, отклоните его с указанием причины (DismissFinding).';
  switch (reason) {
    case 'deadline-approaching':
      return finding.manner === 'duty'
        ? 'Что делать: выполнить до срока и внести сведения в «Летопись».'
        : 'Что делать: устранить до срока и внести сведения в «Летопись».';
    case 'deadline-missed':
      return `Что делать: выполнить и внести сведения в «Летопись» либо поручить устранение (AssignFindingRemediation). ${dismiss}`;
    case 'violation-found':
      return `Что делать: выяснить причину и поручить устранение (AssignFindingRemediation). ${dismiss}`;
    case 'unattended':
      return `Прошло не менее ${hours ?? 0} ч, а устранение никому не поручено. Что делать: поручить его (AssignFindingRemediation). ${dismiss}`;
    case 'remediation-assigned':
    case 'remediation-approaching':
      return 'Что делать: устранить нарушение до срока и сообщить об этом (ReportFindingRemedied).';
    case 'remediation-missed':
      return 'Что делать: устранить нарушение и сообщить об этом (ReportFindingRemedied) либо поручить устранение заново (AssignFindingRemediation).';
  }
}

function dataOf({ reason, finding, since, dueAt, hours }: Occasion, explanationRu: string): JsonObject {
  const { id, control, rule, subject, subjectKind, severity, state, workflow } = finding;
  return {
    ...{ reason, findingId: id, controlId: control, rule, subject, subjectKind, severity, state, since },
    ...(dueAt !== undefined && { dueAt }),
    ...(hours !== undefined && { hours }),
    ...(workflow?.status === 'assigned' && { assigneeId: workflow.personId }),
    explanationRu,
  };
}

function nameOfControl(id: string): string {
  const control = controlCatalogue.find((one) => one.id === id);
  return control === undefined ? id : `${id} ${control.title.ru}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type Forms = Readonly<Record<'one' | 'few' | 'many', string>>;

const COUNTED: Readonly<Record<Topic, Forms>> = {
  'deadline-approaching': { one: 'истекающий срок', few: 'истекающих срока', many: 'истекающих сроков' },
  'deadline-missed': { one: 'нарушение срока', few: 'нарушения сроков', many: 'нарушений сроков' },
  'finding-opened': { one: 'нарушение', few: 'нарушения', many: 'нарушений' },
  'remediation-assigned': { one: 'поручение', few: 'поручения', many: 'поручений' },
};

const russian = new Intl.PluralRules('ru');

function counted(count: number, { one, few, many }: Forms): string {
  const form = russian.select(count);
  return `${count} ${form === 'one' ? one : form === 'few' ? few : many}`;
}
