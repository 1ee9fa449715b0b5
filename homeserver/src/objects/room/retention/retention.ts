import { messageLifetimeMs } from '../../../protocol/retention.ts';
import { newestPosition } from '../../../storage/room/events.ts';
import {
  type KeptMessage,
  keptMessages,
  readPurgedUpTo,
  writePurgedUpTo,
} from '../../../storage/room/purged-events.ts';
import { stateEvent } from '../../../storage/room/state.ts';
import type { Room } from '../room.ts';
import { ageFrom, findExpired, purgeMessages, youngestPurgedMs } from './purge-messages.ts';

const dayMs = 24 * 60 * 60 * 1000;
const hourMs = 60 * 60 * 1000;

/** How long messages of the room are kept; nothing if the owner has not turned retention on, or no rule says so. */
export function roomLifetimeMs({ sqlite, config }: Room): number | undefined {
  if (!config.retention) return undefined;
  return messageLifetimeMs(stateEvent(sqlite, 'm.room.retention', '')?.pdu.content, config.retention);
}

/**
 * When the oldest message goes. Looks at one event, wherever the state events between were passed already.
 * @returns epoch ms; nothing if there is no message, or none ever goes
 */
export function firstPurgeMs(room: Room): number | undefined {
  const lifetimeMs = roomLifetimeMs(room);
  if (lifetimeMs === undefined) return undefined;
  const [oldest] = keptMessages(room.sqlite, readPurgedUpTo(room.sqlite), newestPosition(room.sqlite) + 1, 1);
  return oldest && expiryMs(oldest, lifetimeMs);
}

function expiryMs(message: KeptMessage, lifetimeMs: number): number {
  return Math.max(message.cameMs + youngestPurgedMs, ageFrom(message) + lifetimeMs);
}

export interface RetentionStep {
  /** Positions of what has to go now. */
  positions: number[];
  /** When to look again; nothing if no message is left. */
  nextMs: number | undefined;
}

/** What retention has to purge now: a batch at most. Looks in the order of the timeline, behind what it did before. */
export function planRetention(room: Room, nowMs: number): RetentionStep {
  const lifetimeMs = roomLifetimeMs(room);
  if (lifetimeMs === undefined) return { positions: [], nextMs: undefined };
  const { messages, more, next } = expired(room, lifetimeMs, nowMs);
  // Once in a while is enough, so that a busy room is not woken for each message.
  const pauseMs = Math.min(dayMs, Math.max(hourMs, lifetimeMs / 30));
  const later = next && Math.max(expiryMs(next, lifetimeMs), nowMs + pauseMs);
  return { positions: messages.map(({ position }) => position), nextMs: more ? nowMs : later };
}

/** Purges what was planned at that time; part of the caller's transaction. */
export function applyRetention(room: Room, positions: readonly number[], plannedMs: number): void {
  const lifetimeMs = roomLifetimeMs(room);
  if (lifetimeMs === undefined) return;
  const { messages, seenUpTo } = expired(room, lifetimeMs, plannedMs);
  const planned = messages.filter(({ position }) => positions.includes(position));
  purgeMessages(room, planned);
  // What was not planned could not go until now, so it is looked at again.
  const unplanned = messages.find(({ position }) => !positions.includes(position));
  writePurgedUpTo(room.sqlite, Math.min(seenUpTo, (unplanned?.position ?? Number.POSITIVE_INFINITY) - 1));
}

function expired(room: Room, lifetimeMs: number, nowMs: number) {
  const isExpired = (message: KeptMessage) => expiryMs(message, lifetimeMs) <= nowMs;
  return findExpired(room, readPurgedUpTo(room.sqlite), isExpired, 'stop');
}
