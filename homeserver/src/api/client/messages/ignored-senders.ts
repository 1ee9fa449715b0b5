import type { ClientEvent } from '../../../../../matrix/events.ts';
import { isJsonObject } from '../../../../../matrix/json.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import type { Requester } from '../../endpoint.ts';

/**
 * Which events of a room the requester is shown: not those of people they ignore, but state events, or the room
 * would be misread (client-server API, "Ignoring Users"). To be asked for beside the room, at no cost of time.
 */
export async function shownTo(stubs: Stubs, requester: Requester): Promise<(event: ClientEvent) => boolean> {
  // Nothing is kept for the users of application services.
  if (requester.appservice) return () => true;
  const list = await stubs.user(requester.userId).getAccountData('m.ignored_user_list');
  const ignored = isJsonObject(list?.ignored_users) ? list.ignored_users : {};
  return (event) => event.state_key !== undefined || !Object.hasOwn(ignored, event.sender);
}
