import {
  AlternativeChannelProvided,
  ConsentGiven,
  ConsentRefused,
  ConsentWithdrawn,
  GuardianRecorded,
  GuardianshipEnded,
  MemberMovementRecorded,
} from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, type MarkOf, on, type Recorder, type Recorders, textOf } from '../marks';
import { mention } from '../mentions';
import { invariant, obligation, rule } from '../rules';
import { COMMUNITY, type Stay, Whereabouts, whereabouts, type WhereaboutsKind } from './whereabouts';

/** Whose data a declaration is about: the pupil's, where a parent declares it for one. */
const declaredFor = ({ data }: { data: { personId: string; onBehalfOf?: string } }): string =>
  data.onBehalfOf ?? data.personId;

const consented = on(ConsentGiven, (event) =>
  event.data.purpose === 'platform_use' ? { subject: declaredFor(event), at: event.data.at } : undefined,
);
const refused = on(ConsentRefused, (event) =>
  event.data.purpose === 'platform_use' ? { subject: declaredFor(event), at: event.data.at } : undefined,
);
const withdrawn = on(ConsentWithdrawn, (event) =>
  event.data.purpose === 'platform_use'
    ? { subject: declaredFor(event), at: event.data.receivedAt }
    : undefined,
);

function moved(...kinds: readonly string[]): Recorder {
  return on(MemberMovementRecorded, ({ data }) =>
    kinds.includes(data.kind) ? { subject: data.personId, at: data.effectiveAt } : undefined,
  );
}

type Kind =
  | WhereaboutsKind
  | 'agreed'
  | 'declined'
  | 'enrolled'
  | 'departed'
  | 'hired'
  | 'dismissed'
  | 'childRecorded'
  | 'childEnded';

const marks: Recorders<Kind> = {
  ...whereabouts,
  agreed: [consented],
  declined: [refused, withdrawn],
  enrolled: [moved('enrolled')],
  departed: [moved('departed')],
  hired: [moved('hired')],
  dismissed: [moved('dismissed')],
  childRecorded: [
    on(GuardianRecorded, ({ data }) => ({
      subject: data.personId,
      at: data.at,
      detail: { childId: data.childId },
    })),
  ],
  childEnded: [
    on(GuardianshipEnded, ({ data }) => ({
      subject: data.personId,
      at: data.at,
      detail: { childId: data.childId },
    })),
  ],
};

/**
 * Consent, and what the school owes who does not give it (152-ФЗ, ст. 9). The last word counts, of two at the same instant
 * the no; it is the pupil's own or a parent's for the pupil, and a parent's own. Teachers need none.
 *
 * Where no role was told, whoever is on the roster of pupils is a pupil, and a legal representative who does not work at
 * the school a parent; of anybody else nothing is said. What the record cannot show: whether the document is really
 * separate from others (each consent names one), and whether consent is the school's basis at all: a school that rests on
 * another basis decides that the control does not apply.
 */
export const consentAndAlternatives = control({
  ...headingOf('C28'),
  version: 1,
  parameters: {
    alternativeWithin: parameter('Срок предоставления альтернативного канала связи', workingDays(3)),
    leaveWithin: parameter(
      'Срок исключения из сообщества и чатов после отзыва согласия или отказа',
      workingDays(3),
    ),
  },
  rules: [
    invariant({
      id: 'consent-before-joining',
      about: 'person',
      marks,
      evidence: ['came', 'linked'],
      spans: (own, subject) => {
        const spans: Span[] = [];
        let current: Span | undefined;
        for (const { mark, unasked } of stepsOf(own, subject)) {
          const [first] = unasked;
          if (first !== undefined) {
            current ??= { from: mark, because: unasked.map(({ since }) => since), what: unaskedRu(first) };
          } else if (current !== undefined) {
            if (current.from.at !== mark.at) spans.push({ ...current, until: mark });
            current = undefined;
          }
        }
        return current === undefined ? spans : [...spans, current];
      },
    }),
    rule({
      id: 'out-after-withdrawal',
      about: 'person',
      manner: 'duty',
      within: 'leaveWithin',
      marks,
      evidence: ['came', 'linked'],
      spans: (own, subject) => {
        const spans: Span[] = [];
        let current: Span | undefined;
        for (const { mark, asked, consent } of stepsOf(own, subject)) {
          if (current === undefined) {
            if (consent || mark.kind !== 'declined' || asked.length === 0) continue;
            const because = asked.map(({ since }) => since);
            current = {
              from: mark,
              because,
              what: 'исключить участника из сообщества и чатов: согласие отозвано или в нём отказано',
            };
          } else if (consent || asked.length === 0) {
            const done = mark.kind === 'left' || mark.kind === 'closed';
            spans.push({ ...current, until: mark, ceased: !done });
            current = undefined;
          }
        }
        return current === undefined ? spans : [...spans, current];
      },
    }),
    obligation({
      id: 'alternative-channel',
      about: 'person',
      duty: 'предоставить альтернативный канал связи вместо учебного профиля',
      dueWithin: 'alternativeWithin',
      opens: [refused, withdrawn],
      fulfils: [
        on(AlternativeChannelProvided, ({ data: { personId, onBehalfOf, at } }) => [
          { subject: personId, at },
          // What tells a parent about a child serves both.
          ...(onBehalfOf === undefined || onBehalfOf === personId ? [] : [{ subject: onBehalfOf, at }]),
        ]),
      ],
      cancels: [consented, moved('departed')],
      // Whoever takes part again and then refuses anew is to be asked anew how to be reached.
      lapses: [consented],
    }),
  ],
});

/** How it stands after a mark. */
interface Step {
  readonly mark: MarkOf<Kind>;
  /** Whether consent stands. */
  readonly consent: boolean;
  /** Places that the person came to without the consent that was needed, and has given none since. */
  readonly unasked: readonly Stay[];
  /** Other places for which consent is needed. */
  readonly asked: readonly Stay[];
}

interface Roster {
  pupil: boolean;
  staff: boolean;
  readonly children: Set<string>;
}

function stepsOf(inOrder: readonly MarkOf<Kind>[], subject: string): readonly Step[] {
  const here = new Whereabouts(subject);
  const roster: Roster = { pupil: false, staff: false, children: new Set() };
  const cameUnasked = new Set<Mark>();
  let word: { readonly consent: boolean; readonly at: string } | undefined;
  return inOrder.map((mark) => {
    const stay = here.take(mark);
    if (stay !== undefined && word?.consent !== true) cameUnasked.add(stay.since);
    switch (mark.kind) {
      case 'agreed':
        if (word?.consent === false && word.at === mark.at) break;
        word = { consent: true, at: mark.at };
        cameUnasked.clear();
        break;
      case 'declined':
        word = { consent: false, at: mark.at };
        break;
      case 'enrolled':
      case 'departed':
        roster.pupil = mark.kind === 'enrolled';
        break;
      case 'hired':
      case 'dismissed':
        roster.staff = mark.kind === 'hired';
        break;
      case 'childRecorded':
        roster.children.add(textOf(mark, 'childId') ?? '');
        break;
      case 'childEnded':
        roster.children.delete(textOf(mark, 'childId') ?? '');
        break;
      case 'came':
      case 'accountCame':
      case 'left':
      case 'closed':
      case 'linked':
      case 'unlinked':
        break;
    }
    const needing = here.now().filter((one) => needsConsent(one, roster));
    return {
      mark,
      consent: word?.consent === true,
      unasked: needing.filter(({ since }) => cameUnasked.has(since)),
      asked: needing.filter(({ since }) => !cameUnasked.has(since)),
    };
  });
}

function needsConsent({ role }: Stay, { pupil, staff, children }: Roster): boolean {
  if (role !== undefined) return role === 'student' || role === 'parent';
  return pupil || (children.size > 0 && !staff);
}

function unaskedRu({ place }: Stay): string {
  const where = place === COMMUNITY ? 'сообществе организации' : `чате (${mention('chat', place)})`;
  return `участник состоит в ${where} без согласия на обработку персональных данных`;
}
