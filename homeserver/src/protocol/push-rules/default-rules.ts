import { localpartOf, type UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject, JsonValue } from '../../../../matrix/json.ts';
import type { PushAction, PushRule, PushRuleset } from './push-rule.ts';

const sound = (value: string): PushAction => ({ set_tweak: 'sound', value });
const highlight: PushAction = { set_tweak: 'highlight' };

const is = (key: string, pattern: string): JsonObject => ({ kind: 'event_match', key, pattern });
const equals = (key: string, value: JsonValue): JsonObject => ({ kind: 'event_property_is', key, value });
const isSubscribed = (subscribed: boolean): JsonObject => ({
  kind: 'io.element.msc4306.thread_subscription',
  subscribed,
});
const isOneToOne: JsonObject = { kind: 'room_member_count', is: '2' };

/**
 * Removed from the specification by now (MSC4210), where it says since version 1.7 that messages with `m.mentions` are not
 * judged by it: kept for what older clients and bridges send.
 */
export const containsUserName = '.m.rule.contains_user_name';

function rule(ruleId: string, conditions: JsonObject[], actions: PushAction[]): PushRule {
  return { rule_id: ruleId, default: true, enabled: true, conditions, actions };
}

/** Client-server API, "Predefined Rules", those for polls of MSC3930, and for threads of MSC4306. A new copy at each call. */
export function defaultPushRules(userId: string): PushRuleset {
  return {
    override: [
      { ...rule('.m.rule.master', [], []), enabled: false },
      rule('.m.rule.suppress_notices', [is('content.msgtype', 'm.notice')], []),
      rule(
        '.m.rule.invite_for_me',
        [is('type', 'm.room.member'), is('content.membership', 'invite'), is('state_key', userId)],
        ['notify', sound('default')],
      ),
      rule('.m.rule.member_event', [is('type', 'm.room.member')], []),
      rule(
        '.m.rule.is_user_mention',
        [{ kind: 'event_property_contains', key: 'content.m\\.mentions.user_ids', value: userId }],
        ['notify', sound('default'), highlight],
      ),
      rule(
        '.m.rule.is_room_mention',
        [equals('content.m\\.mentions.room', true), { kind: 'sender_notification_permission', key: 'room' }],
        ['notify', highlight],
      ),
      rule('.m.rule.tombstone', [is('type', 'm.room.tombstone'), is('state_key', '')], ['notify', highlight]),
      rule('.m.rule.reaction', [is('type', 'm.reaction')], []),
      rule('.m.rule.room.server_acl', [is('type', 'm.room.server_acl'), is('state_key', '')], []),
      rule('.m.rule.suppress_edits', [equals('content.m\\.relates_to.rel_type', 'm.replace')], []),
      rule('.org.matrix.msc3930.rule.poll_response', [is('type', 'org.matrix.msc3381.poll.response')], []),
    ],
    content: [
      {
        rule_id: containsUserName,
        default: true,
        enabled: true,
        pattern: localpartOf(userId as UserId),
        actions: ['notify', sound('default'), highlight],
      },
    ],
    postcontent: [
      rule('.io.element.msc4306.rule.unsubscribed_thread', [isSubscribed(false)], []),
      rule('.io.element.msc4306.rule.subscribed_thread', [isSubscribed(true)], ['notify', sound('default')]),
    ],
    room: [],
    sender: [],
    underride: [
      rule('.m.rule.call', [is('type', 'm.call.invite')], ['notify', sound('ring')]),
      rule(
        '.m.rule.encrypted_room_one_to_one',
        [isOneToOne, is('type', 'm.room.encrypted')],
        ['notify', sound('default')],
      ),
      rule(
        '.m.rule.room_one_to_one',
        [isOneToOne, is('type', 'm.room.message')],
        ['notify', sound('default')],
      ),
      rule('.m.rule.message', [is('type', 'm.room.message')], ['notify']),
      rule('.m.rule.encrypted', [is('type', 'm.room.encrypted')], ['notify']),
      ...pollRules('start'),
      ...pollRules('end'),
    ],
  };
}

function pollRules(part: 'start' | 'end'): PushRule[] {
  const isPoll = is('type', `org.matrix.msc3381.poll.${part}`);
  const id = `.org.matrix.msc3930.rule.poll_${part}`;
  return [
    rule(`${id}_one_to_one`, [isOneToOne, isPoll], ['notify', sound('default')]),
    rule(id, [isPoll], ['notify']),
  ];
}
