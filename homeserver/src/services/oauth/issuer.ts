import type { Config } from '../../config.ts';

/** The name of this authorization server, with the slash that parsers of addresses add anyway. */
export function issuerOf(config: Config): string {
  return `${config.publicBaseUrl}/`;
}
