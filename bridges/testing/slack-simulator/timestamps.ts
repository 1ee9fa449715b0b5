import type { Channel, World } from './world.ts';

/** Slack timestamps are strings of seconds and six digits; as floats they lose their last digits. */
const tsPattern = /^\d{1,10}(\.\d{1,6})?$/;

/** Ten digits and six, as Slack writes them. Bounds of a history may be shorter, a message's name may not. */
export function isWholeTs(ts: string): boolean {
  return /^\d{10}\.\d{6}$/.test(ts);
}

export function tsFromMicros(micros: bigint): string {
  return `${micros / 1_000_000n}.${String(micros % 1_000_000n).padStart(6, '0')}`;
}

/** @returns undefined for what is no timestamp. */
export function microsFromTs(ts: string): bigint | undefined {
  if (!tsPattern.test(ts)) return undefined;
  const [seconds = '0', fraction = ''] = ts.split('.');
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

/** The next timestamp of a channel: unique in it and later than any before, though two may fall in one millisecond. */
export function nextTs(world: World, channel: Channel): string {
  const now = BigInt(world.clock.nowMs()) * 1000n;
  const next = now > channel.lastTsMicros ? now : channel.lastTsMicros + 1n;
  channel.lastTsMicros = next;
  return tsFromMicros(next);
}

/** A timestamp for an event that belongs to no channel. */
export function currentTs(world: World): string {
  return tsFromMicros(BigInt(world.clock.nowMs()) * 1000n);
}

/** Orders timestamps; anything malformed sorts as the beginning of time. */
export function compareTs(a: string, b: string): number {
  const left = microsFromTs(a) ?? 0n;
  const right = microsFromTs(b) ?? 0n;
  return left < right ? -1 : left > right ? 1 : 0;
}
