import { describe, expect, test } from 'vitest';
import type { ClientEvent } from '../../../matrix/events.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { type MatrixConversion, Refusal } from '../../core/network-client.ts';
import { asChatId, asRemoteUserId } from '../../core/remote-ids.ts';
import { eventToDiscord } from './event-to-discord.ts';

const context: MatrixConversion = {
  remoteUserOf: async (userId) => (userId === '@discord_1:roost.test' ? asRemoteUserId('1') : undefined),
  remoteChatOf: async (room) => (room === '#lobby:roost.test' ? asChatId('3') : undefined),
  remoteMessageOf: () => undefined,
  download: () => Promise.reject(new Error('not here')),
};

const convert = (content: JsonObject, type = 'm.room.message') =>
  eventToDiscord(
    {
      event: { type } as ClientEvent,
      content,
      sender: { userId: '@olive:roost.test' as never, isLoginOwner: false, displayName: 'Olive' },
    },
    context,
  );
const html = (formatted_body: string, more: JsonObject = {}) =>
  convert({ msgtype: 'm.text', body: 'x', format: 'org.matrix.custom.html', formatted_body, ...more });

describe('texts', () => {
  test('pings whom the event mentions, if Discord knows them', async () => {
    const content = {
      'm.mentions': { user_ids: ['@discord_1:roost.test', '@other:x', 5], room: true },
    } as JsonObject;
    const pill = '<a href="https://matrix.to/#/%40discord_1%3Aroost.test">D</a>';
    expect(
      await html(`${pill} in <a href="https://matrix.to/#/%23lobby:roost.test">#lobby</a>`, content),
    ).toEqual([{ kind: 'text', content: '<@1> in <#3>', mentions: ['1'] }]);
    expect(await html(pill)).toMatchObject([{ mentions: [] }]);
  });

  test('an emote is in italics', async () => {
    expect(await convert({ msgtype: 'm.emote', body: 'waves_' })).toMatchObject([{ content: '*waves\\_*' }]);
  });

  test('long texts are split, with room for a reply’s first line', async () => {
    const body = 'word '.repeat(1_000);
    const parts = await convert({ msgtype: 'm.text', body });
    expect(parts.map(({ content }) => content.length <= 1_900)).toEqual([true, true, true]);
    const reply = await convert({
      msgtype: 'm.text',
      body,
      'm.relates_to': { 'm.in_reply_to': { event_id: '$x' } },
    });
    expect(Math.max(...reply.map(({ content }) => content.length))).toBeLessThanOrEqual(1_600);
  });

  test('a place is a link to a map', async () => {
    expect(
      await convert({ msgtype: 'm.location', body: 'Here', geo_uri: 'geo:51.5,-0.1;u=5' }),
    ).toMatchObject([{ content: '📍 Here\nhttps://www.openstreetmap.org/?mlat=51.5&mlon=-0.1' }]);
  });

  test('nothing is posted for nothing', async () => {
    expect(await convert({ msgtype: 'm.text', body: ' \n' })).toEqual([]);
    expect(await convert({ msgtype: 'm.text', body: 5 })).toEqual([]);
  });
});

describe('files', () => {
  test('with a caption, which is what the body is when a file name is there', async () => {
    const content = {
      msgtype: 'm.image',
      body: '*look*',
      filename: 'a.png',
      url: 'mxc://r/x',
      info: { mimetype: 'image/png' },
    };
    expect(await convert(content)).toEqual([
      {
        kind: 'file',
        mxc: 'mxc://r/x',
        fileName: 'a.png',
        contentType: 'image/png',
        content: '\\*look\\*',
        mentions: [],
      },
    ]);
  });

  test.each([
    ['../../etc/passwd', '_.._etc_passwd'],
    ['a\u202egnp.exe', 'a gnp.exe'],
    ['a"\r\n; x=".txt', 'a_ ; x=_.txt'],
    ['', 'file'],
    ['...', 'file'],
  ])('the name %j becomes %j', async (body, fileName) => {
    expect(await convert({ msgtype: 'm.file', body, url: 'mxc://r/x' })).toMatchObject([
      { fileName, content: '' },
    ]);
  });

  test('spoilers are marked as Discord does it', async () => {
    const spoiler = { 'page.codeberg.everypizza.msc4193.spoiler': true };
    const content = { msgtype: 'm.image', body: 'a.png', url: 'mxc://r/x', ...spoiler };
    expect(await convert(content)).toMatchObject([{ fileName: 'SPOILER_a.png' }]);
  });

  test('stickers are pictures', async () => {
    expect(await convert({ body: 'Wave', url: 'mxc://r/x' }, 'm.sticker')).toMatchObject([
      { kind: 'file', fileName: 'Wave' },
    ]);
  });

  test.each([
    [{ msgtype: 'm.file', body: 'a', file: { url: 'mxc://r/x' } }],
    [{ msgtype: 'm.file', body: 'a', url: 'mxc://r/x', info: { size: 10_485_761 } }],
  ])('encrypted and too large ones are refused', async (content) => {
    await expect(convert(content as JsonObject)).rejects.toBeInstanceOf(Refusal);
  });
});
