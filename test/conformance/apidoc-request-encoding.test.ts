import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { call } from './lib/http.ts';
import { newUser } from './lib/register.ts';

describe('TestRequestEncodingFails', () => {
  test('POST rejects invalid utf-8 in JSON', async () => {
    const user = await newUser();
    const raw = Buffer.concat([Buffer.from('{"name": "'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const answer = await call('POST', '/v3/createRoom', { token: user.accessToken, raw });
    expect([answer.status, answer.body.errcode]).toEqual([400, 'M_NOT_JSON']);
  });

  test('POST rejects what is no JSON, and JSON that is no object', async () => {
    const user = await newUser();
    for (const [raw, errcode] of [
      ['{"name": ', 'M_NOT_JSON'],
      ['[]', 'M_BAD_JSON'],
    ] as const) {
      const answer = await call('POST', '/v3/createRoom', { token: user.accessToken, raw });
      expect(answer.status).toBe(400);
      // Servers differ in what they call the latter.
      expect([errcode, 'M_NOT_JSON']).toContain(answer.body.errcode);
    }
  });
});

testAnswersOf('apidoc_request_encoding');
