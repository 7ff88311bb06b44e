import { createHash } from 'node:crypto';
import { finished, PassThrough, pipeline, type Readable } from 'node:stream';
import { attachmentOf, type PersonalData, readNames } from '@letopis/audit';
import { type Mention, mentionsIn, withNames } from '@letopis/compliance';
import { type Core } from '@letopis/platform';
import { type ReportContent } from './content';
import { DOCUMENT_TYPES, type DocumentFormat, documentOf, type DocumentOptions } from './documents/document';
import { clockOf } from './documents/wording';
import { Places } from './places';
import { notDone, type ReportView } from './report-service';

/** A report as a file, before it is made. */
export interface ReportDocument {
  readonly contentType: string;
  /** For Content-Disposition: its Russian name, and one for those who read ASCII only (RFC 6266, RFC 5987). */
  readonly disposition: string;
  /** Of all that the file is made of: content, format, what became of the report, and names as this reader sees them. */
  readonly etag: string;
  /**
   * Makes the file; whoever stops reading destroys it.
   *
   * @throws LetopisError `throttled` where others are being made for too long
   */
  readonly open: () => Promise<Readable>;
}

/** Of this process: each takes a processor to itself for seconds, and up to some hundred megabytes. */
const RENDERING = new Places(2, 30_000);
/** In bytes: more than any file has. */
const WHOLE = Number.MAX_SAFE_INTEGER;

/**
 * The report as a file for one reader.
 *
 * @param personal opens names; without it people stay pseudonyms
 * @param checkUrl where somebody who holds the file can ask about its digest
 * @throws LetopisError `conflict` while the report is not done
 */
export async function reportDocument(
  { views }: Pick<Core, 'views'>,
  { id: reportId, requestedAt, approval, acknowledgements, withdrawn, digest, content }: ReportView,
  format: DocumentFormat,
  { personal, checkUrl }: { readonly personal?: PersonalData; readonly checkUrl: (digest: string) => string },
): Promise<ReportDocument> {
  if (content === null || digest === null) throw notDone();
  const people: readonly Mention[] = [
    ...acknowledgements.map(({ personId }) => personId),
    ...(approval ? [approval.by] : []),
  ].map((id) => ({ kind: 'person', id }));
  const nameOf = await namesFor(views, content, people, personal);
  const nameRu = (id: string): string => nameOf({ kind: 'person', id });
  const options: Omit<DocumentOptions, 'nameOf'> = {
    ...{ digest, reportId, requestedAt, checkUrl: checkUrl(digest) },
    ...(approval !== null && { approval: { nameRu: nameRu(approval.by), at: approval.at } }),
    acknowledgements: acknowledgements.map(({ personId, at }) => ({ nameRu: nameRu(personId), at })),
    ...(withdrawn !== null && { withdrawn: { reason: withdrawn.reason, at: withdrawn.at } }),
  };
  const names = mentionsOf(content).map(nameOf);
  const etag = createHash('sha256')
    .update(JSON.stringify([format, options, names]))
    .digest('hex');
  return {
    contentType: DOCUMENT_TYPES[format],
    disposition: dispositionOf(reportId, content, format),
    etag: `"${etag}"`,
    open: async () => {
      // Frozen as it is: there is nothing to render.
      if (format === 'json') return documentOf(format, content, { ...options, nameOf });
      const giveBack = await RENDERING.take();
      try {
        const making = documentOf(format, addressed(content, nameOf), { ...options, nameOf });
        finished(making, giveBack);
        // At the pace of its making, not of its reader: one who reads slowly does not keep others waiting.
        return pipeline(making, new PassThrough({ highWaterMark: WHOLE }), () => undefined);
      } catch (error) {
        giveBack();
        throw error;
      }
    },
  };
}

/** The content with those named who were told to mend something. */
function addressed(content: ReportContent, nameOf: (mention: Mention) => string): ReportContent {
  if (content.kind === 'founder') return content;
  return {
    ...content,
    byResponsible: content.byResponsible.map(({ responsibleRu, overdue }) => ({
      responsibleRu: withNames(responsibleRu, nameOf),
      overdue,
    })),
  };
}

async function namesFor(
  views: Core['views'],
  content: ReportContent,
  people: readonly Mention[],
  personal: PersonalData | undefined,
): Promise<(mention: Mention) => string> {
  if (content.kind === 'founder') return () => '';
  const mentions = [...mentionsOf(content), ...people];
  return readNames(views, content.organization.id, mentions, personal);
}

/** Everything that the content names: in texts, as the subject of a finding, or as who decided about one. */
function mentionsOf(content: ReportContent): readonly Mention[] {
  if (content.kind === 'founder') return [];
  const findings = content.controls.flatMap((control) => control.findings);
  return [
    ...mentionsIn([
      ...findings.map(({ explanationRu }) => explanationRu),
      ...content.byResponsible.map(({ responsibleRu }) => responsibleRu),
      ...content.controls.flatMap(({ waiver }) => (waiver === undefined ? [] : [waiver.by])),
    ]),
    ...findings.map(({ subjectKind: kind, subject: id }): Mention => ({ kind, id })),
    ...findings.flatMap(({ workflow }): readonly Mention[] =>
      workflow === undefined ? [] : [{ kind: 'person', id: workflow.personId }],
    ),
  ];
}

function dispositionOf(id: string, content: ReportContent, format: DocumentFormat): string {
  const period = clockOf(content)
    .period(content.period)
    .replace(/\s*–\s*/, '–');
  const name = `${content.formRu} ${period}.${format}`;
  const ascii = `report-${id.slice(0, 8)}-${content.period.from.slice(0, 10)}.${format}`;
  return attachmentOf(ascii, name);
}
