import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Two application services, of which each has its own users and the first one shares a person. */
export const services = {
  gulls: { asToken: 'gulls-as-token-gulls-as-token', hsToken: 'gulls-hs-token-gulls-hs-token' },
  terns: { asToken: 'terns-as-token-terns-as-token', hsToken: 'terns-hs-token-terns-hs-token' },
};

/** @returns a folder of registration files */
export function writeRegistrations(serverName: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'roost-appservices-'));
  for (const [id, { asToken, hsToken }] of Object.entries(services)) {
    const registration = {
      id,
      url: null,
      as_token: asToken,
      hs_token: hsToken,
      sender_localpart: `${id}bot`,
      rate_limited: false,
      namespaces: {
        users: [{ regex: `@${id}_.*:${serverName.replaceAll('.', '\\.')}`, exclusive: true }],
        aliases: [{ regex: `#${id}_.*:${serverName.replaceAll('.', '\\.')}`, exclusive: true }],
        rooms: [],
      },
    };
    // JSON is YAML.
    writeFileSync(path.join(folder, `${id}.yaml`), JSON.stringify(registration));
  }
  return folder;
}
