import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { logIn } from '../harness/matrix-client.ts';
import { freePort } from '../harness/roost.ts';

/** `npm start` as a newcomer meets it. */
const dataDir = mkdtempSync(path.join(tmpdir(), 'roost-start-'));
const running: ChildProcess[] = [];

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(args: string[]): Promise<{ printed: string; stop(): Promise<number | null> }> {
  const child = spawn('node', ['scripts/start.ts', '--data', dataDir, ...args]);
  running.push(child);
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  let printed = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      if (printed.includes('Ctrl+C')) resolve();
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
    });
  });
  await Promise.race([ready, ended]);
  return {
    printed,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

test('the first start gives a link that makes the owner’s account, once; a restart keeps it', async () => {
  const port = String(await freePort());
  const first = await start(['--port', port]);
  const url = `http://127.0.0.1:${port}`;
  expect(first.printed).toContain(url);
  // What it tells to type reaches this server, not the one of the default port and folder.
  expect(first.printed).toContain(`--user @you:localhost --url ${url} --data ${dataDir} `);
  const link = /http:\S+\/setup\?token=\S+/.exec(first.printed)?.[0] ?? '';

  const page = await fetch(link);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  const html = await page.text();
  const fields = [...html.matchAll(/name="(\w+)"/g)].map((match) => match[1]);
  expect(fields).toEqual(expect.arrayContaining(['token', 'username', 'password']));

  const submit = (username: string) =>
    fetch(`${url}/setup`, {
      method: 'POST',
      body: new URLSearchParams({
        token: new URL(link).searchParams.get('token') ?? '',
        username,
        password: 'a long password',
        repeated: 'a long password',
      }),
    });
  const done = await submit('olive');
  expect(done.status).toBe(200);
  expect(await done.text()).toContain('@olive:localhost');
  expect((await submit('mallory')).status).toBeGreaterThanOrEqual(400);
  expect((await logIn(url, 'olive')).userId).toBe('@olive:localhost');
  expect(await first.stop()).toBe(0);

  const second = await start(['--port', port]);
  expect(second.printed).not.toContain('/setup');
  expect((await logIn(url, 'olive')).userId).toBe('@olive:localhost');
  const third = await start(['--port', String(await freePort())]);
  expect(third.printed).toContain('is in use by another Roost');
  expect((await logIn(url, 'olive')).userId).toBe('@olive:localhost');
  expect(await second.stop()).toBe(0);
});

test('a data folder never changes its name', async () => {
  const other = await start(['--port', String(await freePort()), '--server-name', 'elsewhere.example']);
  expect(other.printed).toContain('belongs to the server localhost');
  expect(await other.stop()).not.toBe(0);
});
