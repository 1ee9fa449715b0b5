import { ask, Person } from '../../test/attacks/lib/attacker.ts';

/** What there is to administer. */
export interface Furniture {
  userId: string;
  roomId: string;
  mediaId: string;
  eventReport: string;
  userReport: string;
  token: string;
}

/** A user with a room, a file in it, and reports about both. */
export async function furnish(url: string, root: Person): Promise<Furniture> {
  const anna = await Person.register(url, 'anna');
  const roomId = await anna.createRoom({ name: 'Room of Anna', preset: 'public_chat', visibility: 'public' });
  const uploaded = await fetch(`${url}/_matrix/media/v3/upload?filename=notes.txt`, {
    method: 'POST',
    headers: { authorization: `Bearer ${anna.accessToken}`, 'content-type': 'text/plain' },
    body: 'notes',
  });
  const { content_uri: uri } = (await uploaded.json()) as { content_uri: string };
  const eventId = await anna.send(
    roomId,
    'm.room.message',
    { msgtype: 'm.file', body: 'notes.txt', url: uri },
    '1',
  );
  const room = encodeURIComponent(roomId);
  await root.ok('POST', `/v3/join/${room}`, {});
  await root.ok('POST', `/v3/rooms/${room}/report/${encodeURIComponent(eventId)}`, { reason: 'it is spam' });
  await root.ok('POST', `/v3/users/${encodeURIComponent(anna.userId)}/report`, { reason: 'she is rude' });
  const administer = (path: string, body: object) =>
    ask(url, 'POST', `/_synapse/admin/v1/${path}`, { token: root.accessToken, body });
  const token = await administer('registration_tokens/new', {});
  await administer(`user/${encodeURIComponent(root.userId)}/redact`, { rooms: [] });
  return {
    userId: anna.userId,
    roomId,
    mediaId: uri.slice(uri.lastIndexOf('/') + 1),
    eventReport: '1',
    userReport: '2',
    token: String(token.body.token),
  };
}
