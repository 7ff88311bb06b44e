import { BlockList, isIP } from 'node:net';

function listOf(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}

/** IPv4 that is not for the public internet (IANA's special-purpose registry), multicast and reserved. */
const specialIpv4 = listOf('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);
/** All global IPv6 lies here; loopback, link-local, unique local, multicast, IPv4-mapped and NAT64 addresses do not. */
const globalIpv6 = listOf('ipv6', ['2000::/3']);
/** Within it: protocol assignments (Teredo among them), documentation, and 6to4, which holds an IPv4 address. */
const specialIpv6 = listOf('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

const loopbackIpv4 = listOf('ipv4', ['127.0.0.0/8']);
const loopbackIpv6 = listOf('ipv6', ['::1/128']);

/** Whether the IP address is one of the public internet. What is no address, or has a zone, is not. */
export function isPublicAddress(address: string): boolean {
  switch (familyOf(address)) {
    case 4:
      return !specialIpv4.check(address, 'ipv4');
    case 6:
      return globalIpv6.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6');
    case undefined:
      return false;
  }
}

/** Whether the IP address is this machine. An IPv4 address in the guise of IPv6 does not count. */
export function isLoopbackAddress(address: string): boolean {
  switch (familyOf(address)) {
    case 4:
      return loopbackIpv4.check(address, 'ipv4');
    case 6:
      return loopbackIpv6.check(address, 'ipv6');
    case undefined:
      return false;
  }
}

function familyOf(address: string): 4 | 6 | undefined {
  if (address.includes('%')) return undefined;
  const family = isIP(address);
  return family === 4 || family === 6 ? family : undefined;
}
