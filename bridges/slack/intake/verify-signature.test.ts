import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { verifySignature } from './verify-signature.ts';

const secret = '8f742231b10e8888abcd99yyyzzz85a5';
const body = Buffer.from('{"type":"event_callback","text":"grüße"}');
const nowMs = 1_700_000_000_000;

function signed(timestamp: string, bytes: Uint8Array = body, key = secret): Headers {
  const mac = createHmac('sha256', key).update(`v0:${timestamp}:`).update(bytes).digest('hex');
  return new Headers({ 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${mac}` });
}

test('the example of the documentation verifies', () => {
  const text =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V' +
    '&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=' +
    '&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN' +
    '&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
  const headers = new Headers({
    'x-slack-request-timestamp': '1531420618',
    'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  });
  expect(verifySignature(secret, headers, Buffer.from(text), 1_531_420_618_000)).toBe('valid');
});

test('what Slack did not sign, or signed too long ago or ahead of time, is refused', () => {
  expect(verifySignature(secret, signed('1700000000'), body, nowMs)).toBe('valid');
  expect(verifySignature(secret, signed('1699999700'), body, nowMs)).toBe('valid');
  expect(verifySignature(secret, signed('1699999699'), body, nowMs)).toBe('stale');
  expect(verifySignature(secret, signed('1700000301'), body, nowMs)).toBe('stale');
  expect(verifySignature(secret, signed('1700000000'), Buffer.from('{}'), nowMs)).toBe('wrong');
  expect(verifySignature(secret, signed('1700000000', body, 'other'), body, nowMs)).toBe('wrong');
  expect(verifySignature('', signed('1700000000', body, ''), body, nowMs)).toBe('missing');
  expect(verifySignature(secret, new Headers(), body, nowMs)).toBe('missing');
  for (const timestamp of ['', ' 1700000000x', '1.7e9', '-1700000000', 'NaN', '0x6553f100']) {
    expect(verifySignature(secret, signed(timestamp), body, nowMs)).toBe('missing');
  }
  const v1 = new Headers(signed('1700000000'));
  v1.set('x-slack-signature', (v1.get('x-slack-signature') ?? '').replace('v0=', 'v1='));
  expect(verifySignature(secret, v1, body, nowMs)).toBe('missing');
});
