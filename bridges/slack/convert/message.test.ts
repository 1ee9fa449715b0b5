import { expect, test } from 'vitest';
import type { ClientEvent } from '../../../matrix/events.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { MatrixConversion, RemoteConversion } from '../../core/network-client.ts';
import { Refusal } from '../../core/network-client.ts';
import { parseMessage } from '../slack-message.ts';
import { eventToSlack } from './event-to-slack.ts';
import { messageToMatrix } from './message-to-matrix.ts';

const context = {
  userIdOf: async (userId: string) => `@slack_${userId.toLowerCase()}:roost.test`,
  displayNameOf: async () => 'Ann',
  chat: async (chatId: string) =>
    chatId === 'T1-C1' ? { roomId: '!room:roost.test', name: 'general' } : undefined,
  eventIdOf: () => undefined,
} as unknown as RemoteConversion;

async function toMatrix(message: object, sentParts: string[] = []) {
  const parsed = parseMessage({ ts: '1700000000.000001', ...message });
  if (!parsed) throw new Error('no message');
  const files: string[] = [];
  const { parts } = await messageToMatrix({
    teamId: 'T1',
    message: parsed,
    sentParts,
    context,
    usergroupName: async () => 'crew',
    convertFile: async (file) => {
      files.push(file.id);
      return { msgtype: 'm.file', body: file.name ?? '' };
    },
  });
  return { parts, files };
}

test('plain text stays plain; mentions are named, linked and counted', async () => {
  const plain = await toMatrix({ text: 'a &amp; b\nc' });
  expect(plain.parts).toEqual([
    { part: '', type: 'm.room.message', content: { msgtype: 'm.text', body: 'a & b\nc', 'm.mentions': {} } },
  ]);
  const { parts } = await toMatrix({ text: '<@U2> <#C1> <#C2|secret> <!subteam^S1> <!channel>' });
  expect(parts[0]?.content).toMatchObject({
    body: 'Ann #general #C2 @crew @channel',
    'm.mentions': { user_ids: ['@slack_t1-u2:roost.test'], room: true },
  });
});

test('emotes, attachments without previews, block kit', async () => {
  expect((await toMatrix({ subtype: 'me_message', text: 'waves' })).parts[0]?.content.msgtype).toBe(
    'm.emote',
  );
  const attachments = [
    { from_url: 'https://x.test', title: 'preview' },
    {
      pretext: 'Build',
      title: 'failed <b>',
      title_link: 'https://ci.test/1',
      text: '*2* errors',
      fields: [{ title: 'Branch', value: 'main' }],
    },
  ];
  const { parts } = await toMatrix({ subtype: 'bot_message', text: '', attachments });
  expect(parts[0]?.content.formatted_body).toBe(
    '<blockquote>Build<br><strong><a href="https://ci.test/1">failed &lt;b&gt;</a></strong><br><strong>2</strong> errors<br><strong>Branch</strong>: main</blockquote>',
  );
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: 'Lunch *now*' } },
    { type: 'section', text: { type: 'mrkdwn', text: '_Soup_' } },
    { type: 'divider' },
    { type: 'actions', elements: [{ type: 'button' }] },
  ];
  expect((await toMatrix({ text: 'fallback', blocks })).parts[0]?.content.formatted_body).toBe(
    '<strong>Lunch *now*</strong><br><em>Soup</em><br><hr>',
  );
});

test('files are parts of their own, and not brought again by an edit', async () => {
  const message = {
    text: 'look',
    files: [
      { id: 'F1', name: 'a.png' },
      { id: 'F2', name: 'b.png' },
    ],
  };
  const first = await toMatrix(message);
  expect(first.parts.map((part) => part.part)).toEqual(['', 'file-F1', 'file-F2']);
  const again = await toMatrix(message, ['', 'file-F1']);
  expect(again.files).toEqual(['F2']);
  expect(again.parts[1]).toMatchObject({ part: 'file-F1', isKept: true });
});

test('a thread message that was also sent to the channel is announced there', async () => {
  const { parts } = await toMatrix({
    subtype: 'thread_broadcast',
    text: 'done',
    thread_ts: '1600000000.000001',
  });
  expect(parts[1]).toMatchObject({
    part: 'broadcast',
    outsideThread: true,
    content: { msgtype: 'm.notice', body: 'Also sent to the channel: done' },
  });
});

const conversion = {
  remoteUserOf: async (userId: string) => (userId === '@ann:roost.test' ? 'T1-U2' : undefined),
  remoteChatOf: async (room: string) =>
    room === '#general:roost.test' ? 'T1-C1' : room === '#space:roost.test' ? 'T1' : undefined,
} as unknown as MatrixConversion;

const toSlack = (content: JsonObject, type = 'm.room.message') =>
  eventToSlack({ event: { type } as ClientEvent, content, sender: {} as never }, conversion);

test('pills become mentions, other links stay links', async () => {
  const pill = (target: string, text: string) =>
    `<a href="https://matrix.to/#/${encodeURIComponent(target)}">${text}</a>`;
  const html = `${pill('@ann:roost.test', 'Ann')} ${pill('#general:roost.test', '#general')} ${pill('#space:roost.test', 'Acme')}`;
  const [part] = await toSlack({
    msgtype: 'm.text',
    body: 'x',
    format: 'org.matrix.custom.html',
    formatted_body: html,
  });
  expect(part).toMatchObject({
    kind: 'text',
    text: '<@U2> <#C1> Acme',
    blocks: [
      {
        elements: [
          {
            elements: [
              { type: 'user', user_id: 'U2' },
              {},
              { type: 'channel', channel_id: 'C1' },
              {},
              { type: 'link' },
            ],
          },
        ],
      },
    ],
  });
});

test('emotes, places, files with captions; what Slack has not is refused', async () => {
  const [emote] = await toSlack({ msgtype: 'm.emote', body: 'waves' });
  expect(emote).toMatchObject({
    blocks: [{ elements: [{ elements: [{ text: 'waves', style: { italic: true } }] }] }],
  });
  const [place] = await toSlack({ msgtype: 'm.location', body: 'x', geo_uri: 'geo:52.5,13.4;u=10' });
  expect(place).toMatchObject({ text: 'Location: https://www.openstreetmap.org/?mlat=52.5&amp;mlon=13.4' });
  const file = { url: 'mxc://roost.test/abc', info: { mimetype: 'image/png', size: 5 } };
  expect(await toSlack({ msgtype: 'm.image', body: 'a caption', filename: 'cat', ...file })).toMatchObject([
    { kind: 'file', fileName: 'cat.png', contentType: 'image/png', caption: { text: 'a caption' } },
  ]);
  expect(await toSlack({ body: 'cat', ...file }, 'm.sticker')).toMatchObject([
    { fileName: 'cat.png', caption: undefined },
  ]);
  await expect(toSlack({ msgtype: 'm.file', body: 'x', file: {} })).rejects.toThrow(Refusal);
  await expect(toSlack({ msgtype: 'm.key.verification.request', body: 'x' })).rejects.toThrow(Refusal);
  expect(await toSlack({ msgtype: 'm.text', body: '' })).toEqual([]);
});
