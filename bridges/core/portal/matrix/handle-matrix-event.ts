import type { ClientEvent } from '../../../../matrix/events.ts';
import { refuseLogin } from '../../login-state.ts';
import { Refusal } from '../../network-client.ts';
import { LoginRefused, RetryLater } from '../../send-outcome.ts';
import type { LaneResult } from '../lane-result.ts';
import type { PortalContext } from '../portal-context.ts';
import { matrixEdit } from './matrix-edit.ts';
import { matrixMessage } from './matrix-message.ts';
import { matrixReaction } from './matrix-reaction.ts';
import { matrixRedaction } from './matrix-redaction.ts';
import { pickLogin, type Speaker } from './pick-login.ts';
import { relationsOf } from './relations-of.ts';

const carried = new Set([
  'm.room.message',
  'm.sticker',
  'm.reaction',
  'm.room.redaction',
  'm.room.encrypted',
]);

/** Matrix → network. Types of event that no network carries are done at once. */
export async function handleMatrixEvent(portal: PortalContext, event: ClientEvent): Promise<LaneResult> {
  if (!carried.has(event.type) || event.state_key !== undefined)
    return { kind: 'done', reason: 'not carried' };
  const speaker = await pickLogin(portal, event);
  if (!speaker) {
    // Only what would have been said deserves a notice.
    return event.type === 'm.room.message' || event.type === 'm.sticker'
      ? { kind: 'dead', reason: 'no_login', notice: 'You are not logged in to this network.' }
      : { kind: 'done', reason: 'no login' };
  }
  try {
    return await carry(portal, speaker, event);
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'dead', reason: 'refused', notice: error.notice };
    if (!(error instanceof LoginRefused)) throw error;
    portal.logins.clear();
    const verdict = await refuseLogin(portal.bridge, speaker.open.login, error.message);
    if (verdict === 'renewed') throw new RetryLater(0, 'the login was renewed');
    return { kind: 'dead', reason: error.message, notice: 'The login to this network no longer works.' };
  }
}

async function carry(portal: PortalContext, speaker: Speaker, event: ClientEvent): Promise<LaneResult> {
  switch (event.type) {
    case 'm.room.encrypted':
      return { kind: 'dead', reason: 'encrypted', notice: 'Encrypted messages cannot be carried over.' };
    case 'm.reaction':
      return matrixReaction(portal, speaker, event);
    case 'm.room.redaction':
      return matrixRedaction(portal, speaker, event);
    default: {
      // Redacted before it got here.
      if (Object.keys(event.content).length === 0) return { kind: 'done', reason: 'redacted' };
      const { replaces } = relationsOf(event.content);
      return replaces === undefined
        ? matrixMessage(portal, speaker, event)
        : matrixEdit(portal, speaker, event, replaces);
    }
  }
}
