import type { ClientEvent } from '../../../../matrix/events.ts';
import { fitParts } from '../../fit-parts.ts';
import { hashOf, markOf } from '../../hash.ts';
import type { OutgoingPart, SendTarget } from '../../network-client.ts';
import type { RemoteMessageId } from '../../remote-ids.ts';
import { RetryLater } from '../../send-outcome.ts';
import type { LaneResult } from '../lane-result.ts';
import type { OpenLogin } from '../login-cache.ts';
import type { PortalContext } from '../portal-context.ts';
import { remoteConversion } from '../remote/remote-conversion.ts';
import { matrixConversion } from './matrix-conversion.ts';

/** How long a post that we did not hear about may still turn up on the network. */
const mayAppearMs = 15_000;
const lookAgainMs = 3_000;
const maxSends = 3;

/**
 * Posts one part exactly once. The row says `sending` before the network is called; whoever finds it so
 * later (after a crash or a lost answer) looks for our mark before anything is sent again.
 * @returns a result only if the item ends here
 */
export async function postPart(
  portal: PortalContext,
  open: OpenLogin,
  event: ClientEvent,
  index: number,
  part: OutgoingPart,
  common: Omit<SendTarget, 'mark'>,
): Promise<LaneResult | undefined> {
  const { outbox } = portal.store;
  const target: SendTarget = { ...common, mark: markOf(event.event_id, index) };
  const post = outbox.get(event.event_id, index);
  switch (post?.state) {
    case 'sent':
      remember(portal, event, target, post.messageId);
      return undefined;
    case 'failed':
      return { kind: 'dead', reason: post.reason };
    case 'sending':
    case 'unknown': {
      const isKnown = (messageId: RemoteMessageId) => portal.store.messages.ofMessage(messageId).length > 0;
      const found = await open.client.findSent(part, target, post.sinceMs, isKnown);
      if (settled(portal, event, index, target)) return undefined;
      if (found.kind === 'retry') throw new RetryLater(found.afterMs, 'looking for a post');
      if (found.kind === 'found') {
        outbox.setSent(event.event_id, index, found.messageId);
        remember(portal, event, target, found.messageId);
        return undefined;
      }
      if (portal.now() - post.sinceMs < mayAppearMs)
        throw new RetryLater(lookAgainMs, 'post may still appear');
      if (post.attempts >= maxSends) return fail(portal, event, index, 'not_confirmed');
      break;
    }
    case 'queued':
    case undefined:
      break;
    default:
      return post satisfies never;
  }
  return send(portal, open, event, index, part, target);
}

async function send(
  portal: PortalContext,
  open: OpenLogin,
  event: ClientEvent,
  index: number,
  part: OutgoingPart,
  target: SendTarget,
): Promise<LaneResult | undefined> {
  const { outbox } = portal.store;
  outbox.begin(event.event_id, index, target.mark, portal.now());
  const outcome = await open.client.send(part, target, matrixConversion(portal));
  if (outcome.kind !== 'sent' && settled(portal, event, index, target)) return undefined;
  switch (outcome.kind) {
    case 'sent': {
      outbox.setSent(event.event_id, index, outcome.messageId);
      const contentHash = await hashOfAnswer(portal, open, outcome.messageId, outcome.raw);
      remember(portal, event, target, outcome.messageId, contentHash);
      return undefined;
    }
    case 'retry':
      outbox.setState(event.event_id, index, 'queued');
      throw new RetryLater(outcome.afterMs, outcome.reason);
    case 'unknown':
      outbox.setState(event.event_id, index, 'unknown');
      throw new RetryLater(lookAgainMs, outcome.reason);
    case 'failed':
      return fail(portal, event, index, outcome.reason, outcome.notice);
    default:
      return outcome satisfies never;
  }
}

/** Whether the post has come back while the network was being called: then it was accepted, whatever the call says. */
function settled(portal: PortalContext, event: ClientEvent, index: number, target: SendTarget): boolean {
  const post = portal.store.outbox.get(event.event_id, index);
  if (post?.state !== 'sent') return false;
  remember(portal, event, target, post.messageId);
  return true;
}

function fail(
  portal: PortalContext,
  event: ClientEvent,
  index: number,
  reason: string,
  notice?: string,
): LaneResult {
  portal.store.outbox.setFailed(event.event_id, index, reason);
  return { kind: 'dead', reason, ...(notice === undefined ? {} : { notice }) };
}

function remember(
  portal: PortalContext,
  event: ClientEvent,
  target: SendTarget,
  messageId: RemoteMessageId,
  contentHash?: string,
): void {
  portal.store.messages.put({
    messageId,
    part: '',
    eventId: event.event_id,
    sender: event.sender,
    threadRoot: target.threadRoot ?? target.replyTo?.threadRoot,
    contentHash,
    timestampMs: event.origin_server_ts,
    removed: false,
  });
  portal.store.lane.release(messageId);
}

/** What the post looks like when it comes back, so that its echo is known to change nothing. */
export async function hashOfAnswer(
  portal: PortalContext,
  open: OpenLogin,
  messageId: RemoteMessageId,
  raw: OutgoingPart | undefined,
): Promise<string | undefined> {
  const { roomId } = portal.store.facts.get();
  if (!raw || !roomId) return undefined;
  const message = { chatId: portal.chatId, messageId, raw };
  const converted = await open.client.convertMessage(message, remoteConversion(portal, open, roomId));
  const parts = fitParts(converted.parts);
  const [first] = parts;
  return first && hashOf(JSON.stringify(first.content));
}
