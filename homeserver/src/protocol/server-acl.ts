import { isJsonObject, type JsonValue } from '../../../matrix/json.ts';
import { matchesGlob } from './glob.ts';

/**
 * Whether a room's `m.room.server_acl` lets a server take part: client-server API, "Server Access Control Lists",
 * rules 2–5. Where the room has no such event every server may (rule 1): the caller's part.
 * @param content of the event, of whatever form
 */
export function isAllowedByAcl(serverName: string, content: unknown): boolean {
  const acl = isJsonObject(content) ? content : {};
  const host = hostOf(serverName).toLowerCase();
  if (acl.allow_ip_literals === false && isIpLiteral(host)) return false;
  return !isListed(host, acl.deny) && isListed(host, acl.allow);
}

/** Without the port. The colons of an IPv6 literal are in brackets. */
function hostOf(serverName: string): string {
  return serverName.replace(/:[0-9]*$/, '');
}

const ipv4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?!$)|$)){4}$/;

function isIpLiteral(host: string): boolean {
  return host.startsWith('[') || ipv4.test(host);
}

function isListed(host: string, globs: JsonValue | undefined): boolean {
  return (
    Array.isArray(globs) &&
    globs.some((glob) => typeof glob === 'string' && matchesGlob(glob.toLowerCase(), host))
  );
}
