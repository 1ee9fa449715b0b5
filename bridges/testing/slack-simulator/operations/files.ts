import { channelAudience } from '../event-audience.ts';
import type { Simulation } from '../slack-simulator.ts';
import { nextTs } from '../timestamps.ts';
import { type Channel, nowS, type SlackFile, type Team, type Token } from '../world.ts';
import { type NewMessage, postMessage } from './messages.ts';

const types: Record<string, [filetype: string, mimetype: string]> = {
  png: ['png', 'image/png'],
  jpg: ['jpg', 'image/jpeg'],
  jpeg: ['jpg', 'image/jpeg'],
  gif: ['gif', 'image/gif'],
  webp: ['webp', 'image/webp'],
  mp4: ['mp4', 'video/mp4'],
  mp3: ['mp3', 'audio/mpeg'],
  m4a: ['m4a', 'audio/mp4'],
  ogg: ['ogg', 'audio/ogg'],
  pdf: ['pdf', 'application/pdf'],
  txt: ['text', 'text/plain'],
  md: ['markdown', 'text/plain'],
  json: ['json', 'application/json'],
};

/** Slack decides by name and content; the name is enough here. */
export function fileTypes(name: string): [filetype: string, mimetype: string] {
  const extension = name.split('.').at(-1)?.toLowerCase() ?? '';
  return types[extension] ?? ['binary', 'application/octet-stream'];
}

export function storeFile(
  simulation: Simulation,
  team: Team,
  file: { id?: string; userId: string; name: string; title?: string; bytes: Buffer },
): SlackFile {
  const [filetype, mimetype] = fileTypes(file.name);
  const stored: SlackFile = {
    id: file.id ?? simulation.world.ids.base36('F', 10),
    teamId: team.id,
    userId: file.userId,
    name: file.name,
    title: file.title ?? file.name,
    mimetype,
    filetype,
    createdS: nowS(simulation.world),
    bytes: file.bytes,
    shares: [],
    deleted: false,
    servesHtml: false,
  };
  team.files.set(stored.id, stored);
  return stored;
}

/** Posts files into a conversation: one message, and a `file_shared` for each. */
export function shareFiles(
  simulation: Simulation,
  team: Team,
  author: Token,
  channel: Channel,
  files: SlackFile[],
  content: NewMessage,
): void {
  postMessage(simulation, author, channel, { ...content, fileIds: files.map((file) => file.id) });
  for (const file of files) {
    simulation.deliveries.emit(
      team,
      {
        type: 'file_shared',
        file_id: file.id,
        user_id: author.userId,
        file: { id: file.id },
        channel_id: channel.id,
        event_ts: nextTs(simulation.world, channel),
      },
      channelAudience(channel, 'file_shared', 'files:read'),
    );
  }
}

export function deleteFile(simulation: Simulation, team: Team, file: SlackFile): void {
  file.deleted = true;
  for (const share of file.shares) {
    const channel = team.channels.get(share.channelId);
    if (!channel) continue;
    simulation.deliveries.emit(
      team,
      { type: 'file_deleted', file_id: file.id, event_ts: nextTs(simulation.world, channel) },
      channelAudience(channel, 'file_deleted', 'files:read'),
    );
  }
}
