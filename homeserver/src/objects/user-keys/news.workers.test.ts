import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test, vi } from 'vitest';
import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { DueWork } from '../../../../platform/due-work.ts';
import { Sqlite } from '../../../../platform/sqlite.ts';
import { readNews } from '../../storage/user-keys/pending-news.ts';
import { News } from './news.ts';

const namespace = (env as unknown as { USER_KEYS: DurableObjectNamespace }).USER_KEYS;
const inboxClosed = async () => {};
const phone = 'PHONE' as DeviceId;

/** News over real storage whose alarm stays silent, so that only the test tells them. */
function withNews(name: string, body: (news: News, sqlite: Sqlite) => Promise<void>): Promise<void> {
  return runInDurableObject(namespace.getByName(name), (_, state) => {
    const sqlite = new Sqlite(state.storage);
    return body(new News(sqlite, { schedule() {} } as unknown as DueWork), sqlite);
  });
}

test('news that could not be told stay; what has been told is gone', async () => {
  await withNews('@a:roost.test', async (news, sqlite) => {
    news.deviceListChanged();
    news.deviceListChanged();
    news.countsChanged(phone);
    const counts = vi.fn(async () => {});
    const failing = { counts, inboxClosed, deviceList: () => Promise.reject(new Error('unreachable')) };
    await expect(news.tell(failing)).rejects.toThrow('unreachable');
    expect(readNews(sqlite).map(({ topic }) => topic)).toContain('device_list');

    const deviceList = vi.fn(async () => {});
    await news.tell({ counts, inboxClosed, deviceList });
    expect(deviceList).toHaveBeenCalledOnce();
    expect(counts).toHaveBeenCalledExactlyOnceWith(phone);
    expect(readNews(sqlite)).toEqual([]);
  });
});

test('a change while the last one is being told is told again', async () => {
  await withNews('@b:roost.test', async (news, sqlite) => {
    news.deviceListChanged();
    await news.tell({
      counts: async () => {},
      inboxClosed,
      deviceList: async () => news.deviceListChanged(),
    });
    expect(readNews(sqlite)).toHaveLength(1);
    await news.tell({ counts: async () => {}, inboxClosed, deviceList: async () => {} });
    expect(readNews(sqlite)).toEqual([]);
  });
});

test('the alarm tells them of its own accord', async () => {
  const stub = namespace.getByName('@c:roost.test') as unknown as {
    upload(deviceId: string, upload: object): Promise<unknown>;
  };
  await stub.upload(phone, { oneTimeKeys: { 'a:b': 'c' } });
  await vi.waitFor(() =>
    withNews('@c:roost.test', async (_, sqlite) => expect(readNews(sqlite)).toEqual([])),
  );
});
