import { expect, test } from 'vitest';
import vectors from '../../../../test/vectors/default-push-rules.json' with { type: 'json' };
import { defaultPushRules } from './default-rules.ts';
import { pushRuleKinds } from './push-rule.ts';

const userId = '@me:one';

test.each(['override', 'underride'] as const)('%s: those of the specification, in its order', (kind) => {
  const specified = JSON.parse(JSON.stringify(vectors[kind]).replaceAll("[the user's Matrix ID]", userId));
  const own = defaultPushRules(userId)[kind];
  expect(own.filter((rule) => rule.rule_id.startsWith('.m.'))).toEqual(specified);
});

test('ids are unique, rules are the caller’s own copy', () => {
  const rules = defaultPushRules(userId);
  const ids = pushRuleKinds.flatMap((kind) => rules[kind].map((rule) => rule.rule_id));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => id.startsWith('.'))).toBe(true);
  rules.underride.pop();
  expect(defaultPushRules(userId).underride.length).toBe(rules.underride.length + 1);
});
