/** The checks must fail where they should: each case here is right but for one thing. */
import { expect, test } from 'vitest';
import type { LoopbackRequest } from '../loopback/loopback-server.ts';
import { checkDispatch } from './discord-gateway.ts';
import { checkRestError, checkRestRequest, checkRestResponse } from './discord-rest.ts';
import { richTextErrors } from './rich-text-schema.ts';
import { checkEventEnvelope } from './slack-events.ts';
import { checkWebApiRequest, checkWebApiResponse } from './slack-web-api.ts';
import { ViolationLog } from './violations.ts';

function violationsOf(check: (log: ViolationLog) => void): string[] {
  const log = new ViolationLog();
  check(log);
  return log.all.map((violation) => violation.message);
}

const message = {
  type: 'message',
  user: 'U0000001',
  text: 'x',
  ts: '1700000000.000100',
  channel: 'C0000001',
};

function envelope(event: object): Record<string, unknown> {
  return {
    token: 't',
    team_id: 'T0000001',
    api_app_id: 'A0000001',
    event: { event_ts: '1700000000.000100', ...event },
    type: 'event_callback',
    event_id: 'Ev0000001',
    event_time: 1_700_000_000,
    authorizations: [],
  };
}

test('Slack events: unknown fields, wrong types, float timestamps and unknown events are found', () => {
  const check = (event: object) => violationsOf((log) => checkEventEnvelope(log, envelope(event)));
  expect(check(message)).toEqual([]);
  expect(check({ ...message, colour: 'red' })).toEqual(['/event/colour never occurs']);
  expect(check({ ...message, ts: 1700000000.0001 })).toEqual([expect.stringContaining('is no timestamp')]);
  expect(check({ ...message, files: [{ id: 'F1', sise: 1 }] })).toEqual(['/event/files/0/sise never occurs']);
  expect(check({ type: 'typing' })).toEqual(['no sample of this event']);
  const { event_id: _, ...incomplete } = envelope(message);
  expect(violationsOf((log) => checkEventEnvelope(log, incomplete))).toEqual([
    expect.stringContaining('event_id'),
  ]);
});

test('Slack events: the metadata of a message is shown whole, wherever the message is, and has no other fields', () => {
  const check = (event: object) => violationsOf((log) => checkEventEnvelope(log, envelope(event)));
  const metadata = { event_type: 'roost_message', event_payload: { id: 'abc' } };
  const marked = { ...message, metadata };
  expect(check(marked)).toEqual([]);
  const changed = { type: 'message', subtype: 'message_changed', channel: message.channel, ts: message.ts };
  expect(check({ ...changed, message: marked, previous_message: marked })).toEqual([]);
  expect(check({ ...message, metadata: { ...metadata, colour: 'red' } })).toEqual([
    '/event/metadata/colour never occurs',
  ]);
});

test('Slack calls: unknown, missing and ill-typed arguments, and blocks in them', () => {
  const check = (args: Record<string, unknown>) =>
    violationsOf((log) => checkWebApiRequest(log, 'chat.postMessage', args));
  expect(check({ channel: 'C1', text: 'x' })).toEqual([]);
  expect(check({ text: 'x' })).toEqual(['misses argument "channel"']);
  expect(check({ channel: 'C1', nonce: 'x' })).toEqual(['has no argument "nonce"']);
  expect(check({ channel: 'C1', reply_broadcast: 'yes' })).toEqual([
    'argument "reply_broadcast" is no boolean: yes',
  ]);
  const blocks = JSON.stringify([
    { type: 'rich_text', elements: [{ type: 'rich_text_table', elements: [] }] },
  ]);
  expect(check({ channel: 'C1', blocks })).toEqual([expect.stringContaining('blocks:')]);
  expect(violationsOf((log) => checkWebApiRequest(log, 'chat.shout', {}))).toHaveLength(1);
});

test('Slack answers: fields, and error codes of the method', () => {
  const check = (body: Record<string, unknown>) =>
    violationsOf((log) => checkWebApiResponse(log, 'reactions.add', body));
  expect(check({ ok: true })).toEqual([]);
  expect(check({ ok: true, reaction: 'x' })).toEqual(['/reaction never occurs']);
  expect(check({ ok: false, error: 'already_reacted' })).toEqual([]);
  expect(check({ ok: false, error: 'cant_update_message' })).toHaveLength(1);
});

test('rich text: styles, lists, mentions and code as Slack takes them', () => {
  const section = (element: object) => [
    { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [element] }] },
  ];
  expect(richTextErrors(section({ type: 'text', text: 'x', style: { bold: true } }))).toBeUndefined();
  expect(richTextErrors(section({ type: 'text', text: 'x', style: { blink: true } }))).toContain('blink');
  expect(richTextErrors(section({ type: 'text', text: '' }))).toContain('fewer than 1');
  expect(richTextErrors(section({ type: 'user', user_id: '@ann' }))).toContain('pattern');
  expect(richTextErrors(section({ type: 'broadcast', range: 'room' }))).toContain('range');
  const list = (item: object, extra = {}) => [
    {
      type: 'rich_text',
      elements: [{ type: 'rich_text_list', style: 'bullet', elements: [item], ...extra }],
    },
  ];
  const item = { type: 'rich_text_section', elements: [] };
  expect(richTextErrors(list(item, { indent: 1 }))).toBeUndefined();
  expect(richTextErrors(list({ type: 'text', text: 'x' }))).toBeDefined();
  expect(richTextErrors(list(item, { indent: 9 }))).toContain('indent');
});

function request(path = '/', userAgent = 'DiscordBot (https://roost.test, 1.0)'): LoopbackRequest {
  const url = new URL(path, 'http://127.0.0.1');
  return { method: 'POST', url, headers: { 'user-agent': userAgent }, body: Buffer.from('{}') };
}

test('Discord requests are closed, though the document’s objects are open', () => {
  const check = (operationId: string, body: object, sent = request()) =>
    violationsOf((log) => checkRestRequest(log, { operationId }, sent, body));
  expect(check('create_message', { content: 'x', nonce: 'n', enforce_nonce: true })).toEqual([]);
  expect(check('create_message', { contents: 'x' })).toEqual([expect.stringContaining('contents')]);
  expect(check('create_message', { embeds: [{ titel: 'x' }] })).toEqual([expect.stringContaining('titel')]);
  expect(check('create_message', { embeds: Array.from({ length: 11 }, () => ({})) })).toHaveLength(1);
  expect(check('create_message', { content: 'x', nonce: 'n'.repeat(26) })).toHaveLength(1);
  // A webhook takes neither nonce nor reply, and no long name, whatever its union allows.
  expect(check('execute_webhook', { content: 'x', nonce: 'n' })).toEqual([expect.stringContaining('nonce')]);
  expect(check('execute_webhook', { content: 'x', username: 'n'.repeat(81) })).toHaveLength(1);
  expect(check('execute_webhook', { content: 'x' }, request('/?waited=true'))).toHaveLength(1);
  expect(check('create_message', { content: 'x' }, request('/', 'Roost/1.0'))).toEqual([
    expect.stringContaining('User-Agent'),
  ]);
});

test('Discord answers, refusals and dispatches', () => {
  const user = { id: '1', username: 'ann', avatar: null, discriminator: '0', public_flags: 0, flags: 0 };
  const whole = { ...user, global_name: null, primary_guild: null };
  const answer = (status: number, body: unknown) =>
    violationsOf((log) => checkRestResponse(log, 'get_user', { status, body }));
  expect(answer(200, whole)).toEqual([]);
  expect(answer(200, user)).toEqual([expect.stringContaining('global_name')]);
  expect(answer(201, whole)).toEqual(['has no answer 201']);
  const refusal = (body: Record<string, unknown>) =>
    violationsOf((log) => checkRestError(log, 'get_user', body));
  expect(refusal({ code: 10013, message: 'Unknown User' })).toEqual([]);
  expect(refusal({ code: '10013', message: 'Unknown User' })).toHaveLength(1);
  expect(refusal({ code: 50035, message: 'x', errors: { content: { _errors: ['too long'] } } })).toHaveLength(
    1,
  );
  const dispatch = (event: string, data: Record<string, unknown>) =>
    violationsOf((log) => checkDispatch(log, event, data));
  expect(dispatch('MESSAGE_DELETE', { id: '1', channel_id: '2' })).toEqual([]);
  expect(dispatch('MESSAGE_DELETE', { id: '1' })).toEqual(['misses channel_id']);
  expect(dispatch('MESSAGE_CREATE', { id: '1', content: 'x' })).toHaveLength(1);
});
