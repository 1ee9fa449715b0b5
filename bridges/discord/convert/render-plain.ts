import type { Block, Inline, InlineStyle } from './markdown-nodes.ts';
import { channelText, type Names, roleText, userText } from './names.ts';
import { timestampText } from './timestamp-text.ts';

const marks: Record<InlineStyle, string> = {
  bold: '**',
  italic: '*',
  underline: '__',
  strike: '~~',
  spoiler: '||',
};

/** The text for clients that show no HTML: markdown as people read it. */
export function renderPlain(blocks: readonly Block[], names: Names): string {
  return blocks.map((block) => renderBlock(block, names)).join('\n');
}

function renderBlock(block: Block, names: Names): string {
  switch (block.kind) {
    case 'text':
    case 'subtext':
      return renderInlines(block.children, names);
    case 'heading':
      return `${'#'.repeat(block.level)} ${renderInlines(block.children, names)}`;
    case 'code':
      return `\`\`\`${block.language}\n${block.text}\n\`\`\``;
    case 'quote':
      return indent(renderPlain(block.children, names), '> ', '> ');
    case 'list':
      return block.items
        .map((item, index) => {
          const bullet = block.start === undefined ? '- ' : `${block.start + index}. `;
          return indent(renderPlain(item, names), bullet, ' '.repeat(bullet.length));
        })
        .join('\n');
    default:
      return block satisfies never;
  }
}

function indent(text: string, first: string, others: string): string {
  return first + text.replaceAll('\n', `\n${others}`);
}

export function renderInlines(nodes: readonly Inline[], names: Names): string {
  return nodes.map((node) => renderInline(node, names)).join('');
}

function renderInline(node: Inline, names: Names): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'break':
      return '\n';
    case 'code':
      return `\`${node.text}\``;
    case 'style':
      return marks[node.style] + renderInlines(node.children, names) + marks[node.style];
    case 'link': {
      const text = renderInlines(node.children, names);
      return text === node.url ? text : `${text} (${node.url})`;
    }
    case 'mention':
      return { user: userText, role: roleText, channel: channelText }[node.of](names, node.id);
    case 'emoji':
      return `:${node.name}:`;
    case 'timestamp':
      return timestampText(node.seconds, node.style);
    default:
      return node satisfies never;
  }
}
