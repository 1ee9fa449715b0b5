import { ownsUser } from '../../../../appservice/registration.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import { announceDeviceList } from '../../services/device-lists.ts';
import { makeStubs } from '../stubs.ts';
import type { News } from './news.ts';
import { countKeys } from './upload-keys.ts';

/** Due work: tells the user's own object the key counts, and everyone concerned a new device list. */
export async function tellNews(sqlite: Sqlite, news: News, env: Env, owner: UserId): Promise<undefined> {
  const config = readConfig(env);
  const stubs = makeStubs(env);
  await news.tell({
    deviceList: () => announceDeviceList(openD1(env.DB, config.meter), stubs, config, owner),
    async counts(deviceId) {
      const counts = countKeys(sqlite, deviceId);
      await stubs.user(owner).setKeyCounts(deviceId, counts);
      const service = config.registrations.find((one) => ownsUser(one, owner, config.serverName));
      if (service?.deviceNews) await stubs.appservice(service.id).tellKeyCounts(owner, deviceId, counts);
    },
    inboxClosed: (deviceId) => stubs.user(owner).closeInbox(deviceId),
  });
}
