import { DurableObject } from 'cloudflare:workers';
import init from '../../../../migrations/objects/room/0001-init.sql';
import { Sqlite } from '../../../../platform/sqlite.ts';
import { migrate } from '../../../../platform/sqlite-migrate.ts';
import type { Env } from '../../env.ts';

export class RoomObject extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrate(new Sqlite(ctx.storage), [init]);
  }
}
