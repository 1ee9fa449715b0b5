import { describe, expect } from 'vitest';
import { shared, skip, test, testAnswersOf } from './lib/conformance-test.ts';
import type { Answer } from './lib/http.ts';
import { dispositionOf, download, downloadFormerly, upload } from './lib/media.ts';
import { newUser } from './lib/register.ts';
import type { User } from './lib/user.ts';

const bytes = new TextEncoder().encode('contents');
const account = shared(() => newUser());

type Download = (user: User, uri: string, filename?: string) => Promise<Answer>;

async function formerly(_user: User, uri: string, filename?: string): Promise<Answer> {
  const answer = await downloadFormerly(uri, filename);
  if (answer.status === 404) skip('media are served to the authenticated alone');
  return answer;
}

/** The two addresses of a download, with what a test's name says of them. */
const ways: { by: string; over: string; get: Download }[] = [
  { by: '', over: '', get: formerly },
  {
    by: ' via /_matrix/client/v1/media/download',
    over: ' over /_matrix/client/v1/media/download',
    get: download,
  },
];

function named(filename: string, contentType = 'application/octet-stream'): Promise<string> {
  return account().then((user) => upload(user, bytes, { contentType, filename }));
}

async function expectName(get: Download, uri: string, filename: string, asked?: string): Promise<void> {
  const answer = await get(await account(), uri, asked);
  expect(answer.status).toBe(200);
  expect(answer.bytes).toEqual(bytes);
  expect(dispositionOf(answer).filename).toBe(filename);
}

describe('TestMediaFilenames', () => {
  test('ASCII/Can upload with ASCII file name', async () => {
    expect(await named('ascii')).toMatch(/^mxc:\/\//);
  });

  test('Unicode/Can upload with Unicode file name', async () => {
    expect(await named('🐔')).toMatch(/^mxc:\/\//);
  });

  for (const { by, over, get } of ways) {
    for (const filename of ['ascii', 'name with spaces', 'name;with;semicolons']) {
      test(`ASCII/Can download file '${filename}'${over}`, async () => {
        await expectName(get, await named(filename), filename);
      });
    }

    test(`ASCII/Can download specifying a different ASCII file name${over}`, async () => {
      await expectName(get, await named('ascii'), 'file.dat', 'file.dat');
    });

    test(`Unicode/Can download specifying a different Unicode file name${over}`, async () => {
      await expectName(get, await named('🐔'), '☕', '☕');
    });

    test(`Unicode/Can download with Unicode file name locally${over}`, async () => {
      await expectName(get, await named('🐔'), '🐔');
    });

    test(`Unicode/Will serve safe media types as inline${by}`, async () => {
      for (const type of ['image/png', 'image/jpeg', 'video/mp4', 'audio/ogg', 'text/plain']) {
        const answer = await get(await account(), await named('file', type));
        expect([type, dispositionOf(answer).type]).toEqual([type, 'inline']);
      }
    });

    test(`Unicode/Will serve safe media types with parameters as inline${by}`, async () => {
      for (const type of ['text/plain; charset=utf-8', 'text/css;charset=utf-8']) {
        const answer = await get(await account(), await named('file', type));
        expect([type, dispositionOf(answer).type]).toEqual([type, 'inline']);
      }
    });

    test(`Unicode/Will serve unsafe media types as attachments${by}`, async () => {
      for (const type of ['text/html', 'image/svg+xml', 'application/javascript', 'application/pdf']) {
        const answer = await get(await account(), await named('file', type));
        expect([type, dispositionOf(answer).type]).toEqual([type, 'attachment']);
      }
    });
  }
});

function withoutNameTests(get: Download): void {
  const uri = shared(async () => upload(await account(), bytes, { contentType: 'application/octet-stream' }));

  test('Can upload without a file name', async () => {
    expect(await uri()).toMatch(/^mxc:\/\//);
  });

  test('Can download without a file name locally', async () => {
    const answer = await get(await account(), await uri());
    expect(answer.status).toBe(200);
    expect(answer.bytes).toEqual(bytes);
    expect(dispositionOf(answer).filename).toBeUndefined();
  });
}

describe('TestMediaWithoutFileName', () => withoutNameTests(formerly));

describe('TestMediaWithoutFileNameCSMediaV1', () => withoutNameTests(download));

testAnswersOf('media_filename and media_nofilename');
