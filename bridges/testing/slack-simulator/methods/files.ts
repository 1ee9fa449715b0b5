import { mayKnow } from '../event-audience.ts';
import { deleteFile, shareFiles, storeFile } from '../operations/files.ts';
import { renderFile } from '../render/render-file.ts';
import { SlackApiError } from '../slack-api-error.ts';
import { joinedChannel, type WebApiCall, type WebApiMethod } from '../web-api-call.ts';
import type { SlackFile } from '../world.ts';

const maxFileBytes = 1024 * 1024 * 1024;

/** A file is visible to its owner and to who sees a conversation it was posted in. */
export function mayReadFile(call: Pick<WebApiCall, 'token' | 'team'>, file: SlackFile): boolean {
  if (file.userId === call.token.userId) return true;
  return file.shares.some((share) => {
    const channel = call.team.channels.get(share.channelId);
    return channel !== undefined && mayKnow(call.token, channel);
  });
}

function visibleFile(call: WebApiCall): SlackFile {
  const file = call.team.files.get(call.args.required('file'));
  if (!file || !mayReadFile(call, file)) throw new SlackApiError('file_not_found');
  if (file.deleted) throw new SlackApiError('file_deleted');
  return file;
}

function completedFiles(call: WebApiCall): SlackFile[] {
  const entries = call.args.structure('files', 'invalid_arguments');
  if (!Array.isArray(entries) || entries.length === 0) throw new SlackApiError('invalid_arguments');
  return entries.map((entry: { id?: string; title?: string }) => {
    const upload = [...call.world.uploads.entries()].find(([, candidate]) => candidate.fileId === entry.id);
    const [token, pending] = upload ?? [];
    if (!token || !pending?.bytes || pending.userId !== call.token.userId) {
      throw new SlackApiError('file_not_found');
    }
    call.world.uploads.delete(token);
    return storeFile(call.simulation, call.team, {
      id: pending.fileId,
      userId: pending.userId,
      name: pending.name,
      bytes: pending.bytes,
      ...(entry.title ? { title: entry.title } : {}),
    });
  });
}

/** A `markdown` block beside a file makes Slack answer `internal_error` (python-slack-sdk#1756). */
function commentBlocks(call: WebApiCall): { blocks?: unknown[] } {
  const blocks = call.args.structure('blocks', 'invalid_blocks_format');
  if (!Array.isArray(blocks) || call.args.optional('initial_comment')) return {};
  if (blocks.some((block) => (block as { type?: unknown }).type === 'markdown')) {
    throw new SlackApiError('internal_error');
  }
  return { blocks };
}

export const fileMethods: Record<string, WebApiMethod> = {
  'files.getUploadURLExternal': {
    scopes: ['files:write'],
    tier: 4,
    run: (call) => {
      const length = call.args.integer('length', 0);
      if (length <= 0) throw new SlackApiError('invalid_arguments');
      if (length > maxFileBytes) throw new SlackApiError('file_upload_size_restricted');
      const token = call.world.ids.base64url(60);
      const fileId = call.world.ids.base36('F', 10);
      const name = call.args.required('filename');
      call.world.uploads.set(token, {
        fileId,
        teamId: call.team.id,
        userId: call.token.userId,
        name,
        length,
      });
      return { upload_url: `${call.world.origin}/upload/v1/${token}`, file_id: fileId };
    },
  },
  'files.completeUploadExternal': {
    scopes: ['files:write'],
    tier: 4,
    run: (call) => {
      const blocks = commentBlocks(call);
      const channelId = call.args.optional('channel_id') ?? call.args.list('channels')[0];
      const channel = channelId
        ? joinedChannel(call, call.args.optional('channel_id') ? 'channel_id' : 'channels')
        : undefined;
      const threadTs = call.args.optional('thread_ts');
      const files = completedFiles(call);
      if (channel) {
        shareFiles(call.simulation, call.team, call.token, channel, files, {
          text: call.args.optional('initial_comment') ?? '',
          ...blocks,
          ...(threadTs ? { threadTs } : {}),
        });
      }
      // The shares come late: this answer never has them, only `files.info` and the event do.
      return { files: files.map((file) => renderFile(call.world, file)) };
    },
  },
  'files.info': {
    scopes: ['files:read'],
    tier: 4,
    run: (call) => ({
      file: renderFile(call.world, visibleFile(call), { withShares: true }),
      comments: [],
    }),
  },
  'files.delete': {
    scopes: ['files:write'],
    tier: 3,
    run: (call) => {
      const file = visibleFile(call);
      if (file.userId !== call.token.userId) throw new SlackApiError('cant_delete_file');
      deleteFile(call.simulation, call.team, file);
      return {};
    },
  },
};
