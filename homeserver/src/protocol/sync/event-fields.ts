import { isJsonObject, type JsonObject, type JsonValue } from '../../../../matrix/json.ts';

/** Members of an object to keep: whole, or some of theirs. */
export type EventFields = ReadonlyMap<string, EventFields | 'whole'>;

/**
 * Client-server API, "Filtering": `event_fields`. Names of nested members are joined by dots; a dot that belongs to
 * a name has a backslash before it, as has a backslash.
 */
export function parseEventFields(paths: readonly string[]): EventFields {
  const fields = new Map<string, EventFields | 'whole'>();
  for (const path of paths) {
    let level = fields;
    const names = namesOf(path);
    for (const [index, name] of names.entries()) {
      const known = level.get(name);
      if (known === 'whole') break;
      if (index === names.length - 1) level.set(name, 'whole');
      else {
        const next = new Map(known ?? []);
        level.set(name, next);
        level = next;
      }
    }
  }
  return fields;
}

function namesOf(path: string): string[] {
  const names = [''];
  for (const [part] of path.matchAll(/\\[.\\]|./gsu)) {
    if (part === '.') names.push('');
    else names.push(`${names.pop()}${/^\\./.test(part) ? part.slice(1) : part}`);
  }
  return names;
}

/** An event with these fields alone; those it does not have are left out. */
export function selectFields(event: JsonObject, fields: EventFields): JsonObject {
  const kept: [string, JsonObject[string]][] = [];
  for (const [name, value] of Object.entries(event)) {
    const wanted = fields.get(name);
    if (wanted === 'whole') kept.push([name, value]);
    else if (wanted && isJsonObject(value)) {
      const part = selectFields(value, wanted);
      if (Object.keys(part).length > 0) kept.push([name, part]);
    }
  }
  // Unlike assignment this makes a member of any name.
  return Object.fromEntries(kept);
}

const sections = ['timeline', 'state', 'state_after', 'org.matrix.msc4222.state_after'];

/**
 * Leaves these fields alone of the events that an answer of `/sync` tells of rooms, in place.
 * @param paths as the filter has them; none leave everything, as an event without fields is of no use
 */
export function selectInAnswer(answer: JsonObject, paths: readonly string[]): void {
  if (paths.length === 0) return;
  const fields = parseEventFields(paths);
  for (const { section, events } of sectionsOf(answer)) {
    section.events = events.map((event) => selectFields(event, fields));
  }
}

/** Where an answer of `/sync` tells events of rooms that the user is or was in. */
export function sectionsOf(
  answer: JsonObject,
): { roomId: string; section: JsonObject; events: JsonObject[] }[] {
  const { join, leave } = asObject(answer.rooms);
  return [join, leave]
    .flatMap((part) => Object.entries(asObject(part)))
    .flatMap(([roomId, room]) => {
      const parts = sections.map((name) => asObject(asObject(room)[name]));
      return parts.flatMap((section) =>
        Array.isArray(section.events) ? [{ roomId, section, events: section.events.map(asObject) }] : [],
      );
    });
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
