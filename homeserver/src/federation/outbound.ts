import { SafeFetchError, type SafeFetchOptions } from '../../../platform/safe-fetch.ts';
import type { Env } from '../env.ts';

export interface Place {
  /** To connect to: a name or an address, of IPv6 in brackets. */
  host: string;
  port: number;
}

/** Where a server is reached. */
export interface ServerAddress extends Place {
  /** The `Host` header; without its port the name that the certificate has to be for. */
  hostHeader: string;
  /** Where else, if nobody answers there, in turn. */
  fallbacks?: Place[];
}

/** How the local way out is told where to connect and in whose name, and tells of failures. */
const connectHeader = 'roost-connect';
const hostHeader = 'roost-host';
const errorHeader = 'roost-outbound-error';

/**
 * The way to other servers, for `safeFetch`.
 *
 * Elsewhere than on Cloudflare it is the binding `OUTBOUND`: it looks names up, refuses addresses that are not public,
 * connects to the very address that it has checked, and keeps `Host` and certificate name apart from it.
 *
 * On Cloudflare it is `fetch`, which reaches public hosts alone, but cannot connect to one host in the name of another.
 * So there the host is the one that the certificate is for, at the port that was found: the `host` of an SRV record is
 * not heeded, which is safe, and works where both names lead to the same machine.
 */
export function outboundFetch(
  { OUTBOUND }: Env,
  address?: ServerAddress,
): Pick<SafeFetchOptions, 'fetch' | 'hostsAreChecked'> {
  if (!OUTBOUND) {
    return { fetch: (url, init) => fetch(address ? withPort(url, address.port) : url, init) };
  }
  return {
    hostsAreChecked: true,
    async fetch(url, init) {
      const headers = new Headers(init.headers);
      const { host, hostname, port } = new URL(url);
      headers.set(connectHeader, address ? `${address.host}:${address.port}` : `${hostname}:${port || 443}`);
      headers.set(hostHeader, address?.hostHeader ?? host);
      const response = await OUTBOUND.fetch(url, { ...init, headers });
      const reason = response.headers.get(errorHeader);
      if (reason === null) return response;
      throw new SafeFetchError(reason === 'refused' ? 'refused' : 'failed', await response.text());
    },
  };
}

function withPort(address: string, port: number): string {
  const url = new URL(address);
  url.port = String(port);
  return url.href;
}
