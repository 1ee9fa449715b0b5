import { beforeAll, expect, test } from 'vitest';
import { ask, Person, p } from './lib/attacker.ts';
import { target } from './lib/target.ts';

/** M1: uploads that would be a page, or a header, of this server. */
const { url, serverName } = target;
let mallory: Person;

beforeAll(async () => {
  mallory = await Person.register(url, 'm1-mallory');
});

async function uploaded(contentType: string, fileName = 'x'): Promise<string> {
  const path = `/_matrix/media/v3/upload?filename=${encodeURIComponent(fileName)}`;
  const { status, body } = await ask(url, 'POST', path, {
    token: mallory.accessToken,
    raw: '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/><script>alert(1)</script>',
    headers: { 'content-type': contentType },
  });
  expect(status).toBe(200);
  return String(body.content_uri).split('/').at(-1) ?? '';
}

const roots = ['/_matrix/client/v1/media', '/_matrix/media/v3'];
const download = (path: string) => ask(url, 'GET', path, { token: mallory.accessToken });

test.each([
  'text/html',
  'text/html; charset=utf-8',
  'text/html;',
  'TEXT/HTML',
  'text/plain, text/html',
  'image/png, text/html',
  'image/svg+xml',
  'application/xhtml+xml',
  'application/xml',
  'text/xml',
  'application/pdf',
  'text/javascript',
  'multipart/x-mixed-replace; boundary=x',
  'application/octet-stream',
])('M1: %s is saved, not shown, and may do nothing where it is shown', async (contentType) => {
  const mediaId = await uploaded(contentType);
  for (const root of roots) {
    for (const rest of ['', '/picture.png', '/page.html']) {
      const { status, headers } = await download(`${root}/download/${serverName}/${mediaId}${rest}`);
      expect(status).toBe(200);
      expect(headers.get('content-disposition')).toMatch(/^attachment\b/);
      expect(headers.get('content-security-policy')).toMatch(/^sandbox;.*script-src 'none'/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    }
  }
});

const names = [
  'a"; filename="evil.html',
  'a\r\nSet-Cookie: a=b',
  '../../etc/passwd',
  '..\\..\\evil.exe',
  'photo\u202Egnp.exe',
  "'; DROP TABLE media; --",
  '\u0000',
  '🤨.png',
  'x'.repeat(5000),
];

test.each(names)('M1: the name %j stays a name', async (name) => {
  const mediaId = await uploaded('text/plain', name);
  for (const path of [
    p`/_matrix/client/v1/media/download/${serverName}/${mediaId}`,
    p`/_matrix/client/v1/media/download/${serverName}/${await uploaded('text/plain')}/${name}`,
  ]) {
    const { status, headers } = await download(path);
    if (path.length > 4000 && status === 414) continue;
    expect(status).toBe(200);
    expect(headers.has('set-cookie')).toBe(false);
    // One parameter in each of the two notations, of characters that end neither it nor the header.
    expect(headers.get('content-disposition')).toMatch(
      /^(inline|attachment)(; filename=("(?:[^"\\\r\n]|\\["\\])*"|[^\s";]+))?(; filename\*=utf-8''[\w!#$&+.^`|~%-]+)?$/i,
    );
    expect(headers.get('content-disposition')).not.toMatch(/[/\u202e]/);
  }
});
