import { type JsonObject } from '@letopis/kernel';
import {
  AccountContained,
  AccountRestored,
  UnauthorizedAccessReported,
  ViolationConfirmed,
  ViolationReported,
} from '@letopis/school';
import { hours } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, type MarkOf, on, textOf } from '../marks';
import { type Circumstances, rule } from '../rules';
import { dismissed, measured, takenOnItsDay } from './c25-ethics';

type Kind = 'reported' | 'confirmed' | 'dismissed' | 'measured' | 'exposed' | 'contained' | 'restored';

/** Who is said to have passed their account on. */
const owner = (subjectId: string | undefined): JsonObject =>
  subjectId === undefined ? {} : { owner: subjectId };

/**
 * C27. An account is contained in an incident, and an incident names no violation: what shows it is the containment of an
 * incident in which the same person's account was reported. The marks of incidents stand with the organisation, since no
 * event of a violation leads to them. Where nobody knows whose account it is, only the measure can be asked for.
 */
export const accountSharing = control({
  ...headingOf('C27'),
  version: 1,
  parameters: {
    actWithin: parameter('Срок взять переданный аккаунт под контроль и принять меру', hours(24)),
  },
  rules: [
    rule<Kind, 'actWithin'>({
      id: 'account-contained',
      about: 'violation',
      manner: 'duty',
      within: 'actWithin',
      marks: {
        reported: [
          on(ViolationReported, ({ organizationId, data: { violationId, kind, at, subjectId } }) =>
            kind === 'account_sharing'
              ? { subject: violationId, at, refersTo: organizationId, detail: owner(subjectId) }
              : undefined,
          ),
        ],
        confirmed: [
          on(ViolationConfirmed, ({ data: { violationId, kind, subjectId } }) =>
            kind === 'account_sharing' ? { subject: violationId, detail: owner(subjectId) } : undefined,
          ),
        ],
        dismissed: [dismissed],
        measured: [measured],
        exposed: [
          on(UnauthorizedAccessReported, ({ organizationId, data }) => ({
            subject: organizationId,
            at: data.reportedAt,
            detail: { incident: data.incidentId, owner: data.affectedPersonId },
          })),
        ],
        contained: [
          on(AccountContained, ({ organizationId, data }) => ({
            subject: organizationId,
            at: data.at,
            detail: { incident: data.incidentId },
          })),
        ],
        restored: [
          on(AccountRestored, ({ organizationId, data }) => ({
            subject: organizationId,
            at: data.at,
            detail: { incident: data.incidentId },
          })),
        ],
      },
      evidence: ['reported'],
      spans,
    }),
  ],
});

/** Which accounts are contained, as incidents tell. */
class Containments {
  private readonly owners = new Map<string, Set<string>>();
  private readonly held = new Map<string, Mark>();

  /** By which mark the person's account is contained now. */
  of(person: string): Mark | undefined {
    return this.held.get(person);
  }

  take(mark: MarkOf<'exposed' | 'contained' | 'restored'>): void {
    const incident = textOf(mark, 'incident') ?? '';
    const owners = this.owners.get(incident) ?? new Set();
    switch (mark.kind) {
      case 'exposed':
        this.owners.set(incident, owners.add(textOf(mark, 'owner') ?? ''));
        break;
      case 'contained':
        for (const person of owners) this.held.set(person, mark);
        break;
      case 'restored':
        for (const person of owners) this.held.delete(person);
        break;
    }
  }
}

/** From the first report until both the account is contained and a measure is taken, or the report is dismissed. */
function spans(
  marks: readonly MarkOf<Kind>[],
  _subject: string,
  { timeZone }: Circumstances<'actWithin'>,
): readonly Span<'actWithin'>[] {
  const what = 'взять под контроль аккаунт, переданный другому лицу, и принять меру';
  const judged: Span<'actWithin'>[] = [];
  const containments = new Containments();
  let report: Mark | undefined;
  let person: string | undefined;
  let confirmation: Mark | undefined;
  let containment: Mark | undefined;
  let measure: Mark | undefined;
  let settled = false;
  for (const mark of marks) {
    switch (mark.kind) {
      case 'reported':
        if (!settled) report ??= mark;
        person ??= textOf(mark, 'owner');
        break;
      case 'confirmed': {
        const found = textOf(mark, 'owner') ?? person;
        // Somebody else's account turned out to be the one that was passed on.
        if (found !== person) containment = undefined;
        person = found;
        confirmation = mark;
        break;
      }
      case 'dismissed':
        if (report !== undefined) judged.push({ from: report, until: mark, ceased: true, what });
        report = undefined;
        person = undefined;
        containment = undefined;
        break;
      case 'measured':
        measure ??= takenOnItsDay(mark, timeZone);
        break;
      case 'exposed':
      case 'contained':
      case 'restored':
        containments.take({ ...mark, kind: mark.kind });
        break;
    }
    if (report === undefined) continue;
    if (person !== undefined) containment ??= containments.of(person);
    if (measure === undefined || (person !== undefined && containment === undefined)) continue;
    const until = containment !== undefined && containment.at > measure.at ? containment : measure;
    const because = [confirmation, containment, measure].filter((one) => one !== undefined);
    judged.push({ from: report, because, until, what });
    report = undefined;
    settled = true;
  }
  if (report === undefined) return judged;
  const because = [confirmation, containment, measure].filter((one) => one !== undefined);
  return [...judged, { from: report, because, what }];
}
