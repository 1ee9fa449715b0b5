import { emptyReply, type LoopbackRequest, type Reply } from '../loopback/loopback-server.ts';
import { pixelPng } from '../loopback/pixel.ts';
import type { Simulation } from './discord-simulator.ts';
import { cdnSignature } from './world.ts';

/** Discord's CDN: attachments need a signed link that has not expired; avatars, icons and emoji need nothing. */
export function answerCdn(simulation: Simulation, request: LoopbackRequest, path: string): Reply {
  const { world } = simulation;
  if (!path.startsWith('/attachments/')) {
    if (!/^\/(avatars|icons|emojis|embed|guilds|stickers)\//.test(path)) return emptyReply(404);
    return { kind: 'reply', status: 200, headers: { 'content-type': 'image/png' }, body: pixelPng };
  }
  const attachment = world.attachments.get(path.split('/')[3] ?? '');
  const query = request.url.searchParams;
  const expires = query.get('ex') ?? '';
  const signature = cdnSignature(world, path, expires, query.get('is') ?? '');
  const isFresh = Number.parseInt(expires, 16) * 1000 > world.clock.nowMs();
  if (query.get('hm') !== signature || !isFresh) {
    return {
      kind: 'reply',
      status: 404,
      headers: { 'content-type': 'text/plain' },
      body: 'This content is no longer available.',
    };
  }
  if (!attachment) return emptyReply(404);
  const fault = simulation.faults.takeForCall('cdn');
  if (fault?.kind === 'http_error') return emptyReply(fault.status);
  return {
    kind: 'reply',
    status: 200,
    headers: { 'content-type': attachment.contentType },
    body: attachment.bytes,
  };
}
