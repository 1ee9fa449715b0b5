import { describe, expect, test } from 'vitest';
import { fetchRaw, registerUser, type Signed } from '../../../../test/harness/homeserver-worker.ts';
import {
  admin,
  as,
  enc,
  makeRoom,
  owner,
  say,
  testEnv,
  useAdministration,
  user,
} from './testing/administration.ts';

useAdministration();

async function upload(of: Signed, text: string, name = 'file.txt'): Promise<string> {
  const response = await fetchRaw(`/_matrix/media/v3/upload?filename=${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${of.accessToken}`, 'content-type': 'text/plain' },
    body: text,
  });
  const { content_uri: uri } = (await response.json()) as { content_uri: string };
  return uri.slice('mxc://roost.test/'.length);
}

async function download(mediaId: string, kind = 'download'): Promise<number> {
  const query = kind === 'thumbnail' ? '?width=32&height=32' : '';
  const response = await fetchRaw(`/_matrix/client/v1/media/${kind}/roost.test/${mediaId}${query}`, {
    headers: { authorization: `Bearer ${user.accessToken}` },
  });
  await response.arrayBuffer();
  return response.status;
}

const at = (mediaId: string) => `/v1/media/roost.test/${mediaId}`;
const of = (signed: Signed) => `/v1/users/${enc(signed.userId)}/media`;
const ids = (body: Record<string, unknown>) =>
  (body.media as { media_id: string }[]).map(({ media_id: id }) => id);
const blobs = async () => (await testEnv.MEDIA.list({ prefix: 'blobs/' })).objects.length;

test('the media of a user have pages and orders', async () => {
  const poster = await registerUser('poster');
  const [small, large] = [await upload(poster, 'x', 'b.txt'), await upload(poster, 'xxxxx', 'a.txt')];
  const listed = await admin('GET', `${of(poster)}?order_by=media_length`);
  expect(listed.body).toEqual({
    total: 2,
    media: [
      {
        media_id: small,
        media_type: 'text/plain',
        media_length: 1,
        upload_name: 'b.txt',
        created_ts: expect.any(Number),
        last_access_ts: null,
        quarantined_by: null,
        safe_from_quarantine: false,
      },
      expect.objectContaining({ media_id: large }),
    ],
  });
  expect(ids((await admin('GET', `${of(poster)}?order_by=upload_name`)).body)).toEqual([large, small]);
  const page = await admin('GET', `${of(poster)}?order_by=media_length&dir=b&limit=1`);
  expect(ids(page.body)).toEqual([large]);
  expect(page.body.next_token).toBe(1);
  expect((await admin('GET', `${of(poster)}?order_by=id`)).body.errcode).toBe('M_INVALID_PARAM');
  expect((await admin('GET', at(large))).body.media_info).toMatchObject({
    media_id: large,
    user_id: poster.userId,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect((await admin('GET', at('none'))).body.errcode).toBe('M_NOT_FOUND');
  const { body } = await admin(
    'GET',
    '/v1/statistics/users/media?order_by=media_length&dir=b&search_term=POSTER',
  );
  expect(body).toEqual({
    total: 1,
    users: [{ user_id: poster.userId, displayname: 'poster', media_count: 2, media_length: 6 }],
  });
  expect((await admin('GET', '/v1/statistics/users/media?until_ts=1')).body).toEqual({ total: 0, users: [] });
});

describe('quarantine', () => {
  const quarantine = (mediaId: string) => admin('POST', `/v1/media/quarantine/roost.test/${mediaId}`, {});
  const lift = (mediaId: string) => admin('POST', `/v1/media/unquarantine/roost.test/${mediaId}`, {});

  test('hides a file under whatever id, also when it is uploaded anew, until it is lifted', async () => {
    const first = await upload(user, 'bad');
    const second = await upload(owner, 'bad');
    const other = await upload(user, 'good');
    expect((await quarantine(first)).body).toEqual({});
    const third = await upload(owner, 'bad');
    for (const kind of ['download', 'thumbnail']) {
      for (const mediaId of [first, second, third]) expect(await download(mediaId, kind)).toBe(404);
    }
    expect(await download(other)).toBe(200);
    const { media_info: info } = (await admin('GET', at(second))).body;
    expect(info).toMatchObject({ quarantined_by: owner.userId });
    await lift(second);
    for (const mediaId of [first, second, third]) expect(await download(mediaId)).toBe(200);
  });

  test('passes by what is protected', async () => {
    const mediaId = await upload(user, 'protected');
    expect((await admin('POST', `/v1/media/protect/${mediaId}`, {})).body).toEqual({});
    await quarantine(mediaId);
    expect(await download(mediaId)).toBe(200);
    await admin('POST', `/v1/media/unprotect/${mediaId}`, {});
    await quarantine(mediaId);
    expect(await download(mediaId)).toBe(404);
    expect((await admin('POST', '/v1/media/protect/none', {})).body.errcode).toBe('M_NOT_FOUND');
  });

  test('takes all of a user, or of a room', async () => {
    const poster = await registerUser('quarantined');
    const [one, two] = [await upload(poster, 'q1'), await upload(poster, 'q2')];
    const roomId = await makeRoom(poster);
    await say(poster, roomId, { msgtype: 'm.image', body: 'one', url: `mxc://roost.test/${one}` });
    await say(poster, roomId, { msgtype: 'm.image', body: 'one', url: `mxc://roost.test/${one}` });
    await say(poster, roomId, {
      msgtype: 'm.image',
      body: 'x',
      url: 'mxc://elsewhere.test/x',
      info: { thumbnail_url: 5 },
    });
    await say(poster, roomId, { msgtype: 'm.image', body: 'x', url: 'https://elsewhere.test/x' });
    expect((await admin('GET', `/v1/room/${enc(roomId)}/media`)).body).toEqual({
      local: [`mxc://roost.test/${one}`],
      remote: ['mxc://elsewhere.test/x'],
      total: 1,
    });
    const ofRoom = await admin('POST', `/v1/room/${enc(roomId)}/media/quarantine`, {});
    expect(ofRoom.body).toEqual({ num_quarantined: 1 });
    expect([await download(one), await download(two)]).toEqual([404, 200]);
    const ofUser = await admin('POST', `/v1/user/${enc(poster.userId)}/media/quarantine`, {});
    expect(ofUser.body).toEqual({ num_quarantined: 1 });
    expect(await download(two)).toBe(404);
    expect((await admin('GET', `/v1/room/${enc('!nowhere:roost.test')}/media`)).status).toBe(404);
  });
});

describe('media of another server', () => {
  const key = 'elsewhere.test/picture';
  const at = '/v1/media/elsewhere.test/picture';
  const keep = () =>
    testEnv.DB.prepare(
      `INSERT INTO media (media_id, uploader, content_hash, content_type, size_bytes, created_ms)
       VALUES (?, 'elsewhere.test', 'aGFzaA', 'image/png', 5, 700000000000)`,
    )
      .bind(key)
      .run();

  test('are quarantined and deleted like ours, and nobody has uploaded them', async () => {
    await keep();
    expect((await admin('GET', at)).body.media_info).toMatchObject({
      media_origin: 'elsewhere.test',
      user_id: null,
      quarantined_by: null,
    });
    await admin('POST', '/v1/media/quarantine/elsewhere.test/picture', {});
    expect((await admin('GET', at)).body.media_info).toMatchObject({ quarantined_by: owner.userId });
    await admin('POST', '/v1/media/unquarantine/elsewhere.test/picture', {});
    const { body } = await admin('GET', '/v1/statistics/users/media?limit=1000');
    expect(JSON.stringify(body)).not.toContain('elsewhere.test');
    expect((await admin('DELETE', at)).body).toEqual({ deleted_media: [key], total: 1 });
  });

  test('are dropped apart from ours when they are old', async () => {
    await keep();
    const before = 'before_ts=800000000000';
    expect((await admin('POST', `/v1/media/delete?${before}`)).body.total).toBe(0);
    const dropped = await admin('POST', `/v1/purge_media_cache?${before}`);
    expect(dropped.body).toEqual({ deleted_media: [key], total: 1, deleted: 1 });
    expect((await admin('GET', at)).status).toBe(404);
  });
});

describe('deletion', () => {
  test('takes the file with the last media that has it', async () => {
    const before = await blobs();
    const [one, two] = [await upload(user, 'shared'), await upload(owner, 'shared')];
    expect((await admin('DELETE', at(one))).body).toEqual({ deleted_media: [one], total: 1 });
    expect([await download(one), await download(two), await blobs()]).toEqual([404, 200, before + 1]);
    await admin('DELETE', at(two));
    expect([await download(two), await blobs()]).toEqual([404, before]);
    expect((await admin('DELETE', at(two))).body.errcode).toBe('M_NOT_FOUND');
  });

  test('takes all that a user has uploaded', async () => {
    const poster = await registerUser('deleted');
    const mediaIds = [await upload(poster, 'd1'), await upload(poster, 'd2')];
    const { body } = await admin('DELETE', of(poster));
    expect(body).toEqual({ deleted_media: expect.arrayContaining(mediaIds), total: 2 });
    expect(ids((await admin('GET', of(poster))).body)).toEqual([]);
  });

  test('takes what is old and large, and leaves the pictures of people', async () => {
    const poster = await registerUser('old');
    const [picture, small, large] = [
      await upload(poster, 'picture'),
      await upload(poster, 'y'),
      await upload(poster, 'y'.repeat(20)),
    ];
    const path = `/v3/profile/${enc(poster.userId)}/avatar_url`;
    await as(poster, 'PUT', path, { avatar_url: `mxc://roost.test/${picture}` });
    await testEnv.DB.prepare('UPDATE media SET created_ms = 700000000000 WHERE uploader = ?')
      .bind(poster.userId)
      .run();
    const remove = (query: string) => admin('POST', `/v1/media/delete?before_ts=800000000000${query}`);
    expect((await remove('&size_gt=10')).body).toEqual({ deleted_media: [large], total: 1 });
    expect((await remove('')).body).toEqual({ deleted_media: [small], total: 1 });
    expect((await remove('')).body).toEqual({ deleted_media: [], total: 0 });
    expect(await download(picture)).toBe(200);
    expect((await remove('&keep_profiles=false')).body.deleted_media).toEqual([picture]);
    expect((await admin('POST', '/v1/media/delete?before_ts=1000')).body.errcode).toBe('M_INVALID_PARAM');
  });
});
