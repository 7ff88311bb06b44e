import { LetopisError } from '@letopis/kernel';
import { isLoopback } from './bot-api';

/**
 * Where MAX is to post the organisation's updates.
 *
 * @param address of this installation as MAX reaches it: `https://letopis.school7.example`
 * @param apiUrl address of the Bot API, where it is not the usual one; one of this machine (tests) takes any address
 * @throws LetopisError `invalid`: MAX posts over HTTPS to port 443 only
 */
export function webhookAddress(address: string, organizationId: string, apiUrl?: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined) throw wrong('must be an address such as https://letopis.school7.example');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw wrong('must be an address without a user, a query and a fragment');
  }
  const anyAddress = apiUrl !== undefined && isLoopback(apiUrl);
  if (!anyAddress && url.protocol !== 'https:')
    throw wrong('must begin with https://: MAX posts over HTTPS only');
  if (!anyAddress && url.port !== '') throw wrong('must be on port 443: MAX posts to no other');
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return `${base}/v1/organizations/${organizationId}/integrations/max/webhook`;
}

function wrong(message: string): LetopisError {
  return new LetopisError('invalid', `The address ${message}`, { fields: [{ path: '/url', message }] });
}
