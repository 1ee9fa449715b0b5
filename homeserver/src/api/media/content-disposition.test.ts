import { expect, test } from 'vitest';
import { contentDisposition } from './content-disposition.ts';

test.each([
  ['image/png', 'inline'],
  ['IMAGE/PNG', 'inline'],
  ['text/plain; charset=utf-8', 'inline'],
  ['text/html', 'attachment'],
  ['text/html;image/png', 'attachment'],
  ['image/png,text/html', 'attachment'],
  ['image/svg+xml', 'attachment'],
  ['application/pdf', 'attachment'],
  ['application/xhtml+xml', 'attachment'],
  ['text/xml', 'attachment'],
  ['text/javascript', 'attachment'],
  ['application/octet-stream', 'attachment'],
  ['', 'attachment'],
])('M1: %s is served %s', (type, disposition) => {
  expect(contentDisposition(type, null)).toBe(disposition);
});

test.each([
  ['name with spaces', 'inline; filename="name with spaces"'],
  ['name;with;semicolons', 'inline; filename="name;with;semicolons"'],
  ['a"; x="y.png', 'inline; filename="a\\"; x=\\"y.png"'],
  ['a\r\nSet-Cookie: x=1.png', 'inline; filename="aSet-Cookie: x=1.png"'],
  ['../../etc/passwd', 'inline; filename=".._.._etc_passwd"'],
  ['..\\windows\\x', 'inline; filename=".._windows_x"'],
  ['photo\u202egnp.exe', 'inline; filename="photognp.exe"'],
  ['nul\0\x1b\x7f.png', 'inline; filename="nul.png"'],
  ['\u2615.png', `inline; filename="_.png"; filename*=UTF-8''%E2%98%95.png`],
  ["it's (é)*.png", `inline; filename="it's (_)*.png"; filename*=UTF-8''it%27s%20%28%C3%A9%29%2A.png`],
  ['lone\ud800.png', `inline; filename="lone_.png"; filename*=UTF-8''lone%EF%BF%BD.png`],
  ['\r\n', 'inline'],
  ['', 'inline'],
])('M1, R9: the file name %j becomes %s', (name, header) => {
  const value = contentDisposition('image/png', name);
  expect(value).toBe(header);
  expect(new Headers({ 'content-disposition': value }).get('content-disposition')).toBe(header);
});
