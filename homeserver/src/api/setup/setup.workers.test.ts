import { beforeAll, expect, test } from 'vitest';
import {
  adminToken,
  call,
  fetchRaw,
  logIn,
  makeTables,
  password,
} from '../../../../test/harness/homeserver-worker.ts';

beforeAll(makeTables);

async function makeToken(): Promise<string> {
  const body = { uses: 1, admin: true };
  const answer = await call('POST', '/_roost/admin/v1/registration_tokens', { token: adminToken, body });
  return answer.body.token as string;
}

const show = (token: string) => fetchRaw(`/setup?token=${encodeURIComponent(token)}`);
const submit = (fields: Record<string, string>) =>
  fetchRaw('/setup', { method: 'POST', body: new URLSearchParams(fields) });

test('the form makes the account once, and tells what to do next', async () => {
  const token = await makeToken();
  const form = await show(token);
  expect(form.status).toBe(200);
  expect(await form.text()).toContain(`name="token" value="${token}"`);

  const done = await submit({ token, username: 'Owner', password, repeated: password });
  const text = await done.text();
  expect(done.status).toBe(200);
  expect(text).toContain('@owner:roost.test');
  expect(text).toContain('https://roost.test');
  expect(text).not.toContain(password);
  expect((await logIn('owner')).userId).toBe('@owner:roost.test');

  expect((await show(token)).status).toBe(403);
  const again = await submit({ token, username: 'second', password, repeated: password });
  expect(again.status).toBe(403);
  expect((await call('GET', '/v3/register/available?username=second')).body).toEqual({ available: true });
});

test('five at once with one token: one account', async () => {
  const token = await makeToken();
  const answers = await Promise.all(
    ['a1', 'a2', 'a3', 'a4', 'a5'].map((username) =>
      submit({ token, username, password, repeated: password }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403, 403]);
});

test('what is wrong is said in the form, which keeps the name and not the password', async () => {
  const token = await makeToken();
  for (const [fields, status] of [
    [{ username: 'not ok', password, repeated: password }, 400],
    [{ username: 'owner', password, repeated: password }, 400],
    [{ username: '_test_x', password, repeated: password }, 400],
    [{ username: 'fine', password, repeated: 'other' }, 400],
    [{ username: 'fine', password: '', repeated: '' }, 400],
  ] as const) {
    const answer = await submit({ token, ...fields });
    const text = await answer.text();
    expect(answer.status).toBe(status);
    expect(text).toContain('role="alert"');
    expect(text).toContain(`value="${fields.username}"`);
    expect(text).not.toContain(password);
  }
  expect((await show(token)).status).toBe(200);
});

test('C9: the pages are locked down and escape what they are given', async () => {
  const token = await makeToken();
  const name = `"><script>alert(1)</script>`;
  for (const response of [
    await show(token),
    await show('<script>'),
    await submit({ token, username: name, password, repeated: password }),
  ]) {
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    const text = await response.text();
    expect(text).not.toContain('<script');
    expect(text).toContain('<html lang="en">');
  }
});

test('without a token, with another kind of body, or a huge one there is nothing to see', async () => {
  expect((await fetchRaw('/setup')).status).toBe(403);
  const json = await fetchRaw('/setup', {
    method: 'POST',
    body: JSON.stringify({ token: await makeToken() }),
  });
  expect(json.status).toBe(403);
  expect((await submit({ token: await makeToken(), username: 'x'.repeat(20_000) })).status).toBe(403);
});
