import type { Block, Inline, InlineStyle } from './markdown-nodes.ts';
import { channelText, type Names, roleText, userText } from './names.ts';
import { timestampText } from './timestamp-text.ts';

/** Client-server API, "m.room.message msgtypes": the elements that clients show. */
const styleTags: Record<InlineStyle, [open: string, close: string]> = {
  bold: ['<strong>', '</strong>'],
  italic: ['<em>', '</em>'],
  underline: ['<u>', '</u>'],
  strike: ['<del>', '</del>'],
  spoiler: ['<span data-mx-spoiler>', '</span>'],
};

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}

export function renderHtml(blocks: readonly Block[], names: Names): string {
  return blocks.map((block) => renderBlock(block, names)).join('');
}

function renderBlock(block: Block, names: Names): string {
  switch (block.kind) {
    case 'text':
      return renderInlines(block.children, names);
    case 'heading':
      return `<h${block.level}>${renderInlines(block.children, names)}</h${block.level}>`;
    case 'subtext':
      return `<p><sub>${renderInlines(block.children, names)}</sub></p>`;
    case 'code': {
      const language = block.language ? ` class="language-${escapeHtml(block.language)}"` : '';
      return `<pre><code${language}>${escapeHtml(block.text)}</code></pre>`;
    }
    case 'quote':
      return `<blockquote>${renderHtml(block.children, names)}</blockquote>`;
    case 'list': {
      const items = block.items.map((item) => `<li>${renderHtml(item, names)}</li>`).join('');
      if (block.start === undefined) return `<ul>${items}</ul>`;
      return block.start === 1 ? `<ol>${items}</ol>` : `<ol start="${block.start}">${items}</ol>`;
    }
    default:
      return block satisfies never;
  }
}

export function renderInlines(nodes: readonly Inline[], names: Names): string {
  return nodes.map((node) => renderInline(node, names)).join('');
}

function renderInline(node: Inline, names: Names): string {
  switch (node.kind) {
    case 'text':
      return escapeHtml(node.text);
    case 'break':
      return '<br>';
    case 'code':
      return `<code>${escapeHtml(node.text)}</code>`;
    case 'style': {
      const [open, close] = styleTags[node.style];
      return open + renderInlines(node.children, names) + close;
    }
    case 'link':
      return renderLink(node.url, renderInlines(node.children, names));
    case 'mention':
      return renderMention(node, names);
    case 'emoji':
      return escapeHtml(`:${node.name}:`);
    case 'timestamp':
      return escapeHtml(timestampText(node.seconds, node.style));
    default:
      return node satisfies never;
  }
}

/** Links that clients would show as a person or room of Matrix are ours alone to make. */
export function renderLink(url: string, html: string): string {
  if (!/^https?:\/\//i.test(url)) return html;
  const text = escapeHtml(url);
  if (/^https?:\/\/matrix\.to(?:[/?#:]|$)/i.test(url)) return html === text ? html : `${html} (${text})`;
  return `<a href="${text}">${html}</a>`;
}

function renderMention(node: Extract<Inline, { kind: 'mention' }>, names: Names): string {
  switch (node.of) {
    case 'user': {
      const user = names.users.get(node.id);
      const text = escapeHtml(user ? user.name : userText(names, node.id));
      return user ? `<a href="https://matrix.to/#/${encodeURIComponent(user.matrixId)}">${text}</a>` : text;
    }
    case 'role':
      return `<strong>${escapeHtml(roleText(names, node.id))}</strong>`;
    case 'channel': {
      const text = escapeHtml(channelText(names, node.id));
      const roomId = names.channels.get(node.id)?.roomId;
      if (roomId === undefined) return text;
      const target = `${encodeURIComponent(roomId)}?via=${encodeURIComponent(names.serverName)}`;
      return `<a href="https://matrix.to/#/${target}">${text}</a>`;
    }
    default:
      return node.of satisfies never;
  }
}
