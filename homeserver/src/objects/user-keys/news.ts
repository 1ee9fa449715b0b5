import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { DueWork } from '../../../../platform/due-work.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { addNews, forgetNews, type NewsTopic, readNews } from '../../storage/user-keys/pending-news.ts';

export interface NewsListeners {
  deviceList(): Promise<void>;
  counts(deviceId: DeviceId): Promise<void>;
  /** Of a dehydrated device that is gone. */
  inboxClosed(deviceId: DeviceId): Promise<void>;
}

/**
 * What others must be told of a change here: noted in the same transaction as the change, told by the alarm
 * that follows at once, forgotten when told. A crash in between repeats it, which is harmless.
 */
export class News {
  readonly #sqlite: Sqlite;
  readonly #dueWork: DueWork;

  constructor(sqlite: Sqlite, dueWork: DueWork) {
    this.#sqlite = sqlite;
    this.#dueWork = dueWork;
  }

  deviceListChanged(): void {
    this.#add('device_list');
  }

  countsChanged(deviceId: DeviceId): void {
    this.#add(`counts:${deviceId}`);
  }

  inboxClosed(deviceId: DeviceId): void {
    this.#add(`inbox_closed:${deviceId}`);
  }

  /** @throws what a listener throws; its topic stays pending */
  async tell(listeners: NewsListeners): Promise<void> {
    for (const news of readNews(this.#sqlite)) {
      const [kind, deviceId] = splitTopic(news.topic);
      if (kind === 'device_list') await listeners.deviceList();
      else if (kind === 'counts') await listeners.counts(deviceId);
      else await listeners.inboxClosed(deviceId);
      forgetNews(this.#sqlite, news);
    }
  }

  #add(topic: NewsTopic): void {
    addNews(this.#sqlite, topic);
    this.#dueWork.schedule('tell_news', Date.now());
  }
}

function splitTopic(topic: NewsTopic): ['device_list' | 'counts' | 'inbox_closed', DeviceId] {
  const [kind = ''] = topic.split(':', 1);
  return [kind as 'device_list' | 'counts' | 'inbox_closed', topic.slice(kind.length + 1) as DeviceId];
}
