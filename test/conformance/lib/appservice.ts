import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** An application service without an address, for what only such may do. */
export interface TestAppservice {
  token: string;
  /** Begins the names of its users. */
  prefix: string;
}

/** Writes its registration into a folder, in the form that every homeserver reads. */
export function writeAppservice(folder: string): { appservice: TestAppservice; file: string } {
  const appservice = { token: randomBytes(24).toString('hex'), prefix: 'conformance-bridge-' };
  const file = path.join(folder, 'conformance.yaml');
  // JSON is YAML.
  const registration = {
    id: 'conformance',
    url: null,
    as_token: appservice.token,
    hs_token: randomBytes(24).toString('hex'),
    sender_localpart: 'conformance-bot',
    rate_limited: false,
    namespaces: { users: [{ regex: `@${appservice.prefix}.*`, exclusive: true }], aliases: [], rooms: [] },
  };
  writeFileSync(file, JSON.stringify(registration));
  return { appservice, file };
}
