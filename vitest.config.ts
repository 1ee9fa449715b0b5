import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** wrangler bundles SQL files as text; vite has to be told. */
const sqlText: Plugin = {
  name: 'sql-text',
  enforce: 'pre',
  load(id) {
    const file = id.split('?')[0] ?? id;
    return file.endsWith('.sql') ? `export default ${JSON.stringify(readFileSync(file, 'utf8'))}` : undefined;
  },
};

const workersTests = ['homeserver/**/*.workers.test.ts', 'platform/**/*.workers.test.ts'];
const slackWorkersTests = ['bridges/slack/**/*.workers.test.ts', 'bridges/core/**/*.workers.test.ts'];
const discordWorkersTests = ['bridges/discord/**/*.workers.test.ts'];
const exclude = ['**/node_modules/**', '**/data/**'];

/** Nothing is judged by time: limits only end what hangs, also on a machine that is busy. */
const patience = { testTimeout: 60_000, hookTimeout: 30_000 };

const testVars = {
  SERVER_NAME: 'roost.test',
  PUBLIC_BASE_URL: 'https://roost.test',
  OPEN_REGISTRATION: '1',
  RATE_LIMITS: 'off',
  PASSWORD_POLICY: 'off',
  URL_PREVIEWS: 'on',
  PRESENCE: 'on',
  KEY_NOTARIES: '["notary.test"]',
  DNS_OVER_HTTPS_URL: 'https://dns.test/dns-query',
  OLD_SIGNING_KEYS:
    '{"ed25519:old":{"key":"A3kHx3oNxE0mHvLBzZbyNzZqmu3UcQgVqTqZbLJ4eH4","expired_ts":1600000000000}}',
  RETENTION: 'on',
  TURN_URIS: '["turn:turn.test?transport=udp","turns:turn.test"]',
  TURN_SECRET: 'test-turn-secret',
  RTC_TRANSPORTS: '[{"type":"livekit","livekit_service_url":"https://rtc.test"}]',
  SIGNING_KEY: 'ed25519 test YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1',
  ENCRYPTION_KEY: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY',
  ADMIN_TOKEN: 'test-admin-token-test-admin-token-test',
  APPSERVICE_REGISTRATIONS: JSON.stringify([
    {
      id: 'test',
      url: 'http://appservice.test',
      as_token: 'test-as-token',
      hs_token: 'test-hs-token',
      sender_localpart: 'testbot',
      namespaces: { users: [{ regex: '@_test_.*:roost\\.test', exclusive: true }], aliases: [], rooms: [] },
    },
  ]),
};

const bridgeVars = {
  PUBLIC_BASE_URL: 'https://roost.test',
  HOMESERVER_NAME: 'roost.test',
  HOMESERVER_URL: 'https://roost.test',
  ENCRYPTION_KEY: testVars.ENCRYPTION_KEY,
  PROVISIONING_TOKEN: 'test-provisioning-token-test-provisioning',
};

/** A bridge's registration, as its Worker gets it. */
function bridgeRegistration(id: string): string {
  const users = [{ regex: `@${id}_.*:roost\\.test`, exclusive: true }];
  const aliases = [{ regex: `#${id}_.*:roost\\.test`, exclusive: true }];
  return JSON.stringify({
    id,
    url: `https://roost.test/_bridge/${id}`,
    as_token: `${id}-as-token`,
    hs_token: `${id}-hs-token`,
    sender_localpart: `${id}bot`,
    namespaces: { users, aliases, rooms: [] },
  });
}

/** A folder that tests of the disk store write to. */
const testDisk = path.resolve(import.meta.dirname, 'node_modules/.cache/roost-test-disk');
mkdirSync(testDisk, { recursive: true });

function workersProject(name: string, include: string[], configPath: string, bindings: object) {
  return {
    plugins: [
      sqlText,
      cloudflareTest({
        wrangler: { configPath },
        miniflare: {
          bindings: bindings as Record<string, string>,
          // Other Workers are not there in these tests: a call to one is a test failure.
          serviceBindings: {
            ...Object.fromEntries(
              ['SLACK_BRIDGE', 'DISCORD_BRIDGE', 'HOMESERVER'].map((binding) => [
                binding,
                () => new Response('not mocked', { status: 599 }),
              ]),
            ),
            TEST_DISK: { disk: { path: testDisk, writable: true } },
          },
        },
      }),
    ],
    test: {
      name,
      include,
      exclude,
      ...patience,
      // CommonJS that re-exports: unbundled, its names are not seen.
      deps: { optimizer: { ssr: { enabled: true, include: ['discord-api-types/v10'] } } },
    },
  };
}

export default defineConfig({
  test: {
    silent: 'passed-only',
    // Workers wait for each other's answers much of the time: more than there are cores keeps those busy.
    maxWorkers: 3,
    projects: [
      {
        plugins: [sqlText],
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [
            ...exclude,
            '**/*.workers.test.ts',
            'test/attacks/**',
            'test/endpoints/**',
            'test/flows/**',
            'test/conformance/**',
          ],
          ...patience,
        },
      },
      workersProject('homeserver', workersTests, './wrangler.toml', testVars),
      workersProject('slack', slackWorkersTests, './bridges/slack/wrangler.toml', {
        ...bridgeVars,
        SLACK_API_URL: 'https://slack.test/api/',
        APPSERVICE_REGISTRATION: bridgeRegistration('slack'),
        DOUBLE_PUPPET_TOKEN: 'double-puppet-as-token',
      }),
      workersProject('discord', discordWorkersTests, './bridges/discord/wrangler.toml', {
        ...bridgeVars,
        DISCORD_API_URL: 'https://discord.test/api/v10',
        APPSERVICE_REGISTRATION: bridgeRegistration('discord'),
        DOUBLE_PUPPET_TOKEN: 'double-puppet-as-token',
      }),
      {
        plugins: [sqlText],
        test: {
          name: 'attacks',
          include: ['test/attacks/**/*.test.ts'],
          exclude,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          globalSetup: ['test/attacks/lib/global-setup.ts'],
          isolate: false,
        },
      },
      {
        plugins: [sqlText],
        test: {
          name: 'endpoints',
          include: ['test/endpoints/**/*.test.ts'],
          exclude,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [sqlText],
        test: {
          name: 'flows',
          include: ['test/flows/**/*.test.ts'],
          exclude,
          setupFiles: ['test/flows/check-answers.ts'],
          testTimeout: 130_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [sqlText],
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          exclude,
          ...patience,
          globalSetup: ['test/conformance/lib/global-setup.ts'],
          // Tests wait for the server most of the time, and share nothing but it.
          isolate: false,
          pool: 'threads',
          maxWorkers: 4,
          // After the others, for whom four at once would be too many.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
