import { type Mention } from '@letopis/compliance';

/** What a document says beside the frozen content: it may differ from reader to reader, and change after the freezing. */
export interface DocumentOptions {
  /** SHA-256 of the content's canonical JSON, in hex. */
  readonly digest: string;
  /** Where the digest is checked; the QR code holds it. */
  readonly checkUrl: string;
  readonly reportId: string;
  /** When the report was asked for: RFC 3339. */
  readonly requestedAt: string;
  /** Absent until a director has approved it: the document has lines to sign instead. */
  readonly approval?: { readonly nameRu: string; readonly at: string };
  readonly acknowledgements: readonly { readonly nameRu: string; readonly at: string }[];
  readonly withdrawn?: { readonly reason: string; readonly at: string };
  /** What the reader of the document may read in the place of a mention. */
  readonly nameOf: (mention: Mention) => string;
}
