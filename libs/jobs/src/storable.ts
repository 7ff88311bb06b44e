import { type Json, LetopisError } from '@letopis/kernel';

/** What PostgreSQL's text and jsonb refuse: the NUL character and half of a surrogate pair. */
const REFUSED = /[\0\p{Surrogate}]/u;

/**
 * Checks that both backends can hold `value`. Redis would take any string; PostgreSQL would not, and a job must not be
 * welcome on one and lost on the other.
 *
 * @throws LetopisError `invalid`, with the JSON Pointer of the first string or key that cannot be stored
 */
export function assertStorable(value: Json): void {
  const path = unstorablePath(value);
  if (path === undefined) return;
  throw new LetopisError('invalid', 'A job cannot hold the NUL character or a lone surrogate', {
    fields: [{ path, message: 'contains the NUL character or a lone surrogate' }],
  });
}

/** `text` with every character that cannot be stored replaced by U+FFFD. */
export function storableText(text: string): string {
  return text.replace(new RegExp(REFUSED, 'gu'), '\uFFFD');
}

function unstorablePath(value: Json, path = ''): string | undefined {
  if (typeof value === 'string') return REFUSED.test(value) ? path : undefined;
  if (value === null || typeof value !== 'object') return undefined;
  for (const [key, item] of Object.entries<Json>(value)) {
    const itemPath = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const found = REFUSED.test(key) ? itemPath : unstorablePath(item, itemPath);
    if (found !== undefined) return found;
  }
  return undefined;
}
