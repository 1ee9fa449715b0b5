import { describe, expect } from 'vitest';
import { shared, skip, test, testAnswersOf } from './lib/conformance-test.ts';
import { call } from './lib/http.ts';
import { download, downloadFormerly, pathOf } from './lib/media.ts';
import { newUser } from './lib/register.ts';

const bytes = new TextEncoder().encode('uploaded later');

describe('TestAsyncUpload', () => {
  const created = shared(async () => {
    const user = await newUser();
    const answer = await user.ok<{ content_uri: string }>('POST', '/_matrix/media/v1/create', {});
    return { user, uri: answer.content_uri };
  });

  const uploaded = shared(async () => {
    const { user, uri } = await created();
    const answer = await call('PUT', `/_matrix/media/v3/upload/${pathOf(uri)}`, {
      token: user.accessToken,
      raw: bytes,
      contentType: 'text/plain',
    });
    return { user, uri, answer };
  });

  test('Create media', async () => {
    expect((await created()).uri).toMatch(/^mxc:\/\/[^/]+\/[\w-]+$/);
  });

  test('Not yet uploaded', async () => {
    const { user, uri } = await created();
    const answer = await call('GET', `/v1/media/download/${pathOf(uri)}`, {
      token: user.accessToken,
      query: { timeout_ms: 1 },
    });
    expect([answer.status, answer.body.errcode]).toEqual([504, 'M_NOT_YET_UPLOADED']);
  });

  test('Upload media', async () => {
    expect((await uploaded()).answer.status).toBe(200);
  });

  test('Cannot upload to a media ID that has already been uploaded to', async () => {
    const { user, uri } = await uploaded();
    const again = await call('PUT', `/_matrix/media/v3/upload/${pathOf(uri)}`, {
      token: user.accessToken,
      raw: bytes,
      contentType: 'text/plain',
    });
    expect([again.status, again.body.errcode]).toEqual([409, 'M_CANNOT_OVERWRITE_MEDIA']);
  });

  test('Download media', async () => {
    const { uri } = await uploaded();
    const answer = await downloadFormerly(uri);
    if (answer.status === 404) skip('media are served to the authenticated alone');
    expect(answer.bytes).toEqual(bytes);
  });

  test('Download media over /_matrix/client/v1/media/download', async () => {
    const { user, uri } = await uploaded();
    const answer = await download(user, uri);
    expect(answer.status).toBe(200);
    expect(answer.bytes).toEqual(bytes);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  });

  test('Nobody else uploads to it', async () => {
    const { user } = await created();
    const { content_uri: uri } = await user.ok<{ content_uri: string }>(
      'POST',
      '/_matrix/media/v1/create',
      {},
    );
    const stranger = await newUser('stranger');
    const answer = await call('PUT', `/_matrix/media/v3/upload/${pathOf(uri)}`, {
      token: stranger.accessToken,
      raw: bytes,
      contentType: 'text/plain',
    });
    expect([answer.status, answer.body.errcode]).toEqual([403, 'M_FORBIDDEN']);
  });
});

testAnswersOf('media_async_uploads');
