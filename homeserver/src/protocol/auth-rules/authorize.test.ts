import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { Pdu } from '../pdu.ts';
import { creator, type EventFields, outcome, testRoom } from '../testing/room.ts';
import { allVersions } from '../testing/versions.ts';
import { authorize } from './authorize.ts';
import { mayRedact } from './redaction.ts';

const alice = '@alice:one';
const bob = '@bob:two';

describe.each(allVersions)('room version $id', (version) => {
  const number = Number(version.id);
  const room = testRoom(version);
  const joined = [creator, alice, bob].map((userId) => room.member(userId, 'join'));

  const verdict = (fields: EventFields, levels: JsonObject | undefined = undefined, more: Pdu[] = []) =>
    outcome(
      authorize(
        room.event(fields),
        room.state(...joined, ...(levels ? [room.powerLevels(levels)] : []), ...more),
        version,
      ),
    );
  const message = (sender: string) => ({ type: 'm.room.message', sender });
  const topic = (sender: string) => ({ type: 'm.room.topic', sender, state_key: '' });

  test('2 the room and its create event', () => {
    expect(verdict({ ...message(alice), room_id: '!other:one' })).toBe('2');
    expect(outcome(authorize(room.event(message(alice)), { get: () => undefined }, version))).toBe('2');
  });

  test('4 a room that does not federate', () => {
    const closed = testRoom(version, { 'm.federate': false });
    const closedVerdict = (sender: string) =>
      outcome(
        authorize(
          closed.event(message(sender)),
          closed.state(closed.member(alice, 'join'), closed.member(bob, 'join')),
          version,
        ),
      );
    expect(closedVerdict(alice)).toBe('allowed');
    expect(closedVerdict(bob)).toBe('4');
    const join = closed.member(bob, 'join');
    expect(outcome(authorize(join, closed.state(closed.joinRule('public')), version))).toBe('4');
  });

  test('6 only members send', () => {
    expect(verdict(message(bob))).toBe('allowed');
    expect(verdict(message('@c:two'))).toBe('6');
    for (const membership of ['leave', 'invite', 'knock', 'ban']) {
      expect(verdict(message(bob), {}, [room.member(bob, membership)])).toBe('6');
    }
  });

  test('7 third-party invites need the invite level', () => {
    const offer = { type: 'm.room.third_party_invite', sender: alice, state_key: 'token' };
    expect(verdict(offer, { state_default: 100 })).toBe('allowed');
    expect(verdict(offer, { invite: 1 })).toBe('7.1');
    expect(verdict(offer, { invite: 1, users: { [alice]: 1 } })).toBe('allowed');
  });

  test('8 the required power level', () => {
    expect(verdict(message(alice))).toBe('allowed');
    expect(verdict(topic(alice))).toBe('8');
    expect(verdict(topic(creator))).toBe('allowed');
    expect(verdict(message(alice), {})).toBe('allowed');
    expect(verdict(topic(alice), {})).toBe('8');
    expect(verdict(message(alice), { events_default: 1 })).toBe('8');
    expect(verdict(message(alice), { events_default: 1, users_default: 1 })).toBe('allowed');
    expect(verdict(topic(alice), { state_default: 0 })).toBe('allowed');
    expect(verdict(topic(alice), { state_default: 0, events: { 'm.room.topic': 10 } })).toBe('8');
    expect(verdict(topic(alice), { users: { [alice]: 10 }, events: { 'm.room.topic': 10 } })).toBe('allowed');
    expect(verdict(message(alice), { users: { [alice]: -1 } })).toBe('8');
  });

  test('the creator without an entry in the power levels', () => {
    expect(verdict(topic(creator), { users: {} })).toBe(number < 12 ? '8' : 'allowed');
  });

  test('power levels as text and as floats', () => {
    const asText = { users: { [alice]: ' +0050 ' } };
    expect(verdict(topic(alice), asText)).toBe(number < 10 ? 'allowed' : '8');
    const asFloat = { users: { [alice]: 50.9 }, state_default: 50.1 };
    expect(verdict(topic(alice), asFloat)).toBe(number < 6 ? 'allowed' : '8');
    expect(verdict(topic(alice), { users: { [alice]: '50.0' } })).toBe('8');
    expect(verdict(topic(alice), { users: { [alice]: '0x50' } })).toBe('8');
  });

  test('9 state of other users', () => {
    const own = { type: 'other', sender: alice, state_key: alice };
    expect(verdict(own, { state_default: 0 })).toBe('allowed');
    expect(verdict({ ...own, state_key: bob }, { state_default: 0 })).toBe('9');
    expect(verdict({ ...own, state_key: `_${bob}` }, { state_default: 0 })).toBe('allowed');
  });

  test('aliases: a rule of their own up to version 5', () => {
    const aliases = (sender: string, stateKey: string | undefined) =>
      verdict({
        type: 'm.room.aliases',
        sender,
        ...(stateKey === undefined ? {} : { state_key: stateKey }),
      });
    expect(aliases('@c:two', 'two')).toBe(number < 6 ? 'allowed' : '6');
    expect(aliases(alice, 'one')).toBe(number < 6 ? 'allowed' : '8');
    expect(aliases(alice, 'two')).toBe(number < 6 ? 'v1:4.2' : '8');
    expect(aliases(alice, undefined)).toBe(number < 6 ? 'v1:4.1' : 'allowed');
  });

  test('redactions: a rule of their own up to version 2', () => {
    const redaction = (sender: string, eventId: string) => ({
      type: 'm.room.redaction',
      sender,
      event_id: eventId,
      redacts: '$target:one',
    });
    expect(verdict(redaction(alice, '$r:one'))).toBe('allowed');
    expect(verdict(redaction(bob, '$r:two'))).toBe(number < 3 ? 'v1:11.3' : 'allowed');
    expect(verdict(redaction(bob, '$r:two'), { users: { [bob]: 50 } })).toBe('allowed');
    expect(verdict(redaction(bob, '$r:two'), { events: { 'm.room.redaction': 1 } })).toBe('8');
  });

  test('whether an accepted redaction has an effect', () => {
    const levels = room.powerLevels({ users: { [bob]: 50 } });
    const [byAlice, byBob] = [room.event(message(alice)), room.event(message(bob))];
    const redacts = (redaction: Pdu, target: Pdu, state: Pdu[]) =>
      mayRedact(redaction, target, room.state(...state), version);
    expect(redacts(byAlice, room.event(message(creator)), [])).toBe(true);
    expect(redacts(byBob, byAlice, [])).toBe(number < 3);
    expect(redacts(byBob, byAlice, [levels])).toBe(true);
  });
});
