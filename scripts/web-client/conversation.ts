import { readFileSync } from 'node:fs';
import { api, register } from '../../test/harness/matrix-client.ts';
import type { Roost } from '../../test/harness/roost.ts';
import { waitFor } from '../../test/harness/wait-for.ts';
import { Bob } from './bob.ts';
import type { Cinny } from './cinny.ts';
import type { Walk } from './walk.ts';

const password = 'a long password';

/** Ann, at the browser, and Bob use what people use. Each step goes on from the one before. */
export async function converse(walk: Walk, cinny: Cinny, roost: Roost): Promise<void> {
  const ann = await register(roost.url, 'ann', password);
  const bob = await Bob.arrive(roost.url, password);
  const kitchen = await bob.makeRoom({ name: 'Kitchen', topic: 'What is cooked', invite: ann.userId });
  await api(roost.url, ann.accessToken, 'POST', `v3/join/${kitchen}`, {});
  for (let n = 1; n <= 60; n += 1) await bob.say(kitchen, `recipe ${n}`);

  if (await walk.step('the server is found and Ann logs in', () => cinny.logIn('ann', password))) {
    await findRooms();
    await talk();
    await answerInThread();
    await share();
    await whisper();
    await lookAround();
    await comeBack();
  }
  bob.leave();

  async function findRooms(): Promise<void> {
    await walk.step('the room is in the list', () => cinny.room('Kitchen').waitFor());
    await walk.step('an invitation is accepted', async () => {
      await bob.makeRoom({ name: 'Garden', invite: ann.userId });
      await cinny.acceptInvitation();
      await waitFor('Ann in it', () => bob.room('Garden')?.getMember(ann.userId)?.membership === 'join');
    });
    await walk.step('a room is made', async () => {
      await cinny.createRoom('Attic');
      await cinny.room('Attic').waitFor();
    });
    await walk.step('a room opens with its newest messages', async () => {
      await cinny.open('Kitchen');
      await cinny.message('recipe 60').waitFor();
    });
    await walk.step('history is paged in to the start', () => cinny.scrollBackTo('recipe 1'));
    await walk.step('one jump leads to the newest message', () => cinny.jumpToLatest('recipe 60'));
    await walk.step('members are listed', () => cinny.member('Bob').waitFor());
  }

  async function talk(): Promise<void> {
    await walk.step('a message reaches Bob', async () => {
      await cinny.send('hello from the browser');
      await bob.sees(kitchen, ann.userId, ({ body }) => body === 'hello from the browser');
    });
    await walk.step('Bob is seen typing', async () => {
      await bob.type(kitchen);
      await cinny.text('is typing').waitFor();
    });
    await walk.step('his message arrives', async () => {
      await bob.say(kitchen, 'hello Ann');
      await cinny.message('hello Ann').waitFor();
    });
    await walk.step('a reply carries what it answers', async () => {
      await cinny.reply('hello Ann', 'I answer');
      const reply = await bob.sees(kitchen, ann.userId, ({ body }) => body?.includes('I answer') === true);
      const answered = bob.room('Kitchen')?.findEventById(reply.replyEventId ?? '');
      if (answered?.getContent().body !== 'hello Ann') throw new Error(`it answers ${reply.replyEventId}`);
    });
    await walk.step('an edit replaces the text', async () => {
      await cinny.edit('hello from the browser', ', edited');
      const text = 'hello from the browser, edited';
      await bob.sees(kitchen, ann.userId, (content) => content['m.new_content']?.body === text);
      await cinny.message(text).getByText('(edited)').waitFor();
    });
    await walk.step('a reaction appears on both sides', async () => {
      await cinny.react('hello Ann', '👍', 'thumbs');
      await bob.sees(
        kitchen,
        ann.userId,
        (content) => content['m.relates_to']?.key?.startsWith('👍') === true,
      );
      await cinny.message('hello Ann').getByText('👍').waitFor();
    });
    await walk.step('a deleted message is gone', async () => {
      await cinny.send('said too much');
      const said = await bob.sees(kitchen, ann.userId, ({ body }) => body === 'said too much');
      await cinny.delete('said too much');
      await waitFor('the redaction', () => said.isRedacted());
      await cinny.message('said too much').waitFor({ state: 'hidden' });
    });
  }

  async function answerInThread(): Promise<void> {
    await walk.step('a threaded message is shown as such', async () => {
      const root = await bob.say(kitchen, 'a thread begins');
      await bob.say(kitchen, 'in the thread', {
        'm.relates_to': {
          rel_type: 'm.thread',
          event_id: root,
          is_falling_back: true,
          'm.in_reply_to': { event_id: root },
        },
      });
      await cinny.message('in the thread').getByText('Threaded reply').waitFor();
    });
    await walk.step('an answer in the thread stays in it', async () => {
      await cinny.reply('in the thread', 'thread answer');
      const answer = await bob.sees(
        kitchen,
        ann.userId,
        ({ body }) => body?.includes('thread answer') === true,
      );
      const relation = answer.getWireContent()['m.relates_to']?.rel_type;
      if (relation !== 'm.thread') throw new Error(`its relation is ${relation}`);
    });
  }

  async function share(): Promise<void> {
    await walk.step('a picture is uploaded, shown and downloaded', async () => {
      const file = await walk.picture('the uploaded picture');
      await cinny.sendFile(file);
      const event = await bob.sees(kitchen, ann.userId, ({ msgtype }) => msgtype === 'm.image');
      const bytes = await bob.download(String(event.getContent().url));
      if (!bytes.equals(readFileSync(file))) throw new Error('the download has other bytes');
      await cinny.pictureIsShown();
    });
    await walk.step('search finds an old message', async () => {
      await cinny.search('recipe 7');
      await cinny.text('Results for').waitFor();
      await cinny.exactText('recipe 7').waitFor();
    });
  }

  async function whisper(): Promise<void> {
    const cellar = await bob.makeRoom({ name: 'Cellar', encrypted: true, invite: ann.userId });
    await api(roost.url, ann.accessToken, 'POST', `v3/join/${cellar}`, {});
    await walk.step('an encrypted message reaches Bob', async () => {
      await cinny.go('/home/');
      await cinny.open('Cellar');
      await cinny.send('a secret of Ann');
      const event = await bob.sees(cellar, ann.userId, ({ body }) => body === 'a secret of Ann');
      if (!event.isEncrypted()) throw new Error('it was not encrypted');
    });
    await walk.step('an encrypted message of Bob is read', async () => {
      await bob.whisper(cellar, 'a secret of Bob');
      await cinny.message('a secret of Bob').waitFor();
    });
  }

  async function lookAround(): Promise<void> {
    // Cinny 4.2 leaves out of a space what has no server name in its id, as rooms of version 12.
    const market = await bob.makeRoom({ name: 'Market', public: true, version: '11' });
    const house = await bob.makeSpace('House', market, ann.userId);
    await api(roost.url, ann.accessToken, 'POST', `v3/join/${house}`, {});
    await bob.say(kitchen, 'Ann, come here', { 'm.mentions': { user_ids: [ann.userId] } });
    await walk.step('the inbox holds what she is mentioned in', async () => {
      await cinny.go('/inbox/notifications/');
      await cinny.text('Ann, come here').waitFor();
    });
    await walk.step('a space shows its rooms, joined or not', async () => {
      await cinny.go(`/${encodeURIComponent(house)}/lobby/`);
      await cinny.exactText('Market').waitFor();
    });
    await walk.step('a public room is found and joined', async () => {
      await cinny.go(`/explore/${roost.serverName}/`);
      await cinny.joinByCard('Market');
      await waitFor('Ann in it', () => bob.room('Market')?.getMember(ann.userId)?.membership === 'join');
    });
    await walk.step('the settings list her sessions', async () => {
      await cinny.openSettings();
      await cinny.openSecurity();
      await cinny.text('Current').waitFor();
    });
    await walk.step('cross-signing, recovery and key backup are set up', () => cinny.setUpCrossSigning());
  }

  async function comeBack(): Promise<void> {
    await walk.step('reloaded, the session goes on', async () => {
      await bob.say(kitchen, 'during the reload');
      await cinny.go('/home/');
      await cinny.open('Kitchen');
      await cinny.message('during the reload').waitFor();
    });
    await walk.step('a restart of the server is survived', async () => {
      await roost.stop();
      await roost.start();
      await cinny.send('after the restart');
      await bob.sees(kitchen, ann.userId, ({ body }) => body === 'after the restart');
      await bob.say(kitchen, 'Bob after the restart');
      await cinny.message('Bob after the restart').waitFor();
    });
    await walk.step('logged out, the login page is back', () => cinny.logOut());
  }
}
