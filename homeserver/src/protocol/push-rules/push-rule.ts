import type { JsonObject, JsonValue } from '../../../../matrix/json.ts';

/** Client-server API, "Push Rules", as stored and as clients get them. */
export type PushRule = {
  rule_id: string;
  /** Made by the server; its id begins with a dot. */
  default: boolean;
  enabled: boolean;
  actions: PushAction[];
  /** Of override, postcontent and underride rules. Kinds of condition that are unknown here never hold. */
  conditions?: JsonObject[];
  /** Of content rules. */
  pattern?: string;
};

/** `notify`, a tweak, or something that later or earlier versions of the specification know. */
export type PushAction = JsonValue;

/** In the order in which they are asked; `postcontent` is of MSC4306. */
export const pushRuleKinds = ['override', 'content', 'postcontent', 'room', 'sender', 'underride'] as const;

export type PushRuleKind = (typeof pushRuleKinds)[number];

/** Most important first in each kind: the `global` member of `m.push_rules`. */
export type PushRuleset = Record<PushRuleKind, PushRule[]>;

export function isPushRuleKind(value: string): value is PushRuleKind {
  return pushRuleKinds.some((kind) => kind === value);
}
