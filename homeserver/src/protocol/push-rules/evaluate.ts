import { isJsonObject } from '../../../../matrix/json.ts';
import { conditionHolds, matchesProperty, type PushContext, type PushEvent } from './conditions.ts';
import { containsUserName } from './default-rules.ts';
import {
  type PushAction,
  type PushRule,
  type PushRuleKind,
  type PushRuleset,
  pushRuleKinds,
} from './push-rule.ts';

export interface PushVerdict {
  notify: boolean;
  highlight: boolean;
  sound?: string;
  /** Of the rule that decided, for push gateways and `/notifications`; empty if none matched. */
  actions: PushAction[];
}

export const silent: PushVerdict = { notify: false, highlight: false, actions: [] };

/** Client-server API, "Push Rules": the first enabled rule that matches decides. */
export function evaluatePushRules(event: PushEvent, rules: PushRuleset, context: PushContext): PushVerdict {
  if (event.sender === context.userId) return silent;
  for (const kind of pushRuleKinds) {
    const match = rules[kind].find((rule) => rule.enabled && ruleMatches(kind, rule, event, context));
    if (match) return verdictOf(match.actions);
  }
  return silent;
}

function ruleMatches(kind: PushRuleKind, rule: PushRule, event: PushEvent, context: PushContext): boolean {
  switch (kind) {
    case 'override':
    case 'postcontent':
    case 'underride':
      return (rule.conditions ?? []).every((condition) => conditionHolds(condition, event, context));
    case 'content':
      if (rule.rule_id === containsUserName && event.content['m.mentions'] !== undefined) return false;
      return rule.pattern !== undefined && matchesProperty('content.body', rule.pattern, event, context);
    case 'room':
      return rule.rule_id === context.roomId;
    case 'sender':
      return rule.rule_id === event.sender;
    default:
      return kind satisfies never;
  }
}

function verdictOf(actions: PushAction[]): PushVerdict {
  const verdict: PushVerdict = { notify: actions.includes('notify'), highlight: false, actions };
  if (!verdict.notify) return verdict;
  for (const action of actions) {
    if (!isJsonObject(action)) continue;
    if (action.set_tweak === 'highlight') verdict.highlight = action.value !== false;
    if (action.set_tweak === 'sound' && typeof action.value === 'string') verdict.sound = action.value;
  }
  return verdict;
}
