import { describe, expect, test } from 'vitest';
import { defaultPushRules } from './default-rules.ts';
import {
  deleteRule,
  type EditResult,
  findRule,
  setActions,
  setEnabled,
  setRule,
  withDefaults,
} from './edit-rules.ts';
import type { PushRuleKind, PushRuleset } from './push-rule.ts';

const me = '@me:one';
const defaults = defaultPushRules(me);

function edited(result: EditResult): PushRuleset {
  if (result.kind !== 'edited') throw new Error(result.reason);
  return result.rules;
}

const refusal = (result: EditResult) => (result.kind === 'refused' ? result.reason : undefined);
const own = (ruleId: string) => ({ ruleId, actions: ['notify'] });

function withOwn(kind: PushRuleKind, ...ruleIds: string[]): PushRuleset {
  return ruleIds.reduceRight((rules, ruleId) => edited(setRule(rules, kind, own(ruleId))), defaults);
}

const ownIds = (rules: PushRuleset, kind: PushRuleKind) =>
  rules[kind].map((rule) => rule.rule_id).filter((id) => !id.startsWith('.'));

describe('setRule', () => {
  test('a new rule is the most important but for the master switch', () => {
    const rules = withOwn('override', 'a', 'b');
    expect(rules.override.slice(0, 4).map((rule) => rule.rule_id)).toEqual([
      '.m.rule.master',
      'a',
      'b',
      '.m.rule.suppress_notices',
    ]);
    expect(withOwn('underride', 'a').underride[0]?.rule_id).toBe('a');
    const own = { rule_id: 'a', default: false, enabled: true, actions: ['notify'] };
    expect(withOwn('content', 'a').content).toEqual([own, ...defaults.content]);
  });

  test.each<[{ before?: string; after?: string }, string[] | string]>([
    [{ before: 'b' }, ['a', 'new', 'b', 'c']],
    [{ before: 'a' }, ['new', 'a', 'b', 'c']],
    [{ after: 'a' }, ['a', 'new', 'b', 'c']],
    [{ after: 'c' }, ['a', 'b', 'c', 'new']],
    [{ before: 'c', after: 'a' }, ['a', 'b', 'new', 'c']],
    [{ before: 'missing' }, 'unknownAnchor'],
    [{ after: '.m.rule.master' }, 'unknownAnchor'],
  ])('placed %j', (place, expected) => {
    const result = setRule(withOwn('override', 'a', 'b', 'c'), 'override', own('new'), place);
    expect(refusal(result) ?? ownIds(edited(result), 'override')).toEqual(expected);
  });

  test('a replaced rule keeps its place and its switch', () => {
    const rules = edited(setEnabled(withOwn('override', 'a', 'b', 'c'), 'override', 'b', false));
    const changed = edited(setRule(rules, 'override', { ruleId: 'b', actions: [], conditions: [] }));
    expect(ownIds(changed, 'override')).toEqual(['a', 'b', 'c']);
    expect(findRule(changed, 'override', 'b')).toEqual({
      rule_id: 'b',
      default: false,
      enabled: false,
      actions: [],
      conditions: [],
    });
    const moved = edited(setRule(changed, 'override', own('b'), { after: 'c' }));
    expect(ownIds(moved, 'override')).toEqual(['a', 'c', 'b']);
    expect(refusal(setRule(changed, 'override', own('b'), { after: 'b' }))).toBe('unknownAnchor');
  });

  test('default rules are not for users to make', () => {
    expect(refusal(setRule(defaults, 'override', own('.mine')))).toBe('defaultRule');
  });

  test('kinds are apart', () => {
    const rules = edited(setRule(withOwn('room', 'x'), 'sender', own('x')));
    expect([ownIds(rules, 'room'), ownIds(rules, 'sender')]).toEqual([['x'], ['x']]);
  });

  test('leaves its input as it is', () => {
    const before = structuredClone(defaults);
    withOwn('override', 'a');
    expect(defaults).toEqual(before);
  });
});

test('deleteRule', () => {
  const rules = withOwn('room', 'a', 'b');
  expect(ownIds(edited(deleteRule(rules, 'room', 'a')), 'room')).toEqual(['b']);
  expect(refusal(deleteRule(rules, 'room', 'c'))).toBe('unknownRule');
  expect(refusal(deleteRule(rules, 'sender', 'a'))).toBe('unknownRule');
  expect(refusal(deleteRule(rules, 'override', '.m.rule.master'))).toBe('defaultRule');
});

test('setEnabled and setActions, also of default rules', () => {
  const muted = edited(setEnabled(defaults, 'override', '.m.rule.master', true));
  expect(findRule(muted, 'override', '.m.rule.master')?.enabled).toBe(true);
  const silent = edited(setActions(muted, 'underride', '.m.rule.message', []));
  expect(findRule(silent, 'underride', '.m.rule.message')?.actions).toEqual([]);
  expect(refusal(setEnabled(defaults, 'override', 'x', true))).toBe('unknownRule');
  expect(refusal(setActions(defaults, 'content', '.m.rule.message', []))).toBe('unknownRule');
});

describe('withDefaults', () => {
  test('nothing stored', () => expect(withDefaults(undefined, me)).toEqual(defaults));

  test('the stored rules of this version stay as they are', () => {
    const rules = edited(setActions(withOwn('override', 'a'), 'override', '.m.rule.reaction', ['notify']));
    expect(withDefaults(rules, me)).toEqual(rules);
  });

  test('new defaults appear, withdrawn ones go, choices stay', () => {
    const stored = edited(setEnabled(withOwn('underride', 'a'), 'underride', '.m.rule.call', false));
    const older: PushRuleset = {
      ...stored,
      content: [{ rule_id: '.m.rule.withdrawn', default: true, enabled: true, actions: [] }],
      underride: stored.underride.filter((rule) => rule.rule_id !== '.m.rule.message'),
    };
    const rules = withDefaults(older, me);
    expect(rules.content).toEqual(defaults.content);
    expect(rules.underride.map((rule) => rule.rule_id)).toEqual([
      'a',
      ...defaults.underride.map((rule) => rule.rule_id),
    ]);
    expect(findRule(rules, 'underride', '.m.rule.call')?.enabled).toBe(false);
  });
});
