import { type Denial, denial, invalidParam, notFound, tooLarge, unknown } from '../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { limits } from '../../../../matrix/limits.ts';
import {
  deleteRule,
  type EditResult,
  setActions,
  setEnabled,
  setRule,
} from '../../protocol/push-rules/edit-rules.ts';
import type { PushRuleset } from '../../protocol/push-rules/push-rule.ts';
import type { PushRuleEdit } from '../user-sync-rpc.ts';
import { putAccountData } from './account-data.ts';
import { currentPushRules } from './push-flags.ts';
import type { UserContext } from './user-context.ts';

/** Edits the rules in one step, so that two clients do not undo each other. */
export function editPushRules(user: UserContext, edit: PushRuleEdit): { kind: 'done' } | Denial {
  const result = edited(currentPushRules(user), edit);
  if (result.kind === 'refused') return denial(refusals[result.reason]());
  const content = { global: result.rules as unknown as JsonObject };
  if (JSON.stringify(content).length > limits.maxAccountDataBytes) return denial(tooLarge('Too many rules'));
  putAccountData(user, 'm.push_rules', content);
  return { kind: 'done' };
}

function edited(rules: PushRuleset, edit: PushRuleEdit): EditResult {
  const { kind, ruleId } = edit;
  switch (edit.edit) {
    case 'set': {
      const { before, after } = edit;
      const place = { ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
      return setRule(rules, kind, { ...edit.rule, ruleId }, place);
    }
    case 'delete':
      return deleteRule(rules, kind, ruleId);
    case 'enable':
      return setEnabled(rules, kind, ruleId, edit.enabled);
    case 'setActions':
      return setActions(rules, kind, ruleId, edit.actions);
    default:
      return edit satisfies never;
  }
}

const refusals = {
  unknownRule: () => notFound('There is no such rule'),
  unknownAnchor: () => unknown('before/after rule not found', 400),
  defaultRule: () => invalidParam('Rules whose id begins with a dot are the server’s own'),
};
