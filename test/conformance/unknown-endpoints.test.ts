import { describe, expect } from 'vitest';
import { skip, test, testAnswersOf } from './lib/conformance-test.ts';
import { call } from './lib/http.ts';

async function expectUnknown(path: string, method = 'GET'): Promise<void> {
  const { status, body } = await call(method, path);
  expect([path, status, body.errcode]).toEqual([path, 404, 'M_UNRECOGNIZED']);
}

async function expectWrongMethod(method: string, path: string): Promise<void> {
  const { status, body } = await call(method, path);
  expect([method, path, status, body.errcode]).toEqual([method, path, 405, 'M_UNRECOGNIZED']);
}

describe('TestUnknownEndpoints', () => {
  test('Unknown prefix', async () => {
    await expectUnknown('/_matrix/unknown');
  });

  test('Client-server endpoints', async () => {
    await expectUnknown('/_matrix/client/unknown');
    await expectUnknown('/_matrix/client/v3/unknown');
    // Old and new versions of what is known.
    await expectUnknown('/_matrix/client/v99/login', 'POST');
    await expectWrongMethod('PATCH', '/_matrix/client/v3/login');
  });

  test('Media endpoints', async () => {
    await expectUnknown('/_matrix/media/unknown');
    await expectUnknown('/_matrix/media/v3/unknown');
    await expectWrongMethod('PATCH', '/_matrix/media/v3/upload');
  });

  test('Server-server endpoints', async () => {
    await expectUnknown('/_matrix/federation/unknown');
    await expectUnknown('/_matrix/federation/v1/unknown');
    if ((await call('GET', '/_matrix/federation/v1/version')).status !== 200) skip('there is no federation');
    await expectWrongMethod('PATCH', '/_matrix/federation/v1/version');
  });

  test('Key endpoints', async () => {
    await expectUnknown('/_matrix/key/unknown');
    await expectUnknown('/_matrix/key/v2/unknown');
    if ((await call('GET', '/_matrix/key/v2/server')).status !== 200) skip('there is no federation');
    await expectWrongMethod('PATCH', '/_matrix/key/v2/query');
  });
});

testAnswersOf('unknown_endpoints');
