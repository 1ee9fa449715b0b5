/** Addresses that Discord links as they are; escaping inside would break them. */
const urls = /https?:\/\/[^\s<>]+/g;

/** Text that Discord shows as it is written. */
export function escapeMarkdown(text: string): string {
  let escaped = '';
  let at = 0;
  for (const match of text.matchAll(urls)) {
    escaped += escapeText(text.slice(at, match.index)) + match[0];
    at = match.index + match[0].length;
  }
  return escaped + escapeText(text.slice(at));
}

function escapeText(text: string): string {
  return (
    text
      // `<` always: what follows, and makes it a mention, may be another piece of text.
      .replace(/[\\*_~`|[\]<]/g, '\\$&')
      .replace(/^([ \t]*)(#{1,3}(?=\s)|-#(?=\s)|>|[-+](?=\s))/gm, '$1\\$2')
      .replace(/^([ \t]*[0-9]+)\.(?=\s)/gm, '$1\\.')
  );
}
