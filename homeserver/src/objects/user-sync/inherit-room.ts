import type { RoomId } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import { setEnabled, setRule } from '../../protocol/push-rules/edit-rules.ts';
import { type PushRule, type PushRuleset, pushRuleKinds } from '../../protocol/push-rules/push-rule.ts';
import { getAccountData, putAccountData } from './account-data.ts';
import { currentPushRules } from './push-flags.ts';
import type { UserContext } from './user-context.ts';

/**
 * Gives a room what the user has set for the one it replaces: tags, being a direct conversation, push rules.
 * What is set for the new room stays as it is, so this may be done again.
 */
export function inheritRoom(user: UserContext, from: RoomId, to: RoomId): void {
  if (from === to) return;
  user.sqlite.transaction(() => {
    const tags = getAccountData(user, 'm.tag', from);
    if (tags && !getAccountData(user, 'm.tag', to)) putAccountData(user, 'm.tag', tags, to);
    const direct = getAccountData(user, 'm.direct');
    if (direct) putAccountData(user, 'm.direct', withRoom(direct, from, to));
    const rules = currentPushRules(user);
    const inherited = withRules(rules, from, to);
    if (inherited !== rules) {
      putAccountData(user, 'm.push_rules', { global: inherited as unknown as JsonObject });
    }
  });
}

function withRoom(direct: JsonObject, from: RoomId, to: RoomId): JsonObject {
  return Object.fromEntries(
    Object.entries(direct).map(([userId, rooms]) =>
      Array.isArray(rooms) && rooms.includes(from) && !rooms.includes(to)
        ? [userId, [...rooms, to]]
        : [userId, rooms],
    ),
  );
}

/** The rules with a copy of each that is about the room alone: by its id, or by a condition. */
function withRules(rules: PushRuleset, from: RoomId, to: RoomId): PushRuleset {
  let result = rules;
  for (const kind of pushRuleKinds) {
    for (const rule of rules[kind].filter((one) => !one.default && isAbout(one, kind, from))) {
      const ruleId = rule.rule_id.replaceAll(from, to);
      if (result[kind].some((present) => present.rule_id === ruleId)) continue;
      const conditions = rule.conditions?.map((condition) =>
        isOfRoom(condition, from) ? { ...condition, pattern: to } : condition,
      );
      const { actions, pattern } = rule;
      const copy = {
        ruleId,
        actions,
        ...(conditions ? { conditions } : {}),
        ...(pattern === undefined ? {} : { pattern }),
      };
      const set = setRule(result, kind, copy, { after: rule.rule_id });
      if (set.kind !== 'edited') continue;
      const enabled = setEnabled(set.rules, kind, ruleId, rule.enabled);
      result = enabled.kind === 'edited' ? enabled.rules : set.rules;
    }
  }
  return result;
}

function isAbout(rule: PushRule, kind: string, roomId: RoomId): boolean {
  if (kind === 'room') return rule.rule_id === roomId;
  return rule.conditions?.some((condition) => isOfRoom(condition, roomId)) ?? false;
}

function isOfRoom(condition: unknown, roomId: RoomId): boolean {
  return (
    isJsonObject(condition) &&
    condition.kind === 'event_match' &&
    condition.key === 'room_id' &&
    condition.pattern === roomId
  );
}
