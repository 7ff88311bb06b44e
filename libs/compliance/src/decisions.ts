import { type EventOf, type EventType, type RecordedEvent } from '@letopis/kernel';
import {
  ControlExceptionGranted,
  ControlParameterSet,
  FindingDismissed,
  FindingExcepted,
  FindingRemediationAssigned,
  FindingRemedied,
  FindingRemedyVerified,
  FindingReopened,
  FindingReturned,
  StudyTermsApproved,
} from '@letopis/school';
import { type ParameterDecision } from './parameters';
import { type TermsDecision } from './terms';
import { type FindingDecision } from './workflow';
import { utc } from './zones';

/** A rest that the director granted from a control, for somebody or something, or for the whole organisation. */
export interface ExceptionDecision {
  readonly control: string;
  /** Whom or what the control does not judge meanwhile; the organisation's id means everything. */
  readonly scope: string;
  readonly from: string;
  readonly until: string;
  readonly by: string;
  readonly reason: string;
  readonly eventId: string;
  readonly recordedAt: string;
  readonly position: bigint;
}

/** What an organisation has decided about its controls: facts as events say them, in any order. */
export interface Decisions {
  readonly parameters: readonly ParameterDecision[];
  readonly exceptions: readonly ExceptionDecision[];
  readonly findings: readonly FindingDecision[];
  readonly terms: readonly TermsDecision[];
}

export const NO_DECISIONS: Decisions = { parameters: [], exceptions: [], findings: [], terms: [] };

/** Up to which fact the record is read: what came later was not known. */
export type Known = { readonly position: bigint } | { readonly recordedBy: string };

/** Whether the fact was known. */
export function isKnown(
  fact: { readonly position: bigint; readonly recordedAt: string },
  known: Known | undefined,
): boolean {
  if (known === undefined) return true;
  return 'position' in known ? fact.position <= known.position : fact.recordedAt <= known.recordedBy;
}

/** The decisions that were known. */
export function knownOf(
  { parameters, exceptions, findings, terms }: Decisions,
  known: Known | undefined,
): Decisions {
  return {
    parameters: parameters.filter((decision) => isKnown(decision, known)),
    exceptions: exceptions.filter((decision) => isKnown(decision, known)),
    findings: findings.filter((decision) => isKnown(decision, known)),
    terms: terms.filter((decision) => isKnown(decision, known)),
  };
}

/** One decision, and which kind it is of. */
export type Decision =
  | ({ readonly about: 'parameters' } & ParameterDecision)
  | ({ readonly about: 'exceptions' } & ExceptionDecision)
  | ({ readonly about: 'findings' } & FindingDecision)
  | ({ readonly about: 'terms' } & TermsDecision);

type Reader = (event: RecordedEvent) => Decision | undefined;

/** Reads the decision off events of one type. */
function of<Type extends EventType>(
  type: Type,
  decision: (data: EventOf<Type>['data'], event: RecordedEvent) => DistributiveOmit<Decision, keyof Fact>,
): readonly [type: string, read: Reader] {
  const isOfType = (event: RecordedEvent): event is RecordedEvent & EventOf<Type> => event.type === type.type;
  return [
    type.type,
    (event) => {
      if (!isOfType(event)) return undefined;
      const { id: eventId, recordedAt, position } = event;
      return { ...decision(event.data, event), eventId, recordedAt, position };
    },
  ];
}

interface Fact {
  readonly eventId: string;
  readonly recordedAt: string;
  readonly position: bigint;
}
type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

const READERS: ReadonlyMap<string, Reader> = new Map([
  of(ControlParameterSet, ({ controlId, parameter, value, effectiveFrom, orderNo, orderDate }) => ({
    about: 'parameters',
    ...{ control: controlId, parameter, value, effectiveFrom: utc(effectiveFrom), orderNo, orderDate },
  })),
  of(ControlExceptionGranted, ({ controlId, scope, until, by, reason }, { occurredAt }) => ({
    about: 'exceptions',
    ...{ control: controlId, scope, from: utc(occurredAt), until: utc(until), by, reason },
  })),
  of(StudyTermsApproved, ({ schoolYear, terms }) => ({ about: 'terms', schoolYear, terms })),
  of(FindingRemediationAssigned, ({ findingId, assigneeId, at, dueAt, recommendation }) => ({
    about: 'findings',
    ...{ finding: findingId, kind: 'assigned', personId: assigneeId, at: utc(at) },
    ...{ until: utc(dueAt), reason: recommendation },
  })),
  of(FindingRemedied, ({ findingId, by, at }) => ({
    about: 'findings',
    ...{ finding: findingId, kind: 'remedied', personId: by, at: utc(at) },
  })),
  of(FindingRemedyVerified, ({ findingId, by, at }) => ({
    about: 'findings',
    ...{ finding: findingId, kind: 'verified', personId: by, at: utc(at) },
  })),
  of(FindingReturned, ({ findingId, by, at, reason }) => ({
    about: 'findings',
    ...{ finding: findingId, kind: 'returned', personId: by, at: utc(at), reason },
  })),
  of(FindingExcepted, ({ findingId, by, at, reason, until }) => ({
    about: 'findings',
    ...{ finding: findingId, kind: 'excepted', personId: by, at: utc(at), reason, until: utc(until) },
  })),
  of(FindingDismissed, ({ findingId, by, at, reason }) => ({
    about: 'findings',
    ...{ finding: findingId, kind: 'dismissed', personId: by, at: utc(at), reason },
  })),
  of(FindingReopened, ({ findingId, by, at, reason }) => ({
    about: 'findings',
    ...{ finding: findingId, kind: 'reopened', personId: by, at: utc(at), reason },
  })),
]);

/** The decision that the event records, if it records one. */
export function decisionOf(event: RecordedEvent): Decision | undefined {
  return READERS.get(event.type)?.(event);
}

/** Decisions by what they are about. */
export function decisionsOf(decisions: readonly Decision[]): Decisions {
  return {
    parameters: decisions.flatMap((one) => (one.about === 'parameters' ? [one] : [])),
    exceptions: decisions.flatMap((one) => (one.about === 'exceptions' ? [one] : [])),
    findings: decisions.flatMap((one) => (one.about === 'findings' ? [one] : [])),
    terms: decisions.flatMap((one) => (one.about === 'terms' ? [one] : [])),
  };
}
