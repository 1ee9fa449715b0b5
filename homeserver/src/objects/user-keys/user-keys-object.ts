import { DurableObject } from 'cloudflare:workers';
import init from '../../../../migrations/objects/user-keys/0001-init.sql';
import { Sqlite } from '../../../../platform/sqlite.ts';
import { migrate } from '../../../../platform/sqlite-migrate.ts';
import type { Env } from '../../env.ts';

export class UserKeysObject extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrate(new Sqlite(ctx.storage), [init]);
  }
}
