import * as v from 'valibot';
import { jsonObject } from '../room-requests.ts';

const contextLimit = v.pipe(v.number(), v.integer(), v.minValue(0));

const contextSchema = v.object({
  before_limit: v.optional(contextLimit, 5),
  after_limit: v.optional(contextLimit, 5),
  include_profile: v.optional(v.boolean(), false),
});

const criteriaSchema = v.object({
  search_term: v.pipe(v.string(), v.maxLength(1_000)),
  keys: v.optional(v.array(v.picklist(['content.body', 'content.name', 'content.topic']))),
  filter: v.optional(jsonObject),
  order_by: v.optional(v.picklist(['recent', 'rank']), 'rank'),
  event_context: v.optional(contextSchema),
  include_state: v.optional(v.boolean(), false),
  groupings: v.optional(
    v.object({
      group_by: v.optional(v.array(v.object({ key: v.picklist(['room_id', 'sender']) })), []),
    }),
  ),
});

export type SearchCriteria = v.InferOutput<typeof criteriaSchema>;

export const searchBody = v.object({
  search_categories: v.object({ room_events: v.optional(criteriaSchema) }),
});
