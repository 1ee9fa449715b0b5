import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { searchPeople } from '../../../storage/d1/profiles.ts';
import { endpoint } from '../../endpoint.ts';
import { shortText } from '../request-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3user_directorysearch */
export const searchUserDirectory = endpoint({
  operationId: 'searchUserDirectory',
  method: 'POST',
  paths: ['/_matrix/client/v3/user_directory/search'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    search_term: shortText,
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 10),
  }),
  async handler({ body, env, config }) {
    const limit = Math.min(body.limit, 50);
    const term = body.search_term.trim();
    const found = term === '' ? [] : await searchPeople(openD1(env.DB, config.meter), term, limit + 1);
    return {
      limited: found.length > limit,
      results: found.slice(0, limit).map(({ userId, displayName, avatarUrl }) => ({
        user_id: userId,
        display_name: displayName,
        avatar_url: avatarUrl,
      })),
    };
  },
});
