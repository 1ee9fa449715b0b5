import * as v from 'valibot';
import { invalidParam, missingParam } from '../../../../../matrix/errors.ts';
import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import { endpoint } from '../../endpoint.ts';
import { pushActions } from './push-actions.ts';
import { editRule, rulePath } from './rule-path.ts';

/** Patterns are tried on every message. */
const maxPatternChars = 255;

const ruleId = v.optional(v.pipe(v.string(), v.maxLength(255)));
const condition = v.pipe(
  v.custom<JsonObject>(isJsonObject, 'must be an object'),
  v.check(({ pattern }) => typeof pattern !== 'string' || pattern.length <= maxPatternChars, 'long pattern'),
);
const conditions = v.pipe(v.array(condition), v.maxLength(50));

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3pushrulesglobalkindruleid */
export const setPushRule = endpoint({
  operationId: 'setPushRule',
  method: 'PUT',
  paths: ['/_matrix/client/v3/pushrules/global/{kind}/{ruleId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({ before: ruleId, after: ruleId }),
  body: v.object({
    actions: pushActions,
    conditions: v.optional(conditions),
    pattern: v.optional(v.pipe(v.string(), v.maxLength(maxPatternChars))),
  }),
  async handler({ params, body, query, stubs }, requester) {
    const path = rulePath(params);
    const { kind } = path;
    if (kind === 'content' && body.pattern === undefined) throw missingParam('Content rules need a pattern');
    if (path.ruleId.startsWith('.')) throw invalidParam('A rule id may not begin with a dot');
    const conditional = kind === 'override' || kind === 'underride';
    const rule = {
      actions: body.actions,
      ...(conditional && { conditions: body.conditions ?? [] }),
      ...(kind === 'content' && body.pattern !== undefined && { pattern: body.pattern }),
    };
    const { before, after } = query;
    const place = { ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
    return editRule({ ...path, edit: 'set', rule, ...place }, stubs, requester);
  },
});
