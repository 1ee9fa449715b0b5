import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { needsFeature } from './lib/features.ts';
import { newUser } from './lib/register.ts';

test('TestFilterMessagesByRelType', async () => {
  await needsFeature('org.matrix.msc3874', 'org.matrix.msc3874.stable');
  const user = await newUser();
  const roomId = await user.createRoom();
  const root = await user.message(roomId, 'root');
  const relating = (relType: string) => ({ 'm.relates_to': { rel_type: relType, event_id: root } });
  const inThread = await user.message(roomId, 'in thread', relating('m.thread'));
  const reference = await user.message(roomId, 'refers', relating('m.reference'));

  const found = async (filter: object) => {
    const page = await user.pageOf(roomId, { dir: 'b', limit: 50, filter: JSON.stringify(filter) });
    return page.chunk.filter((event) => event.type === 'm.room.message').map((event) => event.event_id);
  };
  const only = 'org.matrix.msc3874.rel_types';
  const not = 'org.matrix.msc3874.not_rel_types';
  expect(await found({ [only]: ['m.thread'] })).toEqual([inThread]);
  expect(await found({ [only]: ['m.thread', 'm.reference'] })).toEqual([reference, inThread]);
  expect(await found({ [not]: ['m.thread'] })).toEqual([reference, root]);
});

testAnswersOf('room_messages_relation_filter');
