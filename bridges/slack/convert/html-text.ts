/** Text that is both: shown by clients that know no HTML, and by those that do. */
export interface Rendered {
  body: string;
  html: string;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Escaped, with line breaks. */
export function htmlOfText(text: string): string {
  return escapeHtml(text).replaceAll('\n', '<br>');
}

/** Only what a client may open without a thought; anything else is shown as text. */
export function isSafeUrl(url: string): boolean {
  return /^(?:https?|mailto|tel|matrix|slack|xmpp|ftp|sip):/i.test(url) && url.length <= 4000;
}

export function link(url: string, label: Rendered): Rendered {
  if (!isSafeUrl(url)) return label;
  const body = label.body === url || label.body === '' ? url : `${label.body} (${url})`;
  return { body, html: `<a href="${escapeHtml(url)}">${label.html || escapeHtml(url)}</a>` };
}

export const nothing: Rendered = { body: '', html: '' };

export function text(value: string): Rendered {
  return { body: value, html: htmlOfText(value) };
}

export function concat(parts: readonly Rendered[], between: Rendered = nothing): Rendered {
  return {
    body: parts.map((part) => part.body).join(between.body),
    html: parts.map((part) => part.html).join(between.html),
  };
}
