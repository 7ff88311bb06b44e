import { Readable } from 'node:stream';
import { frozen, type ReportContent } from '../content';

/** The frozen content as it is stored: its canonical JSON (RFC 8785), byte for byte what the digest was taken of. */
export function jsonOf(content: ReportContent): Readable {
  return Readable.from([Buffer.from(frozen(content).text)], { objectMode: false });
}
