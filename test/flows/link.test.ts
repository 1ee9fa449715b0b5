import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Credentials, register } from '../harness/matrix-client.ts';
import { type SlackWorld, startSlackWorld } from '../harness/networks.ts';
import { Roost } from '../harness/roost.ts';

let slack: SlackWorld;
let roost: Roost;
let olive: Credentials;

beforeAll(async () => {
  slack = await startSlackWorld();
  roost = await Roost.start({ bridges: true, slackApiUrl: slack.simulator.apiUrl });
  olive = await register(roost.url, 'olive');
});

afterAll(async () => {
  await roost?.stopAndRemove();
  await slack?.simulator.stop();
});

const link = (set: Record<string, string>) =>
  promisify(execFile)('node', [
    'scripts/link.ts',
    'slack',
    ...['--user', olive.userId, '--url', roost.url, '--data', roost.dataDir],
    ...Object.entries(set).flatMap(([field, value]) => ['--set', `${field}=${value}`]),
  ]);

test('`npm run link` connects a network and tells what is left to do', async () => {
  const { userToken } = slack.app.install(slack.owner);
  const { stdout } = await link({
    app_id: slack.app.appId,
    signing_secret: slack.app.signingSecret,
    user_token: userToken,
  });
  expect(stdout).toContain('api.slack.com/apps');
  const eventsUrl = /Request URL .*?(http\S+\/events\/[\w-]+)/.exec(stdout)?.[1] ?? '';
  await slack.app.setEventsUrl(eventsUrl);
});

test('what the bridge refuses is told in its words, and the command fails', async () => {
  const attempt = link({
    app_id: slack.app.appId,
    signing_secret: slack.app.signingSecret,
    user_token: 'xoxp-1-not-a-token-of-anybody',
  });
  await expect(attempt).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('400') });
});
