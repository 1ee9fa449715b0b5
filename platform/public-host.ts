/**
 * Which host names and addresses are public. Takes `URL.hostname`, whose parser has already turned every
 * spelling of an IPv4 address (hexadecimal, octal, a single number) into four decimal parts, and every
 * IPv6 address into its shortest form.
 */

/** First address and prefix length, IANA's special-purpose registry. */
const specialIpv4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  // Multicast, reserved, broadcast.
  ['224.0.0.0', 3],
];

/** Names that never mean a public host: RFC 6761, 6762, 8375, 7686, and ICANN's `.internal`. */
const privateSuffixes = ['localhost', 'local', 'internal', 'localdomain', 'lan', 'home.arpa', 'onion'];

export function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/\.+$/, '').toLowerCase();
  if (host.startsWith('[')) return isPublicIpv6(host.slice(1, -1));
  if (parseIpv4(host) !== undefined) return isPublicIpv4(host);
  // A name without a dot is looked up in the search domain of the machine.
  if (!host.includes('.')) return false;
  return !privateSuffixes.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));
}

export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/\.+$/, '').toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost') || host === '[::1]') return true;
  const address = parseIpv4(host);
  return address !== undefined && address >>> 24 === 127;
}

function isPublicIpv4(text: string): boolean {
  const address = parseIpv4(text) ?? 0;
  return !specialIpv4.some(([first, length]) => {
    const shift = 32 - length;
    return address >>> shift === (parseIpv4(first) ?? 0) >>> shift;
  });
}

/** Only 2000::/3 is given out; in it, tunnels, documentation and benchmarking are not public. */
function isPublicIpv6(text: string): boolean {
  const [first = 0, second = 0] = text.split(':').map((group) => Number.parseInt(group || '0', 16));
  if (first < 0x2000 || first > 0x3fff) return false;
  if (first === 0x2001 && (second < 0x0200 || second === 0x0db8)) return false;
  if (first === 0x2002 || (first === 0x3fff && second < 0x1000)) return false;
  return true;
}

/** @returns the address as an unsigned number; `undefined` if the text is a name */
function parseIpv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  return match.slice(1).reduce((address, part) => address * 256 + Number(part), 0);
}
