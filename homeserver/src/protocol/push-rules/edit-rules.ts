import type { JsonObject } from '../../../../matrix/json.ts';
import { defaultPushRules } from './default-rules.ts';
import {
  type PushAction,
  type PushRule,
  type PushRuleKind,
  type PushRuleset,
  pushRuleKinds,
} from './push-rule.ts';

/** Client-server API, "Push Rules: API". All functions leave their input as it is. */

/** `unknownAnchor`: the rule in `before` or `after` is none of the user's own. */
export type EditResult =
  | { kind: 'edited'; rules: PushRuleset }
  | { kind: 'refused'; reason: 'unknownRule' | 'unknownAnchor' | 'defaultRule' };

/** What a client sets of a rule of its own. */
export interface OwnRule {
  ruleId: string;
  actions: PushAction[];
  conditions?: JsonObject[];
  pattern?: string;
}

/**
 * Makes or replaces a rule of the user's own. A new one is enabled and the most important of its kind,
 * unless it is placed; a replaced one keeps its place and whether it is enabled.
 * @param place the rule comes directly before or behind that one; `before` wins
 */
export function setRule(
  rules: PushRuleset,
  kind: PushRuleKind,
  own: OwnRule,
  place: { before?: string; after?: string } = {},
): EditResult {
  if (isDefaultId(own.ruleId)) return { kind: 'refused', reason: 'defaultRule' };
  const present = rules[kind].find((rule) => rule.rule_id === own.ruleId);
  const rule: PushRule = {
    rule_id: own.ruleId,
    default: false,
    enabled: present?.enabled ?? true,
    actions: own.actions,
    ...(own.conditions ? { conditions: own.conditions } : {}),
    ...(own.pattern === undefined ? {} : { pattern: own.pattern }),
  };
  const anchor = place.before ?? place.after;
  if (present && anchor === undefined) return replaced(rules, kind, rule);
  const others = rules[kind].filter((other) => other.rule_id !== own.ruleId);
  const index = anchor === undefined ? firstOwnIndex(others) : indexOfOwn(others, anchor);
  if (index < 0) return { kind: 'refused', reason: 'unknownAnchor' };
  return edited(
    rules,
    kind,
    others.toSpliced(place.before === undefined && anchor !== undefined ? index + 1 : index, 0, rule),
  );
}

export function deleteRule(rules: PushRuleset, kind: PushRuleKind, ruleId: string): EditResult {
  if (isDefaultId(ruleId)) return { kind: 'refused', reason: 'defaultRule' };
  const others = rules[kind].filter((rule) => rule.rule_id !== ruleId);
  if (others.length === rules[kind].length) return { kind: 'refused', reason: 'unknownRule' };
  return edited(rules, kind, others);
}

/** Default rules, too, can be switched and given other actions. */
export function setEnabled(
  rules: PushRuleset,
  kind: PushRuleKind,
  ruleId: string,
  enabled: boolean,
): EditResult {
  const rule = findRule(rules, kind, ruleId);
  return rule ? replaced(rules, kind, { ...rule, enabled }) : { kind: 'refused', reason: 'unknownRule' };
}

export function setActions(
  rules: PushRuleset,
  kind: PushRuleKind,
  ruleId: string,
  actions: PushAction[],
): EditResult {
  const rule = findRule(rules, kind, ruleId);
  return rule ? replaced(rules, kind, { ...rule, actions }) : { kind: 'refused', reason: 'unknownRule' };
}

export function findRule(rules: PushRuleset, kind: PushRuleKind, ruleId: string): PushRule | undefined {
  return rules[kind].find((rule) => rule.rule_id === ruleId);
}

/**
 * Stored rules with the defaults as this version of the server knows them: new ones appear, withdrawn ones
 * go, and those that stay keep what the user has set. Without stored rules: the defaults.
 */
export function withDefaults(stored: PushRuleset | undefined, userId: string): PushRuleset {
  const defaults = defaultPushRules(userId);
  if (!stored) return defaults;
  const merged = { ...defaults };
  for (const kind of pushRuleKinds) {
    const present = stored[kind] ?? [];
    const known = defaults[kind].map((rule) => {
      const kept = present.find((other) => other.rule_id === rule.rule_id);
      return kept ? { ...rule, enabled: kept.enabled, actions: kept.actions } : rule;
    });
    const own = present.filter((rule) => !isDefaultId(rule.rule_id));
    merged[kind] = known.toSpliced(firstOwnIndex(known), 0, ...own);
  }
  return merged;
}

const masterRule = '.m.rule.master';

function isDefaultId(ruleId: string): boolean {
  return ruleId.startsWith('.');
}

/** The user's rules come before all defaults but the master switch. */
function firstOwnIndex(rules: readonly PushRule[]): number {
  return rules[0]?.rule_id === masterRule ? 1 : 0;
}

function indexOfOwn(rules: readonly PushRule[], ruleId: string): number {
  return isDefaultId(ruleId) ? -1 : rules.findIndex((rule) => rule.rule_id === ruleId);
}

function replaced(rules: PushRuleset, kind: PushRuleKind, rule: PushRule): EditResult {
  return edited(
    rules,
    kind,
    rules[kind].map((other) => (other.rule_id === rule.rule_id ? rule : other)),
  );
}

function edited(rules: PushRuleset, kind: PushRuleKind, changed: PushRule[]): EditResult {
  return { kind: 'edited', rules: { ...rules, [kind]: changed } };
}
