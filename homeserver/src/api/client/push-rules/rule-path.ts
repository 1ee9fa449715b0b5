import { fromDenial, invalidParam, notFound } from '../../../../../matrix/errors.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import type { PushRuleEdit } from '../../../objects/user-sync-rpc.ts';
import { findRule } from '../../../protocol/push-rules/edit-rules.ts';
import { isPushRuleKind, type PushRule, type PushRuleKind } from '../../../protocol/push-rules/push-rule.ts';
import type { Requester } from '../../endpoint.ts';

/** The rule that a path names. @throws `M_INVALID_PARAM` */
export function rulePath(params: Record<string, string>): { kind: PushRuleKind; ruleId: string } {
  const { kind = '', ruleId = '' } = params;
  if (!isPushRuleKind(kind)) throw invalidParam('Unknown kind of push rule');
  if (ruleId === '' || ruleId.length > 255 || /[/\\]/.test(ruleId)) throw invalidParam('Not a rule id');
  return { kind, ruleId };
}

/** @throws `M_NOT_FOUND` */
export async function ruleOf(
  params: Record<string, string>,
  stubs: Stubs,
  requester: Requester,
): Promise<PushRule> {
  const { kind, ruleId } = rulePath(params);
  const rule = findRule(await stubs.user(requester.userId).pushRules(), kind, ruleId);
  if (!rule) throw notFound('There is no such rule');
  return rule;
}

/** @throws MatrixError */
export async function editRule(edit: PushRuleEdit, stubs: Stubs, requester: Requester): Promise<object> {
  const result = await stubs.user(requester.userId).editPushRules(edit);
  if (result.kind === 'denied') throw fromDenial(result);
  return {};
}
