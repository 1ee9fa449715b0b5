import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { skip, test, testAnswersOf } from './lib/conformance-test.ts';
import { download } from './lib/media.ts';
import { imageOf, png } from './lib/png.ts';
import { newUser } from './lib/register.ts';

const page = `<html><head>
<meta property="og:title" content="The Rock" />
<meta property="og:type" content="video.movie" />
<meta property="og:url" content="http://www.imdb.com/title/tt0117500/" />
<meta property="og:image" content="test.png" />
</head><body></body></html>`;

function serve(): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    if (request.url === '/test.png') response.setHeader('content-type', 'image/png').end(png(39, 21));
    else response.setHeader('content-type', 'text/html').end(page);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://127.0.0.1:${port}/`, server });
    });
  });
}

test('TestUrlPreview', async () => {
  const { url, server } = await serve();
  try {
    const user = await newUser();
    const answer = await user.call('GET', '/v1/media/preview_url', undefined, { url });
    if (answer.status !== 200) skip(`the server does not fetch from ${url} (${answer.status})`);
    // Servers rightly refuse addresses of their own machine; such an answer may also be empty.
    if (Object.keys(answer.body).length === 0) skip(`the server does not fetch from ${url}`);
    expect(answer.body).toMatchObject({
      'og:title': 'The Rock',
      'og:type': 'video.movie',
      'og:url': 'http://www.imdb.com/title/tt0117500/',
      'og:image': expect.stringMatching(/^mxc:\/\//),
      'matrix:image:size': expect.any(Number),
    });
    const image = await download(user, String(answer.body['og:image']));
    expect(imageOf(image.bytes)).toEqual({ format: 'png', width: 39, height: 21 });
  } finally {
    server.close();
  }
});

testAnswersOf('url_preview');
