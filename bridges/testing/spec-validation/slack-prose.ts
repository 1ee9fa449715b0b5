import type { ObjectShape } from './shape-union.ts';

/**
 * Where docs.slack.dev says more than the machine-readable files, which for arguments and errors date from 2020. Each
 * entry is of the method's page in the Web API reference, or of the event's.
 */

/** Arguments that came later. */
export const laterParameters: Record<string, Record<string, string>> = {
  'chat.postMessage': {
    metadata: 'string',
    container_id: 'string',
    markdown_text: 'string',
    unfurl_media: 'boolean',
  },
  'chat.update': {
    metadata: 'string',
    reply_broadcast: 'boolean',
    file_ids: 'string',
    markdown_text: 'string',
  },
  'conversations.history': { include_all_metadata: 'boolean' },
  'conversations.replies': { include_all_metadata: 'boolean' },
  'conversations.info': { include_num_members: 'boolean' },
  'conversations.create': { team_id: 'string' },
  'conversations.open': { prevent_creation: 'boolean' },
  'conversations.list': { team_id: 'string' },
  'users.conversations': { team_id: 'string' },
  'users.list': { team_id: 'string' },
  'emoji.list': { include_categories: 'boolean' },
  'oauth.v2.access': { grant_type: 'string', refresh_token: 'string' },
  'team.info': { domain: 'string' },
  'usergroups.list': { team_id: 'string' },
};

/** Methods that are younger than the OpenAPI. */
export const laterMethods: Record<
  string,
  { parameters: Record<string, string>; required: string[]; errors: string[] }
> = {
  'files.getUploadURLExternal': {
    parameters: { filename: 'string', length: 'integer', alt_txt: 'string', snippet_type: 'string' },
    required: ['filename', 'length'],
    errors: ['file_upload_size_restricted', 'missing_argument', 'invalid_arguments'],
  },
  'files.completeUploadExternal': {
    parameters: {
      files: 'string',
      channel_id: 'string',
      channels: 'string',
      thread_ts: 'string',
      initial_comment: 'string',
      blocks: 'string',
      highlight_type: 'string',
    },
    required: ['files'],
    errors: [
      'file_not_found',
      'channel_not_found',
      'not_in_channel',
      'invalid_arguments',
      'internal_error',
      'no_text',
    ],
  },
};

/** Errors of every method. */
export const commonErrors = [
  'not_authed',
  'invalid_auth',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'ratelimited',
  'invalid_arguments',
  'missing_argument',
  'invalid_json',
  'json_not_object',
  'unknown_method',
  'internal_error',
  'fatal_error',
  'service_unavailable',
];

/** Errors that came later, or that the OpenAPI has for sibling methods only. */
export const laterErrors: Record<string, string[]> = {
  'bots.info': ['bot_not_found'],
  'chat.postMessage': [
    'invalid_blocks',
    'invalid_blocks_format',
    'invalid_attachments',
    'invalid_metadata_format',
    'msg_blocks_too_long',
    'invalid_thread_ts',
    'user_not_found',
  ],
  'chat.update': [
    'invalid_blocks',
    'invalid_blocks_format',
    'invalid_attachments',
    'invalid_metadata_format',
    'msg_blocks_too_long',
  ],
  'chat.getPermalink': ['channel_not_found', 'message_not_found'],
  'conversations.history': ['not_in_channel', 'invalid_cursor'],
  'conversations.replies': ['not_in_channel', 'invalid_cursor', 'invalid_ts_latest', 'invalid_ts_oldest'],
  'conversations.info': ['channel_not_found'],
  'conversations.list': ['invalid_types', 'invalid_cursor'],
  'conversations.create': [
    'name_taken',
    'invalid_name_required',
    'invalid_name_specials',
    'invalid_name_maxlength',
  ],
  'conversations.rename': [
    'invalid_name_required',
    'invalid_name_specials',
    'invalid_name_maxlength',
    'name_taken',
  ],
  'oauth.v2.access': [
    'invalid_client_id',
    'bad_client_secret',
    'invalid_code',
    'bad_redirect_uri',
    'invalid_refresh_token',
  ],
  'reactions.add': ['channel_not_found', 'not_in_channel'],
  'reactions.remove': ['channel_not_found', 'not_in_channel', 'invalid_name'],
  'reactions.get': ['channel_not_found'],
  'users.list': ['invalid_cursor'],
  'users.info': ['user_not_found'],
};

/** Fields of messages that no sample happens to show. */
export const laterMessageFields: ObjectShape = {
  // On posts of apps, also under a person's token.
  app_id: 'string',
  hidden: 'boolean',
  icons: { emoji: 'string', image_48: 'string' },
  // Of `channel_name` messages.
  name: 'string',
  old_name: 'string',
  permalink: 'string',
  user_team: 'string',
  source_team: 'string',
  // The samples of events show `event_type` alone; docs.slack.dev/messaging/message-metadata has both there too.
  metadata: { event_type: 'string', event_payload: 'any' },
};

/** Responses that no sample shows, by their reference pages. */
export const unsampledResponses: Record<string, ObjectShape> = {
  'bots.info': {
    ok: 'boolean',
    bot: {
      id: 'string',
      deleted: 'boolean',
      name: 'string',
      updated: 'number',
      app_id: 'string',
      user_id: 'string',
      icons: { image_36: 'string', image_48: 'string', image_72: 'string' },
    },
  },
  'chat.getPermalink': { ok: 'boolean', channel: 'string', permalink: 'string' },
  'chat.meMessage': { ok: 'boolean', channel: 'string', ts: 'ts' },
};
