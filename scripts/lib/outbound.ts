import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { isLoopbackHost, isPublicHost } from '../../platform/public-host.ts';

export interface OutboundOptions {
  /**
   * By `host:port` or `host`, where to connect instead: an address, with a port if it is another. For tests: these
   * addresses may be private.
   */
  hosts: Record<string, string>;
  /** For tests. */
  allowsLoopback: boolean;
  /** PEM. Default: those that Node trusts. */
  ca?: string;
}

interface Target {
  /** To connect to. */
  host: string;
  port: number;
  /** `Host` header. */
  hostHeader: string;
  isListed: boolean;
}

const maxRequestBytes = 16 * 1024 * 1024;
/** Without a byte in either direction. */
const idleMs = 120_000;
/** Of one connection only, or for this way alone. */
const droppedHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'content-length',
  'accept-encoding',
]);

/**
 * The way of a local run to other servers, which the Worker knows as `OUTBOUND`. Connects to the address that it has
 * checked, whatever the name resolves to a moment later; keeps `Host` header and certificate name as they are told.
 */
export class Outbound {
  readonly #options: OutboundOptions;
  readonly #agent: https.Agent;

  constructor(options: OutboundOptions) {
    this.#options = options;
    const { ca } = options;
    this.#agent = new https.Agent({ keepAlive: true, maxFreeSockets: 2, timeout: idleMs, ...(ca && { ca }) });
  }

  readonly handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const target = this.#targetOf(request);
      const addresses = await this.#addressesOf(target);
      if (addresses.length === 0) return fail(response, 'refused', `${target.host} is not public`);
      const body = await readBody(request);
      if (!body) return fail(response, 'refused', 'the request is too large');
      this.#send(request, response, target, addresses, body, true);
    } catch (error) {
      fail(response, 'unreachable', String(error));
    }
  };

  close(): void {
    this.#agent.destroy();
  }

  #targetOf(request: IncomingMessage): Target {
    const wanted = new URL(`https://${headerOf(request, 'roost-connect')}`);
    const { hostname } = wanted;
    const port = Number(wanted.port || 443);
    const { hosts } = this.#options;
    const listed = hosts[`${hostname}:${port}`] ?? hosts[hostname];
    const hostHeader = headerOf(request, 'roost-host');
    if (listed === undefined) return { host: hostname, port, hostHeader, isListed: false };
    const other = new URL(`https://${listed}`);
    const hasPort = /:\d+$/.test(listed);
    return {
      host: other.hostname,
      port: hasPort ? Number(other.port || 443) : port,
      hostHeader,
      isListed: true,
    };
  }

  /** Those that may be connected to. */
  async #addressesOf({ host, isListed }: Target): Promise<LookupAddress[]> {
    const literal = host.replace(/^\[(.*)\]$/, '$1');
    const addresses = isIP(literal)
      ? [literal]
      : (await lookup(host, { all: true })).map(({ address }) => address);
    return addresses
      .filter((address) => isListed || this.#isAllowed(address))
      .map((address) => ({ address, family: isIP(address) }));
  }

  #isAllowed(address: string): boolean {
    // As a URL writes it: an IPv4 address in IPv6 form is found out.
    const { hostname } = new URL(`https://${isIP(address) === 6 ? `[${address}]` : address}`);
    return isPublicHost(hostname) || (this.#options.allowsLoopback && isLoopbackHost(hostname));
  }

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    target: Target,
    addresses: LookupAddress[],
    body: Buffer,
    mayRepeat: boolean,
  ): void {
    const certificateName = target.hostHeader.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
    const outgoing = https.request({
      agent: this.#agent,
      host: target.host.replace(/^\[(.*)\]$/, '$1'),
      // Of several the first that answers (RFC 8305).
      lookup: checked(addresses),
      port: target.port,
      method: request.method,
      path: request.url,
      headers: {
        ...passedOn(request.headers),
        host: target.hostHeader,
        'accept-encoding': 'identity',
        ...(body.byteLength > 0 && { 'content-length': body.byteLength }),
      },
      servername: isIP(certificateName) ? '' : certificateName,
      checkServerIdentity: (_, certificate) => checkServerIdentity(certificateName, certificate),
      timeout: idleMs,
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('nothing is heard any more')));
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (response.headersSent) response.destroy();
      // The server had closed the connection that we kept.
      else if (mayRepeat && outgoing.reusedSocket && error.code === 'ECONNRESET') {
        this.#send(request, response, target, addresses, body, false);
      } else fail(response, 'unreachable', String(error));
    });
    outgoing.on('response', (incoming) => {
      response.writeHead(incoming.statusCode ?? 502, passedOn(incoming.headers));
      incoming.on('error', () => response.destroy());
      incoming.pipe(response);
    });
    response.on('close', () => {
      if (!response.writableFinished) outgoing.destroy();
    });
    outgoing.end(body);
  }
}

/** In place of looking the name up again, which may lead elsewhere by now. */
function checked(addresses: LookupAddress[]): LookupFunction {
  const [first] = addresses;
  return (_host, { all }, callback) => {
    if (all) callback(null, addresses);
    else callback(null, first?.address ?? '', first?.family);
  };
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  if (typeof value !== 'string') throw new Error(`no ${name}`);
  return value;
}

function passedOn(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || droppedHeaders.has(name)) continue;
    if (/^(roost-|mf-|cf-)/.test(name)) continue;
    kept[name] = value;
  }
  return kept;
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maxRequestBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function fail(response: ServerResponse, reason: 'refused' | 'unreachable', text: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(502, { 'content-type': 'text/plain', 'roost-outbound-error': reason });
  response.end(text.slice(0, 300));
}
