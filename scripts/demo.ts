import { parseArgs } from 'node:util';
import type { MatrixClient } from 'matrix-js-sdk';
import { hasTexts, renderInbox } from '../test/harness/inbox.ts';
import { register, startClient } from '../test/harness/matrix-client.ts';
import {
  joinedRoom,
  linkDiscord,
  linkSlack,
  startDiscordWorld,
  startSlackWorld,
} from '../test/harness/networks.ts';
import { Roost } from '../test/harness/roost.ts';
import { waitFor } from '../test/harness/wait-for.ts';
import { stopOnSignals } from './lib/stop-on-signals.ts';

/** `npm run demo`: both networks simulated on this machine, a short conversation, the inbox as a client sees it. */
const { values } = parseArgs({
  options: { once: { type: 'boolean', default: false }, port: { type: 'string', default: '8008' } },
});

const slack = await startSlackWorld();
const discord = await startDiscordWorld();
const roost = await Roost.start({
  bridges: true,
  ...(values.once ? {} : { port: Number(values.port) }),
  slackApiUrl: slack.simulator.apiUrl,
  discordApiUrl: discord.simulator.apiUrl,
  discordCdnUrl: discord.simulator.cdnUrl,
});
const password = 'correct horse battery staple';
const owner = await register(roost.url, 'olive', password);
const client = await startClient(roost.url, owner, { sliding: true });

let exitCode = 0;
try {
  await playConversation(client);
  console.log(`\nThe inbox, as a Matrix client sees it by sliding sync:\n\n${renderInbox(client)}\n`);
} catch (error) {
  exitCode = 1;
  console.error(`The conversation did not arrive as expected: ${(error as Error).message}`);
  console.error(`\n${renderInbox(client)}\n\nLast of the server's log:\n${roost.logTail(20)}`);
}

if (values.once) {
  await end();
  console.log(exitCode === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed');
  process.exit(exitCode);
}
stopOnSignals(end);
console.log(`Log in with any Matrix client and look around:

  Homeserver   ${roost.url}
  User         olive
  Password     ${password}

Ann on Slack and Dora on Discord are simulated: what you write reaches them, and they do not answer.
Stop with Ctrl+C; nothing is kept.`);

async function playConversation(inbox: MatrixClient): Promise<void> {
  await linkSlack(roost, slack, owner.userId);
  await linkDiscord(roost, discord, owner.userId);
  const general = await joinedRoom(inbox, 'general');
  const lobby = await joinedRoom(inbox, 'lobby');

  const greeting = slack.ann.post(slack.general, 'Good morning! The *release* is out :tada:');
  await arrives(inbox, general, ['Good morning! The **release** is out 🎉']);
  const question = discord.simulator.postAs(discord.dora, discord.lobby, { content: 'Is anybody **here**?' });
  await arrives(inbox, lobby, ['Is anybody **here**?']);

  await inbox.sendTextMessage(general, 'Well done, Ann!');
  await waitFor('the answer on Slack', () =>
    slack.general.messages.some(({ text }) => text.includes('Well done, Ann!')),
  );
  await inbox.sendTextMessage(lobby, 'I am, from my own server.');
  await waitFor('the answer on Discord', () =>
    discord.lobby.messages.some(({ content }) => content === 'I am, from my own server.'),
  );

  slack.ann.edit(slack.general, greeting, 'Good morning! Release 2 is out :tada:');
  slack.ann.react(slack.general, greeting, 'rocket');
  discord.simulator.reactAs(discord.dora, discord.lobby, question, '👋');
  slack.ann.post(slack.dm, 'Lunch at noon?');
  const dm = await joinedRoom(inbox, 'Ann Archer');
  await arrives(inbox, dm, ['Lunch at noon?']);
  await arrives(inbox, general, ['Good morning! Release 2 is out 🎉', 'Well done, Ann!']);
  await arrives(inbox, lobby, ['Is anybody **here**?', 'I am, from my own server.']);
  await waitFor('both reactions', () => {
    const shown = renderInbox(inbox);
    return shown.includes('🚀 1') && shown.includes('👋 1');
  });
}

async function arrives(inbox: MatrixClient, roomId: string, texts: string[]): Promise<void> {
  await waitFor(`“${texts.at(-1)}”`, () => hasTexts(inbox, roomId, texts));
}

async function end(): Promise<void> {
  client.stopClient();
  await roost.stopAndRemove();
  await slack.simulator.stop();
  await discord.simulator.stop();
}
