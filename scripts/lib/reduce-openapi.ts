/** What a bridge's bot may call; everything else of the API is left out. */
const keptPaths = [
  /^\/gateway/,
  /^\/users\/@me(\/guilds|\/channels)?$/,
  /^\/users\/\{user_id\}$/,
  /^\/guilds\/\{guild_id\}(\/(channels|threads\/active|members|members\/\{user_id\}|roles|emojis|webhooks))?$/,
  /^\/channels\/\{channel_id\}(\/(messages|threads|thread-members|typing|webhooks|pins).*)?$/,
  /^\/webhooks\/\{webhook_id\}(\/\{webhook_token\}(\/messages.*)?)?$/,
  /^\/interactions\//,
  /^\/applications\/@me$/,
  /^\/applications\/\{application_id\}(\/guilds\/\{guild_id\})?\/commands$/,
  /^\/oauth2\/applications\/@me$/,
];

type Json = Record<string, unknown>;

function withoutProse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProse);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, inner]) => key !== 'description' || typeof inner !== 'string',
  );
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutProse(inner)]));
}

function collectRefs(value: unknown, into: Set<string>): void {
  if (Array.isArray(value)) for (const inner of value) collectRefs(inner, into);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (key === '$ref' && typeof inner === 'string') into.add(inner);
      else collectRefs(inner, into);
    }
  }
}

function at(document: Json, reference: string): unknown {
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as Json)[key], document);
}

/** The kept paths with every component that they reach. */
export function reduceOpenApi(source: unknown): Json {
  const document = source as Json & { paths: Json; components: Record<string, Json> };
  const paths = Object.fromEntries(
    Object.entries(document.paths).filter(([path]) => keptPaths.some((pattern) => pattern.test(path))),
  );
  const reached = new Set<string>();
  let fresh = new Set<string>();
  collectRefs(paths, fresh);
  while (fresh.size > 0) {
    const next = new Set<string>();
    for (const reference of fresh) {
      reached.add(reference);
      collectRefs(at(document, reference), next);
    }
    fresh = new Set([...next].filter((reference) => !reached.has(reference)));
  }
  const components: Record<string, Json> = {};
  for (const reference of [...reached].sort()) {
    const [, , section = '', name = ''] = reference.split('/');
    components[section] = { ...components[section], [name]: at(document, reference) };
  }
  const { openapi, info } = document;
  return withoutProse({ openapi, info, paths, components }) as Json;
}
