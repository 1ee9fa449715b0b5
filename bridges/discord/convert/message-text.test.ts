import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MxcUri } from '../../../matrix/identifiers.ts';
import { parseMessage } from '../discord-message.ts';
import { attachmentContent, attachmentLink } from './attachment-content.ts';
import { messageText, textsOf } from './message-text.ts';
import type { Names } from './names.ts';

const names: Names = { users: new Map(), roles: new Map(), channels: new Map(), serverName: 'roost.test' };
const message = (more: object) => parseMessage({ id: '1', channel_id: '2', type: 0, content: '', ...more });
const text = (more: object) => messageText(message(more), names);

describe('texts', () => {
  test('plain text has no HTML', () => {
    expect(text({ content: 'just\ntext & more' })).toEqual({ msgtype: 'm.text', body: 'just\ntext & more' });
  });

  test('an embed that somebody composed', () => {
    const embed = {
      type: 'rich',
      title: 'Build <1>',
      url: 'https://ci.test/1',
      author: { name: 'CI\u202e' },
      description: 'It **failed**',
      fields: [{ name: 'Branch', value: '`main`' }],
      image: { url: 'https://ci.test/1.png' },
      footer: { text: 'just now' },
    };
    expect(text({ content: 'look', embeds: [embed] })).toEqual({
      msgtype: 'm.text',
      body:
        'look\n> CI\n> **Build <1> (https://ci.test/1)**\n> It **failed**\n> **Branch**\n> `main`\n' +
        '> https://ci.test/1.png\n> just now',
      format: 'org.matrix.custom.html',
      formatted_body:
        'look<blockquote>CI<br><strong><a href="https://ci.test/1">Build &lt;1&gt;</a></strong><br>' +
        'It <strong>failed</strong><br><strong>Branch</strong><br><code>main</code><br>' +
        '<a href="https://ci.test/1.png">https://ci.test/1.png</a><br>just now</blockquote>',
    });
  });

  test('previews of links, bad addresses and addresses of Matrix are not shown as links', () => {
    const preview = { type: 'link', title: 'A page', url: 'https://a.test' };
    expect(text({ content: 'https://a.test', embeds: [preview] })?.body).toBe('https://a.test');
    const evil = {
      type: 'rich',
      title: 'x',
      url: 'javascript:alert(1)',
      author: { name: 'y', url: 'https://matrix.to/#/@z:x' },
    };
    expect(text({ embeds: [evil] })?.formatted_body).not.toContain('href');
  });

  test('forwards, polls and animations', () => {
    const snapshot = { message: { content: '*old*', attachments: [], embeds: [] } };
    expect(text({ message_snapshots: [snapshot] })).toMatchObject({
      body: 'Forwarded\n> *old*',
      formatted_body: '<em>Forwarded</em><blockquote><em>old</em></blockquote>',
    });
    const poll = {
      question: { text: 'Tea?' },
      answers: [{ poll_media: { text: 'Yes' } }, { poll_media: { text: 'No' } }],
    };
    expect(text({ poll })?.body).toBe('📊 Tea?\n○ Yes\n○ No');
    expect(text({ sticker_items: [{ id: '3', name: 'Wave', format_type: 3 }] })?.body).toBe(
      '[sticker: Wave]',
    );
  });

  test('what Discord tells itself is a notice, or nothing', () => {
    expect(text({ type: 7 })).toMatchObject({ msgtype: 'm.notice', body: 'joined the server' });
    expect(text({ type: 18, content: 'Talk' })?.body).toBe('started a thread: Talk');
    expect(text({ type: 4, content: 'new name' })).toBeUndefined();
  });

  test('all texts are looked through for mentions', () => {
    const embed = { description: '<@1>', fields: [{ name: 'a', value: '<@2>' }] };
    expect(textsOf(message({ content: 'c', embeds: [embed] }))).toEqual(['c', '<@1>', 'a', '<@2>']);
  });

  test('malformed parts are as if they were not there', () => {
    fc.assert(
      fc.property(
        fc.record({
          content: fc.anything(),
          embeds: fc.anything(),
          attachments: fc.anything(),
          poll: fc.anything(),
          mentions: fc.anything(),
        }),
        (more) => {
          expect(() => text(more)).not.toThrow();
        },
      ),
    );
  });
});

describe('files', () => {
  const attachment = message({
    attachments: [
      {
        id: '5',
        filename: 'SPOILER_cat.png',
        url: 'https://cdn.discordapp.com/a/b/cat.png?ex=1&hm=2',
        size: 10,
        content_type: 'image/png; charset=x',
        width: 3,
        height: 4,
        description: 'A cat',
      },
    ],
  }).attachments[0];
  if (!attachment) throw new Error('the attachment is malformed');

  test('a picture', () => {
    expect(attachmentContent(attachment, 'mxc://roost.test/x' as MxcUri, false)).toEqual({
      msgtype: 'm.image',
      body: 'A cat',
      filename: 'cat.png',
      url: 'mxc://roost.test/x',
      info: { mimetype: 'image/png', size: 10, w: 3, h: 4 },
      'page.codeberg.everypizza.msc4193.spoiler': true,
    });
  });

  test('a voice message', () => {
    const voice = { ...attachment, filename: 'voice.ogg', content_type: 'audio/ogg', duration_secs: 1.5 };
    expect(attachmentContent(voice, 'mxc://roost.test/x' as MxcUri, true)).toMatchObject({
      msgtype: 'm.audio',
      'org.matrix.msc3245.voice': {},
      'org.matrix.msc1767.audio': { duration: 1500 },
    });
  });

  test('a link stands in for one that cannot be had', () => {
    expect(attachmentLink({ ...attachment, filename: '<b>\u202egnp.exe' })).toMatchObject({
      formatted_body:
        '📎 <a href="https://cdn.discordapp.com/a/b/cat.png?ex=1&amp;hm=2">&lt;b&gt; gnp.exe</a>',
    });
  });
});
