import { expect, test } from 'vitest';
import { html } from './html.ts';

test('values are escaped, once, and markup of our own is not', () => {
  const name = `<script>alert("&'")</script>`;
  const inner = html`<b title="${name}">${name}</b>`;
  const escaped = '&lt;script&gt;alert(&quot;&amp;&#39;&quot;)&lt;/script&gt;';
  expect(html`<p>${inner}</p>`.text).toBe(`<p><b title="${escaped}">${escaped}</b></p>`);
});
