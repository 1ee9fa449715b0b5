import { Parser } from 'htmlparser2';

/** What the head of a page says of it. Addresses are as they are written there. */
export interface PageMetadata {
  /** OpenGraph properties by name, the first of each. */
  properties: Map<string, string>;
  image: string | undefined;
  oembed: string | undefined;
}

const maxTextChars = 1000;
const maxProperties = 40;
/** A page that never closes its head is not read to its end. */
const maxTags = 2000;

/** Properties of these kinds are handed on; others mean nothing to clients. */
const handedOn =
  /^(og:(title|description|type|url|site_name|locale|image:alt|video(:(url|secure_url|type|width|height))?|audio(:(url|secure_url|type))?)|article:(published_time|modified_time|author))$/;
const address = /^og:(url|(video|audio)(:(url|secure_url))?)$/;

/** Read as a stream of tags, so that nesting costs nothing. Ends where the body begins. */
export function readPageMetadata(html: string): PageMetadata {
  const names = new Map<string, string>();
  const head = { title: '', image: '', oembed: '', isTitle: false, tags: 0 };
  const parser = new Parser({
    onopentag(tag, attributes) {
      head.tags += 1;
      if (tag === 'body' || head.tags > maxTags) parser.pause();
      head.isTitle = tag === 'title' && head.title === '';
      if (tag === 'meta') readMeta(attributes, names);
      if (tag === 'link') readLink(attributes, head);
    },
    ontext(text) {
      if (head.isTitle && head.title.length < maxTextChars) head.title += text;
    },
    onclosetag(tag) {
      head.isTitle = false;
      if (tag === 'head') parser.pause();
    },
  });
  parser.write(html);
  return {
    properties: propertiesOf(names, head.title),
    image: imageOf(names) ?? (head.image || undefined),
    oembed: head.oembed || undefined,
  };
}

/** One line of text, as a preview shows it. */
export function asLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim().toWellFormed();
  return line.length <= maxTextChars ? line : `${line.slice(0, maxTextChars - 1).toWellFormed()}…`;
}

function readMeta(attributes: Record<string, string>, names: Map<string, string>): void {
  const name = (attributes.property ?? attributes.name ?? '').trim().toLowerCase();
  if (name === '' || names.has(name) || names.size >= 10 * maxProperties) return;
  const content = asLine((attributes.content ?? '').slice(0, 4 * maxTextChars));
  if (content !== '') names.set(name, content);
}

function readLink(attributes: Record<string, string>, head: { image: string; oembed: string }): void {
  const rel = (attributes.rel ?? '').toLowerCase().split(/\s+/);
  const href = attributes.href ?? '';
  if (rel.includes('image_src')) head.image ||= href;
  if (rel.includes('alternate') && attributes.type?.toLowerCase() === 'application/json+oembed') {
    head.oembed ||= href;
  }
}

function propertiesOf(names: Map<string, string>, title: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const [name, value] of names) {
    if (properties.size >= maxProperties) break;
    if (handedOn.test(name) && (!address.test(name) || isWebAddress(value))) properties.set(name, value);
  }
  const stand = (name: string, others: (string | undefined)[]) => {
    const value = others.find((other) => other !== undefined && other !== '');
    if (!properties.has(name) && value !== undefined) properties.set(name, value);
  };
  stand('og:title', [names.get('twitter:title'), asLine(title)]);
  stand('og:description', [names.get('twitter:description'), names.get('description')]);
  return properties;
}

function imageOf(names: Map<string, string>): string | undefined {
  const tried = ['og:image', 'og:image:secure_url', 'og:image:url', 'twitter:image', 'twitter:image:src'];
  return tried.map((name) => names.get(name)).find((value) => value !== undefined);
}

/** What a client makes a link of must not be a script. */
function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
