import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import yaml from 'js-yaml';
import { parseRegistration } from '../../appservice/registration.ts';
import { projectDir } from '../../config/local.ts';

/** Registrations as their YAML files hold them, by the order of file names. */
export function loadRegistrations(folder: string): Record<string, unknown>[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return files.sort().map((name) => {
    const source = yaml.load(readFileSync(path.join(folder, name), 'utf8')) as Record<string, unknown>;
    try {
      parseRegistration(source);
    } catch (error) {
      throw new Error(`${name} is not a registration: ${(error as Error).message}`);
    }
    return source;
  });
}

/**
 * The registrations of a local run: those in the data folder, to which the built-in bridges' are added at
 * the first start, from the templates in `config/appservices/` with tokens of their own.
 * @param ids which of them
 */
export function localRegistrations(
  dataDir: string,
  publicBaseUrl: string,
  serverName: string,
  ids: readonly string[] = ['slack', 'discord', 'doublepuppet'],
): Record<string, unknown>[] {
  const folder = path.join(dataDir, 'appservices');
  mkdirSync(folder, { recursive: true });
  const templates = path.join(projectDir, 'config', 'appservices');
  for (const name of ids.map((id) => `${id}.yaml`)) {
    const target = path.join(folder, name);
    if (existsSync(target)) continue;
    const text = readFileSync(path.join(templates, name), 'utf8')
      .replaceAll('{{AS_TOKEN}}', randomBytes(32).toString('base64url'))
      .replaceAll('{{HS_TOKEN}}', randomBytes(32).toString('base64url'))
      .replaceAll('{{PUBLIC_BASE_URL}}', publicBaseUrl)
      .replaceAll('{{SERVER_NAME_PATTERN}}', serverName.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    writeFileSync(target, text, { mode: 0o600 });
  }
  return loadRegistrations(folder);
}
