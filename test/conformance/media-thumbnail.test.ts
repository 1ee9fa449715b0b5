import { describe, expect } from 'vitest';
import { shared, skip, test, testAnswersOf } from './lib/conformance-test.ts';
import { call } from './lib/http.ts';
import { pathOf, upload } from './lib/media.ts';
import { imageOf, png } from './lib/png.ts';
import { newUser } from './lib/register.ts';

describe('TestLocalPngThumbnail', () => {
  const uploaded = shared(async () => {
    const user = await newUser();
    return {
      user,
      uri: await upload(user, png(256, 128), { contentType: 'image/png', filename: 'test.png' }),
    };
  });

  async function thumbnail(path: string, query: Record<string, string | number>, formerly = false) {
    const { user, uri } = await uploaded();
    return call('GET', `${path}/thumbnail/${pathOf(uri)}`, {
      ...(!formerly && { token: user.accessToken }),
      query,
    });
  }

  const scaled = { width: 32, height: 32, method: 'scale' };

  test('test /_matrix/media/v3 endpoint', async () => {
    const answer = await thumbnail('/_matrix/media/v3', scaled, true);
    if (answer.status === 404) skip('media are served to the authenticated alone');
    expect(answer.status).toBe(200);
    expect(imageOf(answer.bytes).format).toMatch(/png|jpeg|webp/);
  });

  test('test /_matrix/client/v1/media endpoint', async () => {
    const answer = await thumbnail('/v1/media', scaled);
    expect(answer.status).toBe(200);
    const { format, width, height } = imageOf(answer.bytes);
    expect(answer.headers.get('content-type')).toBe(`image/${format}`);
    // At least as large as asked for, and not larger than the original.
    expect([width <= 256, height <= 128]).toEqual([true, true]);
  });

  test('Cropped thumbnails have the proportions that are asked for', async () => {
    const answer = await thumbnail('/v1/media', { width: 96, height: 96, method: 'crop' });
    const { width, height } = imageOf(answer.bytes);
    expect(width).toBe(height);
    expect(width).toBeLessThan(256);
  });
});

testAnswersOf('media_thumbnail');
