import { createHash } from 'node:crypto';
import { canonicalJson } from '@letopis/ledger';
import { DOCUMENT_FORMATS, documentOf } from './document';
import { bytesOf, controlContent, optionsFor } from './testing';

const content = controlContent(5);
const options = optionsFor(content);

describe('a report as a file', () => {
  it.each(DOCUMENT_FORMATS)('given the format %s, then there is a file of it', async (format) => {
    const magic = { pdf: '%PDF-1.7', xlsx: 'PK', csv: '\uFEFF', json: '{' }[format];
    const bytes = await bytesOf(documentOf(format, content, options));
    expect(bytes.toString('utf8').startsWith(magic)).toBe(true);
  });

  it('given JSON, then it is the frozen content, byte for byte what the digest was taken of', async () => {
    const bytes = await bytesOf(documentOf('json', content, options));

    expect(bytes.toString('utf8')).toBe(canonicalJson(content));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(options.digest);
  });
});
