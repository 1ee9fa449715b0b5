import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { waitFor } from '../../test/harness/wait-for.ts';
import type { FederationSide, Picture } from './federation-side.ts';

/** What users of two servers do together. Each throws an error that says what was not as it has to be. */

/**
 * Both servers know the same state, event by event, and the same history in the same order, from the first event on.
 * @param order `forked`: both servers have told something without having heard the other one. What one user said is in
 * the same order then, but what two said at once need not be: the specification leaves that to each server
 */
export async function agree(
  one: FederationSide,
  other: FederationSide,
  roomId: string,
  order: 'straight' | 'forked' = 'straight',
): Promise<void> {
  let difference = '';
  const pictureOf = async (side: FederationSide) => {
    const { state, history } = await side.picture(roomId);
    return { state, history: order === 'straight' ? history : bySender(history) };
  };
  await waitFor('the same state and history on both servers', async () => {
    const [here, there] = await Promise.all([pictureOf(one), pictureOf(other)]);
    difference = differenceOf(here, there);
    return difference === '';
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${difference}`);
  });
}

/** Keeps the order of what each one said. */
function bySender(history: readonly string[]): string[] {
  return history.toSorted((a, b) => {
    const [one = '', other = ''] = [a.split(' ')[0], b.split(' ')[0]];
    return one < other ? -1 : one > other ? 1 : 0;
  });
}

function differenceOf(here: Picture, there: Picture): string {
  if (isDeepStrictEqual(here, there)) return '';
  const keys = new Set([...Object.keys(here.state), ...Object.keys(there.state)]);
  const index = here.history.findIndex((eventId, at) => eventId !== there.history[at]);
  return JSON.stringify({
    state: [...keys].filter((key) => here.state[key] !== there.state[key]),
    events: [here.history.length, there.history.length],
    from: [index, here.history.slice(index, index + 3), there.history.slice(index, index + 3)],
    lacking: [
      here.history.filter((eventId) => !there.history.includes(eventId)).length,
      there.history.filter((eventId) => !here.history.includes(eventId)).length,
    ],
  });
}

/** The room goes on in another one, where both meet again. */
export async function upgrade(host: FederationSide, guest: FederationSide): Promise<string[]> {
  const roomId = await host.createRoom({ preset: 'public_chat', room_version: '10', name: 'Moving' });
  await guest.join(roomId, host.serverName);
  await host.say(roomId, 'before the upgrade');
  await guest.hears(roomId, 'before the upgrade');
  const made = await host.act(roomId, 'upgrade', { new_version: '12' });
  const replacement = String(made.replacement_room);
  await waitFor(`the tombstone at ${guest.userId}`, async () => {
    const tombstone = await guest.stateContent(roomId, 'm.room.tombstone').catch(() => undefined);
    return tombstone?.replacement_room === replacement;
  });
  await guest.join(replacement, host.serverName);
  const { predecessor } = await guest.stateContent(replacement, 'm.room.create');
  if (!isDeepStrictEqual((predecessor as { room_id?: string }).room_id, roomId)) {
    throw new Error(`the new room comes from ${JSON.stringify(predecessor)}`);
  }
  const name = await guest.stateContent(replacement, 'm.room.name');
  if (name.name !== 'Moving') throw new Error(`the new room has the name ${JSON.stringify(name)}`);
  await guest.say(replacement, 'here we are');
  await host.hears(replacement, 'here we are');
  return [roomId, replacement];
}

/** A picture that one uploads is seen by the other, whole and small. */
export async function sharePicture(
  host: FederationSide,
  guest: FederationSide,
  picture: Buffer,
  contentType: string,
): Promise<void> {
  const uri = await host.upload(picture, contentType);
  for (const path of ['download', 'thumbnail'] as const) {
    const query = path === 'thumbnail' ? '?width=32&height=32&method=scale' : '';
    const { type, bytes } = await guest.fetchMedia(`${path}/${uri.slice('mxc://'.length)}${query}`);
    if (!type.startsWith('image/')) throw new Error(`${path}: ${type}`);
    if (path === 'download' && !bytes.equals(picture)) throw new Error(`other bytes: ${bytes.byteLength}`);
    if (bytes.byteLength === 0) throw new Error(`${path}: nothing`);
  }
}

/** A new name and picture of the guest stand in the room of the host. */
export async function changeProfile(host: FederationSide, guest: FederationSide): Promise<string> {
  const roomId = await host.createRoom({ preset: 'public_chat' });
  await guest.join(roomId, host.serverName);
  const profile = { displayname: `Renamed ${Date.now()}`, avatar_url: `mxc://${guest.serverName}/avatar` };
  const path = `v3/profile/${encodeURIComponent(guest.userId)}`;
  for (const [name, value] of Object.entries(profile)) {
    await guest.call('PUT', `${path}/${name}`, { [name]: value });
  }
  await waitFor(`the new profile at ${host.userId}`, async () => {
    const { displayname, avatar_url } = await host.stateContent(roomId, 'm.room.member', guest.userId);
    return isDeepStrictEqual({ displayname, avatar_url }, profile);
  });
  const { displayname, avatar_url } = await host.call('GET', path);
  if (!isDeepStrictEqual({ displayname, avatar_url }, profile)) throw new Error(`told: ${displayname}`);
  return roomId;
}

/** Banned, and let in again. */
export async function banAndForgive(host: FederationSide, guest: FederationSide): Promise<string> {
  const roomId = await host.createRoom({ preset: 'public_chat' });
  await guest.join(roomId, host.serverName);
  await host.act(roomId, 'ban', { user_id: guest.userId, reason: 'too loud' });
  await guest.isOutOf(roomId);
  const refusal = await guest.join(roomId, host.serverName).then(
    () => 'joined',
    (error: Error) => error.message,
  );
  if (!refusal.includes('403')) throw new Error(`banned, and then: ${refusal}`);
  await host.act(roomId, 'unban', { user_id: guest.userId });
  await waitFor('the return', () =>
    guest.join(roomId, host.serverName).then(
      () => true,
      () => pause(200).then(() => false),
    ),
  );
  await guest.say(roomId, 'quiet now');
  await host.hears(roomId, 'quiet now');
  return roomId;
}
