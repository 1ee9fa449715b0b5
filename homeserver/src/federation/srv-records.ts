import * as v from 'valibot';
import { errorText, log } from '../../../platform/log.ts';
import { isPublicHost } from '../../../platform/public-host.ts';
import { readBytes, safeFetch } from '../../../platform/safe-fetch.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import type { Place } from './outbound.ts';

/** DNS over HTTPS in JSON, as Cloudflare, Google and others answer it. */
const answerSchema = v.object({
  Status: v.number(),
  Answer: v.optional(
    v.array(v.object({ type: v.number(), TTL: v.pipe(v.number(), v.minValue(0)), data: v.string() })),
    [],
  ),
});

const srvType = 33;
const [noError, noSuchName] = [0, 3];
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

interface SrvRecord extends Place {
  priority: number;
  weight: number;
}

/** More are not tried. */
const maxTargets = 3;

/** The records of a server name, the one to be tried first first, by its name of today, else by the one before (`_matrix`). */
export async function findSrvTargets(env: Env, host: string): Promise<{ found: Place[]; forMs: number }> {
  const { dnsOverHttpsUrl } = readConfig(env);
  // A name that nobody outside knows is nobody's business there.
  if (dnsOverHttpsUrl === '' || !isPublicHost(host)) return { found: [], forMs: 24 * hourMs };
  let forMs = hourMs;
  for (const service of ['_matrix-fed', '_matrix']) {
    const { records, ttlMs } = await lookUp(dnsOverHttpsUrl, `${service}._tcp.${host}`);
    forMs = Math.min(forMs, ttlMs);
    const found = inOrder(records, Math.random).slice(0, maxTargets);
    if (found.length > 0) return { found: found.map(({ host, port }) => ({ host, port })), forMs };
  }
  return { found: [], forMs };
}

async function lookUp(
  dnsOverHttpsUrl: string,
  name: string,
): Promise<{ records: SrvRecord[]; ttlMs: number }> {
  const url = new URL(dnsOverHttpsUrl);
  url.searchParams.set('name', name);
  url.searchParams.set('type', 'SRV');
  try {
    const response = await safeFetch(url.href, {
      headers: { accept: 'application/dns-json' },
      timeoutMs: 5_000,
      maxBytes: 64 * 1024,
      maxRedirects: 0,
      allowedHosts: [url.hostname],
    });
    const answer = v.parse(answerSchema, JSON.parse(Buffer.from(await readBytes(response)).toString()));
    if (answer.Status !== noError && answer.Status !== noSuchName) throw new Error(`status ${answer.Status}`);
    const ours = answer.Answer.filter(({ type }) => type === srvType).slice(0, 50);
    const ttlMs = Math.max(minuteMs, Math.min(hourMs, ...ours.map(({ TTL }) => TTL * 1000)));
    return {
      records: ours.map(({ data }) => parseRecord(data)).filter((record) => record !== undefined),
      ttlMs,
    };
  } catch (error) {
    log('info', 'federation.srv_failed', { name, error: errorText(error) });
    return { records: [], ttlMs: minuteMs };
  }
}

/** `<priority> <weight> <port> <target>`; the target `.` says that there is no such service. */
function parseRecord(data: string): SrvRecord | undefined {
  const match = /^(\d{1,5}) (\d{1,5}) (\d{1,5}) ([A-Za-z0-9._-]{2,255})$/.exec(data.trim());
  if (!match) return undefined;
  const [, priority, weight, port, target = ''] = match;
  return {
    priority: Number(priority),
    weight: Number(weight),
    port: Number(port),
    host: target.replace(/\.$/, ''),
  };
}

/** RFC 2782. */
function inOrder(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const rest = [...records];
  const ordered: SrvRecord[] = [];
  for (let next = choose(rest, random()); next; next = choose(rest, random())) {
    ordered.push(next);
    rest.splice(rest.indexOf(next), 1);
  }
  return ordered;
}

/** RFC 2782: of the most preferred ones one at random, by their weights. @param random from 0 to 1 */
export function choose(records: readonly SrvRecord[], random: number): SrvRecord | undefined {
  const first = Math.min(...records.map(({ priority }) => priority));
  const preferred = records.filter(({ priority }) => priority === first);
  // Those without weight are chosen seldom, and alone always.
  let rest = random * preferred.reduce((sum, { weight }) => sum + weight + 0.01, 0);
  const chosen = preferred.find(({ weight }) => {
    rest -= weight + 0.01;
    return rest <= 0;
  });
  return chosen ?? preferred.at(-1);
}
