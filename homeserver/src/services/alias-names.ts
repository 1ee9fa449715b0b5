import { matches, type Registration } from '../../../appservice/registration.ts';
import { badJson, exclusive } from '../../../matrix/errors.ts';
import { parseRoomAlias, type RoomAlias } from '../../../matrix/identifiers.ts';
import type { Config } from '../config.ts';

/** An alias of this server. @throws `M_BAD_JSON` */
export function localAlias(localpart: string, config: Config): RoomAlias {
  const alias = parseRoomAlias(`#${localpart}:${config.serverName}`);
  if (!alias || /[:\s]/.test(localpart)) throw badJson('room_alias_name is not the local part of an alias');
  return alias;
}

/** @param appservice the service that asks, which may use what it reserves. @throws `M_EXCLUSIVE` */
export function requireUnreserved(
  alias: RoomAlias,
  config: Config,
  appservice: Pick<Registration, 'id'> | undefined,
): void {
  const isReserved = config.registrations.some(
    ({ id, namespaces }) =>
      id !== appservice?.id &&
      matches(
        namespaces.aliases.filter((namespace) => namespace.exclusive),
        alias,
      ),
  );
  if (isReserved) throw exclusive();
}
