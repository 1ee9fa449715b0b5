import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { download, upload } from './lib/media.ts';
import { png } from './lib/png.ts';
import { newUser } from './lib/register.ts';

test('TestRoomImageRoundtrip', async () => {
  const user = await newUser();
  const roomId = await user.createRoom();
  const image = png(20, 10);
  const uri = await upload(user, image, { contentType: 'image/png', filename: 'test.png' });
  const eventId = await user.send(roomId, 'm.room.message', {
    msgtype: 'm.image',
    body: 'test.png',
    url: uri,
  });
  const { chunk } = await user.pageOf(roomId, { dir: 'b', limit: 10 });
  expect(chunk).toContainEqual(
    expect.objectContaining({
      event_id: eventId,
      content: { msgtype: 'm.image', body: 'test.png', url: uri },
    }),
  );
  const event = await user.ok<{ content: { url: string } }>('GET', p`/v3/rooms/${roomId}/event/${eventId}`);
  const answer = await download(user, event.content.url);
  expect(answer.status).toBe(200);
  expect(answer.bytes).toEqual(image);
});

test('TestMediaConfig', async () => {
  const user = await newUser();
  for (const path of ['/v1/media/config', '/_matrix/media/v3/config']) {
    const { status, body } = await user.call('GET', path);
    // The former address may be gone.
    if (path.startsWith('/_matrix') && status === 404) continue;
    expect([path, status]).toEqual([path, 200]);
    expect(body['m.upload.size']).toEqual(expect.any(Number));
  }
});

testAnswersOf('media_misc');
