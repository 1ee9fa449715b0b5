import { MatrixApiError } from '../../../appservice/matrix-api-error.ts';
import type { ClientEvent } from '../../../matrix/events.ts';
import { errorText, log } from '../../../platform/log.ts';
import { refuseLogin } from '../login-state.ts';
import { dedupeKey, messageKey, type RemoteEvent, type RemoteMessage } from '../remote-event.ts';
import { LoginGone, LoginRefused } from '../send-outcome.ts';
import type { DeadResult, LaneResult } from './lane-result.ts';
import { handleMatrixEvent } from './matrix/handle-matrix-event.ts';
import { tellFailure, tellLoss } from './message-status.ts';
import type { PortalContext } from './portal-context.ts';
import { handleRemoteEvent } from './remote/handle-remote-event.ts';
import type { LaneItem } from './storage/lane-items.ts';
import { isTransient, retryDelayMs } from './transient.ts';

/** How long a change waits for its message before it is asked for. */
const parkMs = 60_000;
/** An item that keeps failing in a way that may pass is given up after this. */
const maxAgeMs = 24 * 3_600_000;
/**
 * One that the homeserver refuses is given up at once. One that fails in another way is a bug or poison; it is
 * tried again in case it was neither.
 */
const maxAttempts = 3;

/**
 * Works off the lane: (0) parked changes that have waited long enough; (1) the item at its head, strictly one after the other; (2) one that may work later
 * keeps its place, and with it the order; (3) a change whose message is unknown steps aside; (4) one that
 * never will is buried, with a reason in the log and a notice in the room, and the next one has its turn.
 * @returns when to go on (epoch ms); nothing when the lane is empty
 */
export async function drainLane(portal: PortalContext): Promise<number | undefined> {
  const { lane } = portal.store;
  await expireParked(portal);
  for (let item = lane.head(); item; item = lane.head()) {
    if (item.dueMs > portal.now()) return item.dueMs;
    await workOff(portal, item);
  }
  return undefined;
}

async function workOff(portal: PortalContext, item: LaneItem): Promise<void> {
  let result: LaneResult;
  try {
    result = await handle(portal, item);
  } catch (error) {
    result = await afterError(portal, item, error);
  }
  const { lane } = portal.store;
  switch (result.kind) {
    case 'done':
      lane.finish(item.position, result.reason);
      portal.store.facts.setOutageTold(false);
      return;
    case 'again':
      lane.retry(item.position, result.dueMs, result.reason);
      return;
    case 'park':
      lane.park(item.position, result.waitsFor, portal.now() + parkMs);
      return;
    case 'dead':
      await bury(portal, item, result);
      return;
    default:
      result satisfies never;
  }
}

async function handle(portal: PortalContext, item: LaneItem): Promise<LaneResult> {
  if (item.direction === 'matrix') {
    return handleMatrixEvent(portal, JSON.parse(item.payload) as ClientEvent);
  }
  const open = await portal.logins.get(item.loginId ?? '');
  return handleRemoteEvent(portal, open, JSON.parse(item.payload) as RemoteEvent);
}

async function afterError(portal: PortalContext, item: LaneItem, error: unknown): Promise<LaneResult> {
  const reason = errorText(error);
  if (error instanceof LoginGone) return { kind: 'done', reason: 'logged out' };
  if (error instanceof LoginRefused && item.loginId) await noteRefusal(portal, item.loginId, error.message);
  const mayPass = isTransient(error) || error instanceof LoginRefused;
  const isOver = mayPass
    ? portal.now() - item.queuedMs > maxAgeMs
    : error instanceof MatrixApiError || item.attempts + 1 >= maxAttempts;
  log('warn', 'bridge.item_failed', {
    chatId: portal.chatId,
    key: item.key,
    attempts: item.attempts,
    reason,
  });
  if (isOver) return { kind: 'dead', reason, isOutage: mayPass };
  return { kind: 'again', dueMs: portal.now() + retryDelayMs(error, item.attempts), reason };
}

/** Events wait for the login to be renewed. */
async function noteRefusal(portal: PortalContext, loginId: string, reason: string): Promise<void> {
  const { login } = await portal.logins.get(loginId);
  portal.logins.clear();
  await refuseLogin(portal.bridge, login, reason);
}

async function bury(portal: PortalContext, item: LaneItem, result: DeadResult): Promise<void> {
  const { reason, notice = 'This could not be carried over.', isOutage = false } = result;
  log('error', 'bridge.item_dead', { chatId: portal.chatId, key: item.key, reason });
  const { facts, lane } = portal.store;
  // All that an outage has outlived is buried together: the room is told once, until something gets through.
  const isTold = isOutage && facts.get().outageTold;
  if (item.direction === 'matrix') {
    const event = JSON.parse(item.payload) as ClientEvent;
    await tellFailure(portal, event, reason, notice, isTold ? 'on the message' : 'in the room too');
  } else if (!isTold) {
    await tellLoss(portal, item.key);
  }
  if (isOutage) facts.setOutageTold(true);
  lane.bury(item.position, reason);
}

/**
 * Asks the network for the messages that parked changes have waited for long enough. What it does not have
 * either is given up silently: there is nothing to change. Part of the drain, which alone changes items.
 */
async function expireParked(portal: PortalContext): Promise<void> {
  const { lane } = portal.store;
  for (const item of lane.expired(portal.now())) {
    const event = JSON.parse(item.payload) as RemoteEvent;
    const message = item.attempts === 0 ? await fetchTarget(portal, item, event) : undefined;
    if (message) queueRemote(portal, item.loginId, [message]);
    // It may also have come by itself meanwhile, and wait for its turn.
    if ('messageId' in event && lane.isQueued(messageKey(event.messageId))) {
      lane.retry(item.position, portal.now() + parkMs, 'target is on its way');
    } else {
      lane.finish(item.position, 'target never came');
    }
  }
}

async function fetchTarget(
  portal: PortalContext,
  { loginId, key }: LaneItem,
  event: RemoteEvent,
): Promise<RemoteMessage | undefined> {
  if (!('messageId' in event)) return undefined;
  try {
    const { client } = await portal.logins.get(loginId ?? '');
    return await client.history?.fetch(event.messageId);
  } catch (error) {
    log('warn', 'bridge.target_not_fetched', { chatId: portal.chatId, key, error: errorText(error) });
    return undefined;
  }
}

/**
 * Queues remote events, and takes note at once of our own posts coming back: their calls need not be waited
 * for, nor their answers believed. One write section.
 */
export function queueRemote(
  portal: PortalContext,
  loginId: string | undefined,
  events: readonly RemoteEvent[],
): number {
  for (const event of events) {
    if (event.kind === 'message' && event.mark !== undefined) {
      portal.store.outbox.settle(event.mark, event.messageId);
    }
  }
  const items = events.map((event) => ({
    key: dedupeKey(event),
    direction: 'remote' as const,
    loginId,
    payload: JSON.stringify(event),
  }));
  return portal.store.lane.add(items, portal.now());
}

export function queueMatrix(portal: PortalContext, events: readonly ClientEvent[]): number {
  const items = events.map((event) => ({
    key: `event ${event.event_id}`,
    direction: 'matrix' as const,
    loginId: undefined,
    payload: JSON.stringify(event),
  }));
  return portal.store.lane.add(items, portal.now());
}
