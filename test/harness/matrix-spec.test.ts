/** The checks must fail where they should: each case here is right but for one thing. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { ViolationLog } from '../../bridges/testing/spec-validation/violations.ts';
import { checkMatrixAnswer, KeptAnswers } from './matrix-spec.ts';

function check(
  method: string,
  pathname: string,
  status: number,
  body: unknown,
  contentType = 'application/json',
) {
  const log = new ViolationLog();
  checkMatrixAnswer(log, { method, pathname, status, contentType, text: () => JSON.stringify(body) });
  return log.all.map((violation) => `${violation.operation}: ${violation.message}`);
}

const login = { user_id: '@ann:example.org', access_token: 'x', device_id: 'D' };

test('successes: missing and ill-typed fields, statuses that there are not, other types', () => {
  const path = '/_matrix/client/v3/login';
  expect(check('POST', path, 200, login)).toEqual([]);
  expect(check('POST', path, 200, { ...login, device_id: 1 })).toEqual([
    expect.stringContaining('/device_id'),
  ]);
  expect(check('POST', path, 200, { ...login, device_id: undefined })).toEqual([
    expect.stringContaining('device_id'),
  ]);
  expect(check('POST', path, 201, login)).toEqual(['login: has no answer 201']);
  expect(check('POST', path, 200, login, 'text/html')).toEqual([expect.stringContaining('not JSON')]);
});

test('refusals: every error has a code, also where no such status is described', () => {
  const path = '/_matrix/client/v3/rooms/%21x/messages';
  expect(check('GET', path, 403, { errcode: 'M_FORBIDDEN', error: 'No' })).toEqual([]);
  expect(check('GET', path, 418, { errcode: 'M_TEAPOT' })).toEqual([]);
  expect(check('GET', path, 418, { error: 'No' })).toEqual([expect.stringContaining('errcode')]);
  const uia = { flows: [{ stages: ['m.login.password'] }], session: 's', params: {} };
  expect(check('POST', '/_matrix/client/v3/keys/device_signing/upload', 401, uia)).toEqual([]);
  expect(check('POST', '/_matrix/client/v3/keys/device_signing/upload', 401, { flows: 'none' })).toHaveLength(
    1,
  );
});

test('events inside of answers are checked too', () => {
  const path = '/_matrix/client/v3/rooms/%21x/event/%24y';
  const event = {
    type: 'm.room.message',
    event_id: '$y',
    room_id: '!x',
    sender: '@ann:example.org',
    origin_server_ts: 1,
    content: {},
  };
  expect(check('GET', path, 200, event)).toEqual([]);
  expect(check('GET', path, 200, { ...event, sender: undefined })).toEqual([
    expect.stringContaining('sender'),
  ]);
  expect(check('GET', path, 200, { ...event, room_id: 'x' })).toEqual([expect.stringContaining('/room_id')]);
});

test('members may have null for a name and a picture, and nothing else of the wrong type', () => {
  const path = '/_matrix/client/v3/rooms/%21x/joined_members';
  const answer = (member: unknown) => ({ joined: { '@ann:example.org': member } });
  expect(check('GET', path, 200, answer({ display_name: null, avatar_url: null }))).toEqual([]);
  expect(check('GET', path, 200, answer({ display_name: 1, avatar_url: null }))).toEqual([
    expect.stringContaining('/display_name'),
  ]);
  expect(check('GET', path, 200, answer({ display_name: null, avatar_url: 'https://x' }))).toEqual([
    expect.stringContaining('/avatar_url'),
  ]);
  expect(check('GET', path, 200, answer(null))).toHaveLength(1);
  expect(check('GET', '/_matrix/client/v3/profile/@a:b', 200, { avatar_url: null })).toHaveLength(1);
});

test('what the description does not know passes', () => {
  expect(check('GET', '/_matrix/client/unstable/org.example/thing', 200, [])).toEqual([]);
});

test('a client whose answers are kept sees the same ones', async () => {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end('{"versions": "none"}');
  });
  try {
    const answers = new KeptAnswers();
    answers.keep();
    const response = await answers.fetch(`${await listen(server)}/_matrix/client/versions`);
    expect(await response.json()).toEqual({ versions: 'none' });
    expect((await answers.check()).all).toHaveLength(1);
    expect((await answers.check()).all).toEqual([]);
  } finally {
    server.close();
  }
});

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}
