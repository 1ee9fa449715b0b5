import { CertificateAuthority } from '../../../harness/federation/certificates.ts';
import { skip } from '../conformance-test.ts';
import { newUserAt } from '../register.ts';
import { type FederationSetting, target } from '../target.ts';
import type { User } from '../user.ts';
import type { HomeserverFacts } from './homeservers.ts';

function setting(): FederationSetting {
  return target.federation ?? skip('no launcher of servers that federate is given');
}

/** Of the certificates of this run. */
export function authority(): CertificateAuthority {
  const pem = setting().authority;
  return new CertificateAuthority('Test authority', pem);
}

async function command(path: string): Promise<HomeserverFacts> {
  const response = await fetch(`${setting().control}/${path}`, { method: 'POST' });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${text}`);
  return JSON.parse(text) as HomeserverFacts;
}

/** One of the servers that federate with each other. */
export class Homeserver {
  readonly facts: HomeserverFacts;

  constructor(facts: HomeserverFacts) {
    this.facts = facts;
  }

  get url(): string {
    return this.facts.url;
  }

  get serverName(): string {
    return this.facts.serverName;
  }

  newUser(prefix?: string): Promise<User> {
    return newUserAt(this.url, prefix);
  }

  /** These are for the servers of {@link ownHomeserver} alone. */
  async stop(): Promise<void> {
    await command(`${this.facts.name}/stop`);
  }

  async kill(): Promise<void> {
    await command(`${this.facts.name}/kill`);
  }

  /** After it was stopped or killed: on the same data, with the same address. */
  async restart(): Promise<void> {
    await command(`${this.facts.name}/restart`);
  }

  async pause(): Promise<void> {
    await command(`${this.facts.name}/pause`);
  }

  async resume(): Promise<void> {
    await command(`${this.facts.name}/resume`);
  }
}

/** A server that all tests share, so none stops it. Skips the test where there is no launcher. */
export async function homeserver(name: 'hs1' | 'hs2' | 'hs3'): Promise<Homeserver> {
  return new Homeserver(await command(`${name}/start`));
}

/** A server for this test alone, which may stop it. It takes seconds to start. */
export async function ownHomeserver(): Promise<Homeserver> {
  return new Homeserver(await command('own'));
}

/** A user each on `hs1`, `hs2` and so on, as many as there are names. */
export async function usersOnServers<const Names extends readonly string[]>(
  ...prefixes: Names
): Promise<{ [Index in keyof Names]: User }> {
  const names = ['hs1', 'hs2', 'hs3'] as const;
  const users = await Promise.all(
    prefixes.map(async (prefix, index) => (await homeserver(names[index] ?? 'hs3')).newUser(prefix)),
  );
  return users as { [Index in keyof Names]: User };
}
