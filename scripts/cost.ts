import { parseArgs } from 'node:util';
import { api, newTxnId, register } from '../test/harness/matrix-client.ts';
import { type Cost, costOf, measure, quiet } from '../test/harness/meter.ts';
import { linkDiscord, linkSlack, startDiscordWorld, startSlackWorld } from '../test/harness/networks.ts';
import { OauthApp } from '../test/harness/oauth-app.ts';
import { Roost } from '../test/harness/roost.ts';
import { waitFor } from '../test/harness/wait-for.ts';
import { Budgets } from './lib/budgets.ts';
import { monthlyCost } from './lib/prices.ts';

/** `npm run cost`: billable operations of the main jobs, counted on a running server, against their budgets. */
const { values } = parseArgs({ options: { rooms: { type: 'string', default: '100' } } });
const roomCount = Number(values.rooms);

const slack = await startSlackWorld();
const heartbeatIntervalMs = 2000;
const discord = await startDiscordWorld({ heartbeatIntervalMs });
const roost = await Roost.start({
  bridges: true,
  meter: true,
  slackApiUrl: slack.simulator.apiUrl,
  discordApiUrl: discord.simulator.apiUrl,
  discordCdnUrl: discord.simulator.cdnUrl,
});
const budgets = new Budgets();
try {
  const olive = await register(roost.url, 'olive');
  const bob = await register(roost.url, 'bob');
  const call = <T = Record<string, string>>(token: string, method: string, path: string, body?: object) =>
    api<T>(roost.url, token, method, path, body);

  const { room_id: roomId = '' } = await call(olive.accessToken, 'POST', 'v3/createRoom', {
    preset: 'private_chat',
    invite: [bob.userId],
  });
  const room = encodeURIComponent(roomId);
  await call(bob.accessToken, 'POST', `v3/join/${room}`, {});
  const send = () =>
    call(olive.accessToken, 'PUT', `v3/rooms/${room}/send/m.room.message/${newTxnId()}`, {
      msgtype: 'm.text',
      body: 'counted',
    });
  await send();

  const messages = 20;
  budgets.check(
    `message, two local users (mean of ${messages})`,
    perItem(
      await measure(roost, async () => {
        for (let sent = 0; sent < messages; sent++) await send();
      }),
      messages,
    ),
    { objectRequests: 4, rowsWritten: 12, d1Queries: 0 },
  );

  // A room's alarm is due some seconds after a message; it is no part of what follows.
  await quiet(roost, 12_000);
  const since = await call(bob.accessToken, 'GET', 'v3/sync?timeout=0');
  budgets.check(
    '/sync long poll, nothing new',
    await measure(roost, () =>
      call(bob.accessToken, 'GET', `v3/sync?timeout=1500&since=${since.next_batch}`),
    ),
    { objectRequests: 1, rowsWritten: 0, d1Queries: 0 },
  );
  const slidingPath = 'unstable/org.matrix.simplified_msc3575/sync';
  const list = {
    lists: {
      all: {
        ranges: [[0, 19]],
        timeline_limit: 1,
        required_state: [
          ['m.room.name', ''],
          ['m.room.member', '$LAZY'],
        ],
      },
    },
  };
  const first = await call(bob.accessToken, 'POST', `${slidingPath}?timeout=0`, list);
  const second = await call(bob.accessToken, 'POST', `${slidingPath}?timeout=0&pos=${first.pos}`, list);
  budgets.check(
    'sliding sync long poll, nothing new',
    await measure(roost, () =>
      call(bob.accessToken, 'POST', `${slidingPath}?timeout=1500&pos=${second.pos}`, list),
    ),
    { objectRequests: 1, rowsWritten: 0, d1Queries: 0 },
  );

  for (let made = 1; made < roomCount; made++) {
    await call(bob.accessToken, 'POST', 'v3/createRoom', { name: `Room ${made}` });
  }
  await quiet(roost, 12_000);
  budgets.check(
    `initial sliding sync, 20 of ${roomCount} rooms`,
    await measure(roost, () =>
      call(bob.accessToken, 'POST', `${slidingPath}?timeout=0`, { ...list, conn_id: 'new' }),
    ),
    { objectRequests: 1, rowsRead: 500, d1Queries: 0 },
  );
  budgets.check(
    `initial /sync, ${roomCount} rooms`,
    await measure(roost, () => call(bob.accessToken, 'GET', 'v3/sync?timeout=0')),
    { objectRequests: 1, d1Queries: 0 },
  );

  const app = await OauthApp.register(roost.url);
  const login = () => app.signIn().tokens({ username: 'olive', password: 'a long password' });
  let tokens = await login();
  await quiet(roost, 12_000);
  budgets.check(
    'login by OAuth 2.0, authorization page to token',
    await measure(roost, async () => {
      tokens = await login();
    }),
    { objectRequests: 5, rowsWritten: 10, d1Queries: 6 },
  );
  await app.whoami(tokens.access_token);
  budgets.check('check of a token', await measure(roost, () => app.whoami(tokens.access_token)), {
    objectRequests: 1,
    rowsWritten: 0,
    d1Queries: 0,
  });
  budgets.check(
    'refresh of a token, with its first use',
    await measure(roost, async () => {
      await app.whoami((await app.refreshed(tokens.refresh_token)).access_token);
    }),
    { objectRequests: 2, rowsWritten: 6, d1Queries: 0 },
  );

  await linkSlack(roost, slack, olive.userId);
  await linkDiscord(roost, discord, olive.userId);
  const arrived = async (text: string) => {
    await waitFor(`“${text}” in the inbox`, async () => {
      const { rooms } = await call<{ rooms?: { join?: object } }>(
        olive.accessToken,
        'GET',
        'v3/sync?timeout=0',
      );
      return JSON.stringify(rooms?.join ?? {}).includes(text);
    });
  };
  slack.ann.post(slack.general, 'slack warm-up');
  discord.simulator.postAs(discord.dora, discord.lobby, { content: 'discord warm-up' });
  await arrived('slack warm-up');
  await arrived('discord warm-up');

  const bridged = 10;
  const fromSlack = perItem(
    await measure(roost, async () => {
      for (let sent = 0; sent < bridged; sent++) slack.ann.post(slack.general, `message ${sent}`);
      await slack.simulator.flushDeliveries();
    }),
    bridged,
  );
  budgets.check(`Slack message to the inbox (mean of ${bridged})`, fromSlack, {
    objectRequests: 6,
    rowsWritten: 25,
    d1Queries: 2,
  });
  const fromDiscord = perItem(
    await measure(roost, async () => {
      for (let sent = 0; sent < bridged; sent++) {
        discord.simulator.postAs(discord.dora, discord.lobby, { content: `message ${sent}` });
      }
    }),
    bridged,
  );
  budgets.check(`Discord message to the inbox (mean of ${bridged})`, fromDiscord, {
    objectRequests: 6,
    rowsWritten: 25,
    d1Queries: 2,
  });
  const restart = await measure(roost, async () => {
    await roost.stop();
    await roost.start();
  });
  const slackSweep = requestsOf(restart, 'SlackTeamObject');
  budgets.checkFigure('object requests of an idle day, Slack connected', slackSweep * (86_400 / 300), 500);
  const heartbeats = 5;
  const beating = await measureFor(heartbeats * heartbeatIntervalMs);
  const perHeartbeat = requestsOf(beating, 'DiscordGatewayObject') / heartbeats;
  const watches = 86_400 / 60;
  budgets.checkFigure(
    'object requests of an idle day, Discord connected',
    perHeartbeat * (86_400 / 41.25) + watches,
    6000,
  );

  const month = monthlyCost({ perDay: 2500, costs: [fromSlack, fromDiscord], alwaysOnObjects: 1 });
  console.log();
  budgets.checkFigure('dollars a month, 5,000 bridged messages a day', month, 5.5);
} finally {
  await roost.stopAndRemove();
  await slack.simulator.stop();
  await discord.simulator.stop();
}
budgets.report();

function requestsOf(cost: Cost, className: string): number {
  const counts = Object.entries(cost.objectRequests).filter(([key]) => key.startsWith(`${className}.`));
  return counts.reduce((sum, [, count]) => sum + count, 0);
}

/** What happens by itself in this time. */
async function measureFor(durationMs: number): Promise<Cost> {
  const start = roost.logLines.length;
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  return costOf(roost.logLines.slice(start));
}

function perItem(cost: Cost, items: number): Cost {
  const divided = (counts: Record<string, number>) =>
    Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, count / items]));
  return {
    objectRequests: divided(cost.objectRequests),
    rowsRead: divided(cost.rowsRead),
    rowsWritten: divided(cost.rowsWritten),
    d1Queries: cost.d1Queries / items,
  };
}
