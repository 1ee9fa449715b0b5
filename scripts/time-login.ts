import { performance } from 'node:perf_hooks';
import { Browser, type Page } from '../test/harness/browser.ts';
import { register } from '../test/harness/matrix-client.ts';
import { measure, total } from '../test/harness/meter.ts';
import { OauthApp } from '../test/harness/oauth-app.ts';
import { Roost } from '../test/harness/roost.ts';

/**
 * Times a login by OAuth 2.0 from opening the authorization page to a token, and counts what it costs:
 * `node scripts/time-login.ts`. The times are for docs/performance.md; the counts are exact.
 */
const account = { username: 'olive', password: 'a long password' };
const logins = 20;
const steps: Record<string, number[]> = {};
const roost = await Roost.start({ meter: true });
try {
  await register(roost.url, account.username, account.password);
  const app = await OauthApp.register(roost.url);
  // The first one loads what later ones find loaded.
  await logIn(app);
  for (const name of Object.keys(steps)) delete steps[name];
  for (let done = 0; done < logins; done += 1) await logIn(app);
  for (const [name, times] of Object.entries(steps)) {
    console.log(`${name}: ${median(times).toFixed(1)} ms (median of ${times.length})`);
  }
  await count('a login', () => logIn(app));
  const first = await app.signIn().tokens(account);
  await count('a refresh, and the first use of the new token', async () => {
    await app.whoami((await app.refreshed(first.refresh_token)).access_token);
  });
  await count('registration of a client', () =>
    OauthApp.register(roost.url, {
      client_uri: 'https://example.org/',
      redirect_uris: ['https://example.org/'],
    }),
  );
} finally {
  await roost.stopAndRemove();
}

/** What a client and a browser do one after another; nobody reads the pages meanwhile. */
async function logIn(app: OauthApp): Promise<void> {
  const signIn = app.signIn();
  const browser = new Browser(roost.url);
  const url = await signIn.url();
  const startMs = performance.now();
  const login = await timed('authorization page', () => browser.open(url));
  const consent = await timed('password (scrypt) and consent page', () =>
    browser.submit(login, account, formWith(login, 'password')),
  );
  const sent = await timed('consent', () =>
    browser.submit(consent, { decision: 'allow' }, formWith(consent, 'request')),
  );
  await timed('code for tokens', async () => (await signIn.exchange(new URL(sent.url))).json());
  note('all of it', performance.now() - startMs);
}

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const startMs = performance.now();
  const result = await work();
  note(name, performance.now() - startMs);
  return result;
}

function note(name: string, ms: number): void {
  steps[name] = [...(steps[name] ?? []), ms];
}

async function count(name: string, work: () => Promise<unknown>): Promise<void> {
  const { objectRequests, rowsRead, rowsWritten, d1Queries } = await measure(roost, work);
  console.log(
    `${name}: object requests ${total(objectRequests)}, rows written ${total(rowsWritten)}, ` +
      `rows read ${total(rowsRead)}, D1 queries ${d1Queries}`,
  );
}

function formWith({ forms }: Page, name: string): number {
  return forms.findIndex(({ fields }) => name in fields);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
