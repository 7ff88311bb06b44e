import { LetopisError } from '@letopis/kernel';

/**
 * Published links are shown as links later, so nothing but the address of a web page may come in as one.
 *
 * @throws LetopisError `invalid` in the payload's field `url`
 */
export function mustBeWebAddress(url: string): void {
  if (/^https?:\/\/\S+$/i.test(url) && URL.canParse(url)) return;
  throw new LetopisError('invalid', 'The link leads to no web page', {
    fields: [{ path: '/payload/url', message: 'url must be a web address such as https://example.org/page' }],
  });
}
