import { expect } from 'vitest';
import { skip, test, testAnswersOf } from './lib/conformance-test.ts';
import { call } from './lib/http.ts';
import { download, upload } from './lib/media.ts';
import { newUser } from './lib/register.ts';

const bytes = new TextEncoder().encode('Hello, media repository!');

test('TestContent', async () => {
  const user = await newUser();
  const uri = await upload(user, bytes, { contentType: 'text/plain' });
  const answer = await call('GET', `/_matrix/media/v3/download/${uri.slice('mxc://'.length)}`);
  if (answer.status === 404) skip('media are served to the authenticated alone');
  expect(answer.status).toBe(200);
  expect(answer.bytes).toEqual(bytes);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
});

test('TestContentCSAPIMediaV1', async () => {
  const user = await newUser();
  const uri = await upload(user, bytes, { contentType: 'text/plain' });
  const answer = await download(user, uri);
  expect(answer.status).toBe(200);
  expect(answer.bytes).toEqual(bytes);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
});

test('Authenticated media are for the authenticated alone', async () => {
  const user = await newUser();
  const uri = await upload(user, bytes, { contentType: 'text/plain' });
  const answer = await call('GET', `/v1/media/download/${uri.slice('mxc://'.length)}`);
  expect([answer.status, answer.body.errcode]).toEqual([401, 'M_MISSING_TOKEN']);
});

testAnswersOf('apidoc_content');
