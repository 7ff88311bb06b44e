import { createHash } from 'node:crypto';
import { type ControlStatus, type FindingState, type Severity, type SubjectKind } from '@letopis/compliance';
import { canonicalJson } from '@letopis/ledger';

/*
 * What a report freezes. Its canonical JSON (RFC 8785) is what the digest is taken of, so everything here follows from
 * events, the catalogue, decisions of the organisation and the calendar alone: not who asked, nor when.
 *
 * Texts hold mentions (`[[person:id]]`) in place of names: a name dies with its subject's key, the digest stays.
 */

export interface ReportPeriod {
  /** From this instant on … */
  readonly from: string;
  /** … up to and not including this one. */
  readonly to: string;
}

/** What became of a finding by decision of people. */
export interface ReportWorkflow {
  readonly status: 'assigned' | 'remedied' | 'verified' | 'excepted' | 'dismissed';
  /** Who decided, or is to mend it. */
  readonly personId: string;
  readonly at: string;
  /** Until when it is to be mended, or until when the exception holds. */
  readonly until?: string;
  readonly reasonRu?: string;
}

export interface ReportFinding {
  readonly id: string;
  readonly rule: string;
  readonly subject: string;
  readonly subjectKind: SubjectKind;
  readonly severity: Severity;
  readonly state: FindingState;
  readonly since: string;
  readonly dueAt?: string;
  readonly closedAt?: string;
  /** Ids of events; `evidence` of the report tells what they are. */
  readonly evidence: readonly string[];
  readonly explanationRu: string;
  readonly workflow?: ReportWorkflow;
}

export interface ReportControl {
  readonly id: string;
  readonly version: number;
  readonly titleRu: string;
  readonly clauses: readonly string[];
  readonly severity: Severity;
  /** Who answers for it, in Russian: «администратор платформы». */
  readonly responsibleRu: string;
  /** Parameters in force at the end of the period, as text: «10 рабочих дней». */
  readonly parameters: readonly {
    readonly name: string;
    readonly titleRu: string;
    readonly valueRu: string;
    /** The order that set it; absent for a default. */
    readonly order?: string;
    /** The law that sets it, where it is not the school's to decide: «152-ФЗ, ст. 21 ч. 2». */
    readonly law?: string;
  }[];
  readonly status: ControlStatus;
  /** The exception by which the whole control rests at the end of the period. */
  readonly waiver?: ReportWaiver;
  /** How many findings of the period are in time, open, overdue or violated, mended, excepted or dismissed. */
  readonly counts: ReportCounts;
  /** Those that bear on the period; what was simply done in time is only counted. */
  readonly findings: readonly ReportFinding[];
}

/** Why the whole control rests. */
export interface ReportWaiver {
  /** Who granted it, as a mention. */
  readonly by: string;
  readonly reasonRu: string;
  /** Up to and including this instant. */
  readonly until: string;
}

export interface ReportCounts {
  readonly inTime: number;
  readonly open: number;
  readonly violated: number;
  readonly mended: number;
  readonly excepted: number;
}

export interface ReportEvent {
  readonly id: string;
  readonly type: string;
  readonly titleRu: string;
  readonly occurredAt: string;
  readonly position: string;
}

/** What F6 asks for beside what was found; free text that names nobody. What is absent goes without saying. */
export interface ReportWords {
  /** On the strength of what the control was held: a plan, an order. */
  readonly basisRu?: string;
  readonly goalRu?: string;
  readonly objectRu?: string;
  readonly methodsRu?: string;
}

/** «Справка по итогам контроля» (F6) of one school. */
export interface ControlReportContent extends ReportWords {
  readonly schema: 'letopis/control-report/2';
  readonly kind: 'control';
  readonly formRu: string;
  readonly organization: { readonly id: string; readonly name: string; readonly timeZone: string };
  readonly period: ReportPeriod;
  readonly asOf: string;
  /** The store's position up to which events count. */
  readonly position: string;
  readonly ledgerCheckpoint: string | null;
  readonly catalogue: string;
  readonly calendar: string;
  /** Years of the calendar that are not decreed yet and that deadlines rest on. */
  readonly provisionalYears: readonly number[];
  readonly controls: readonly ReportControl[];
  readonly byClause: readonly {
    readonly clause: string;
    readonly titleRu: string;
    readonly status: ControlStatus;
    readonly controls: readonly string[];
  }[];
  /**
   * How many findings stood violated or open at the end of each week of the period (Sunday night), the period's end the
   * last: as known at the position, so that the last of them is what the counts of the controls add up to.
   */
  readonly trend: readonly { readonly at: string; readonly violated: number; readonly open: number }[];
  /** Who was told to mend it, as a mention, or else the office that answers for the control; the most first. */
  readonly byResponsible: readonly { readonly responsibleRu: string; readonly overdue: number }[];
  /** Every event that a finding, a decision on it, or an order on a parameter rests on, in order of position. */
  readonly evidence: readonly ReportEvent[];
}

/** The period's report on many schools, for the founder: no people, no subjects. */
export interface FounderReportContent {
  readonly schema: 'letopis/founder-report/1';
  readonly kind: 'founder';
  readonly formRu: string;
  readonly period: ReportPeriod;
  readonly asOf: string;
  /** The IANA time zone whose clock the documents show; the schools may lie in several. */
  readonly timeZone: string;
  readonly position: string;
  readonly catalogue: string;
  readonly calendar: string;
  readonly schools: readonly {
    readonly id: string;
    readonly name: string;
    readonly counts: ReportCounts;
    readonly controls: readonly {
      readonly id: string;
      readonly status: ControlStatus;
      readonly violated: number;
    }[];
  }[];
  readonly controls: readonly {
    readonly id: string;
    readonly titleRu: string;
    readonly severity: Severity;
    readonly schools: Readonly<Record<ControlStatus, number>>;
    readonly violated: number;
  }[];
}

export type ReportContent = ControlReportContent | FounderReportContent;

/** The content as it is frozen: its canonical JSON (RFC 8785), and the SHA-256 of that, in hex. */
export function frozen(content: ReportContent): { readonly text: string; readonly digest: string } {
  const text = canonicalJson(content);
  return { text, digest: createHash('sha256').update(text).digest('hex') };
}
