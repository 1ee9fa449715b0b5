import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BridgedServer, startBridgedServer } from '../harness/bridged-server.ts';
import { api, type Credentials, newTxnId, register } from '../harness/matrix-client.ts';
import { matrixFetch } from '../harness/matrix-fetch.ts';
import { linkSlack, type SlackWorld, startSlackWorld } from '../harness/networks.ts';
import { waitFor } from '../harness/wait-for.ts';

/** The Slack bridge against a Slack that misbehaves, over real HTTP. */
let slack: SlackWorld;
let server: BridgedServer;
let olive: Credentials;
let general: string;
let dm: string;

interface Event {
  event_id: string;
  type: string;
  sender: string;
  origin_server_ts: number;
  state_key?: string;
  redacts?: string;
  content: Record<string, unknown> & {
    body?: string;
    url?: string;
    'm.relates_to'?: Record<string, unknown>;
  };
}

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

beforeAll(async () => {
  slack = await startSlackWorld();
  const parent = slack.ann.post(slack.general, 'from long ago');
  slack.owner.post(slack.general, 'an answer of mine', { threadTs: parent });
  slack.ann.react(slack.general, parent, 'tada');
  server = await startBridgedServer('slack', { slackApiUrl: slack.simulator.apiUrl });
  olive = await register(server.url, 'olive');
  await linkSlack(server, slack, olive.userId);
  general = await waitFor('general', () => joinedRoomNamed('general'));
  dm = await waitFor('Ann', () => joinedRoomNamed('Ann Archer'));
}, 60_000);

afterAll(async () => {
  await server?.stopAndRemove();
  await slack?.simulator.stop();
});

const call = <T>(method: string, path: string, body?: object) =>
  api<T>(server.url, olive.accessToken, method, path, body);
const roomPath = (roomId: string, rest: string) => `v3/rooms/${encodeURIComponent(roomId)}/${rest}`;

async function joinedRoomNamed(name: string): Promise<string | undefined> {
  const { joined_rooms: rooms } = await call<{ joined_rooms: string[] }>('GET', 'v3/joined_rooms');
  for (const roomId of rooms) {
    const state = await call<{ name: string }>('GET', roomPath(roomId, 'state/m.room.name/')).catch(
      () => undefined,
    );
    if (state?.name === name) return roomId;
  }
  return undefined;
}

/** Events of a room that are no state, oldest first. */
async function events(roomId: string): Promise<Event[]> {
  const { chunk } = await call<{ chunk: Event[] }>('GET', roomPath(roomId, 'messages?dir=b&limit=200'));
  return chunk.filter((event) => event.state_key === undefined).reverse();
}

const said = async (roomId: string, body: string) =>
  (await events(roomId)).filter((event) => event.content.body === body);
const arrival = (roomId: string, body: string) =>
  waitFor(`“${body}”`, async () => (await said(roomId, body))[0]);

function send(roomId: string, content: object): Promise<{ event_id: string }> {
  return call('PUT', roomPath(roomId, `send/m.room.message/${newTxnId()}`), content);
}

const text = (body: string) => ({ msgtype: 'm.text', body });
const posted = (body: string) => slack.general.messages.filter((message) => message.text === body);

test('the newest history is there, with its times, threads and reactions, and the owner’s own is theirs', async () => {
  const [parent] = await said(general, 'from long ago');
  const [answer] = await said(general, 'an answer of mine');
  expect(answer?.sender).toBe(olive.userId);
  expect(answer?.content['m.relates_to']).toMatchObject({ rel_type: 'm.thread', event_id: parent?.event_id });
  const ts = slack.general.messages[0]?.ts ?? '';
  expect(parent?.origin_server_ts).toBe(Math.floor(Number(ts) * 1000));
  const reaction = (await events(general)).find((event) => event.type === 'm.reaction');
  expect(reaction?.content['m.relates_to']).toMatchObject({ event_id: parent?.event_id, key: '🎉' });
});

test('a direct message is one, with the other person’s name', async () => {
  const direct = await call<Record<string, string[]>>(
    'GET',
    `v3/user/${encodeURIComponent(olive.userId)}/account_data/m.direct`,
  );
  expect(Object.values(direct).flat()).toEqual([dm]);
  slack.ann.post(slack.dm, 'psst');
  const event = await arrival(dm, 'psst');
  expect(Object.keys(direct)).toEqual([event.sender]);
  await send(dm, text('yes?'));
  await waitFor('the answer', () => slack.dm.messages.find((message) => message.text === 'yes?'));
});

test('files go both ways, with captions', async () => {
  slack.ann.post(slack.general, 'a picture', { files: [{ name: 'dot.png', bytes: png }] });
  const event = await arrival(general, 'dot.png');
  expect(event.content).toMatchObject({
    msgtype: 'm.image',
    info: { mimetype: 'image/png', size: png.length },
  });
  const [, origin, mediaId] = /^mxc:\/\/([^/]+)\/(.+)$/.exec(event.content.url ?? '') ?? [];
  const download = await matrixFetch(`${server.url}/_matrix/client/v1/media/download/${origin}/${mediaId}`, {
    headers: { authorization: `Bearer ${olive.accessToken}` },
  });
  expect(Buffer.from(await download.arrayBuffer()).equals(png)).toBe(true);

  const upload = await matrixFetch(`${server.url}/_matrix/media/v3/upload?filename=note.txt`, {
    method: 'POST',
    headers: { authorization: `Bearer ${olive.accessToken}`, 'content-type': 'text/plain' },
    body: 'hello file',
  });
  const { content_uri: url } = (await upload.json()) as { content_uri: string };
  const info = { mimetype: 'text/plain', size: 10 };
  await send(general, { msgtype: 'm.file', body: 'read this', filename: 'note.txt', url, info });
  const message = await waitFor('the file', () =>
    slack.general.messages.find((candidate) => JSON.stringify(candidate).includes('note.txt')),
  );
  expect(message.user).toBe(slack.owner.id);
  expect(JSON.stringify(message)).toContain('read this');
  expect(await said(general, 'note.txt')).toEqual([]);
});

test('W3: events that come twice, late and in the wrong order end as they should', async () => {
  slack.simulator.faults.disturbEvents('message', { kind: 'duplicate' });
  slack.ann.post(slack.general, 'twice');
  slack.simulator.faults.reorderNextEvents(3);
  const ts = slack.ann.post(slack.general, 'draft');
  slack.ann.edit(slack.general, ts, 'final');
  slack.ann.react(slack.general, ts, 'wave');
  const draft = await arrival(general, 'draft');
  await waitFor('the edit and the reaction', async () => {
    const related = (await events(general)).filter(
      (event) => event.content['m.relates_to']?.event_id === draft.event_id,
    );
    return related.length === 2 && related;
  });
  expect(await said(general, 'twice')).toHaveLength(1);
});

test('a post whose answer gets lost, or comes after its echo, is one post and one event', async () => {
  slack.simulator.faults.failCalls('chat.postMessage', { kind: 'cut_after_commit' });
  await send(general, text('cut off'));
  await waitFor('the first post', () => posted('cut off')[0]);
  slack.simulator.faults.failCalls('chat.postMessage', { kind: 'echo_first' });
  await send(general, text('echoed'));
  await waitFor('the second post', () => posted('echoed')[0]);
  await send(general, text('end'));
  await waitFor('the third post', () => posted('end')[0]);
  for (const body of ['cut off', 'echoed', 'end']) {
    expect(posted(body)).toHaveLength(1);
    expect(await said(general, body)).toHaveLength(1);
  }
});

test('a rate limit delays posts and keeps their order; a refusal is told', async () => {
  slack.simulator.faults.failCalls('chat.postMessage', { kind: 'rate_limited', retryAfterS: 1 });
  for (const body of ['limited 1', 'limited 2']) await send(general, text(body));
  await waitFor('both posts', () => posted('limited 2')[0]);
  const order = slack.general.messages
    .map((message) => message.text)
    .filter((body) => body?.startsWith('limited'));
  expect(order).toEqual(['limited 1', 'limited 2']);
  slack.simulator.faults.failCalls('chat.postMessage', {
    kind: 'platform_error',
    error: 'restricted_action',
  });
  const { event_id: eventId } = await send(general, text('refused'));
  const notice = await arrival(general, '⚠️ Not sent: Your workspace does not allow you to post here.');
  expect(notice.content['m.relates_to']).toMatchObject({ 'm.in_reply_to': { event_id: eventId } });
});

test('what is read here is read in Slack', async () => {
  const ts = slack.ann.post(slack.general, 'read me');
  const { event_id: eventId } = await arrival(general, 'read me');
  await call('POST', roomPath(general, `receipt/m.read/${encodeURIComponent(eventId)}`), {});
  await waitFor('the read mark', () => slack.owner.lastRead(slack.general) === ts);
});

test('names, topics and people change along', async () => {
  slack.owner.setTopic(slack.general, 'Plans & more');
  slack.owner.renameChannel(slack.general, 'plans');
  slack.ann.setProfile({ displayName: 'Annie' });
  await waitFor('the topic', async () => {
    const { topic } = await call<{ topic: string }>('GET', roomPath(general, 'state/m.room.topic/')).catch(
      () => ({ topic: '' }),
    );
    return topic === 'Plans & more';
  });
  await waitFor('the name', () => joinedRoomNamed('plans'));
  const [ghost] = (await events(dm)).map((event) => event.sender);
  await waitFor('the person', async () => {
    const profile = await call<{ displayname: string }>(
      'GET',
      `v3/profile/${encodeURIComponent(ghost ?? '')}`,
    );
    return profile.displayname === 'Annie';
  });
});

test('a token that is revoked is told to the owner', async () => {
  slack.app.revoke(slack.owner);
  await waitFor('the invitation', async () => {
    const sync = await call<{ rooms?: { invite?: object } }>('GET', 'v3/sync?timeout=0');
    return JSON.stringify(sync.rooms?.invite ?? {}).includes('Slack bridge');
  });
  await send(general, text('nobody hears'));
  await arrival(general, '⚠️ Not sent: The login to this network no longer works.');
});
