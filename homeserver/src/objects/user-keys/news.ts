import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { DueWork } from '../../../../platform/due-work.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { addNews, forgetNews, type NewsTopic, readNews } from '../../storage/user-keys/pending-news.ts';

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

  /** @throws what a listener throws; its topic stays pending */
  async tell(listeners: {
    deviceList(): Promise<void>;
    counts(deviceId: DeviceId): Promise<void>;
  }): Promise<void> {
    for (const news of readNews(this.#sqlite)) {
      if (news.topic === 'device_list') await listeners.deviceList();
      else await listeners.counts(news.topic.slice('counts:'.length) as DeviceId);
      forgetNews(this.#sqlite, news);
    }
  }

  #add(topic: NewsTopic): void {
    addNews(this.#sqlite, topic);
    this.#dueWork.schedule('tell_news', Date.now());
  }
}
