import type { Snowflake } from '../snowflake.ts';

/** Discord's markdown as a tree. */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'break' }
  | { kind: 'code'; text: string }
  | { kind: 'style'; style: InlineStyle; children: Inline[] }
  | { kind: 'link'; url: string; children: Inline[] }
  | { kind: 'mention'; of: MentionKind; id: Snowflake }
  | { kind: 'emoji'; name: string; id: Snowflake }
  | { kind: 'timestamp'; seconds: number; style: string };

export type InlineStyle = 'bold' | 'italic' | 'underline' | 'strike' | 'spoiler';
export type MentionKind = 'user' | 'role' | 'channel';

export type Block =
  | { kind: 'text'; children: Inline[] }
  | { kind: 'heading'; level: 1 | 2 | 3; children: Inline[] }
  | { kind: 'subtext'; children: Inline[] }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'quote'; children: Block[] }
  | { kind: 'list'; start: number | undefined; items: Block[][] };

/** Calls `visit` for every inline node, outermost first. */
export function walkInlines(blocks: readonly Block[], visit: (node: Inline) => void): void {
  const walk = (nodes: readonly Inline[]): void => {
    for (const node of nodes) {
      visit(node);
      if (node.kind === 'style' || node.kind === 'link') walk(node.children);
    }
  };
  for (const block of blocks) {
    switch (block.kind) {
      case 'text':
      case 'heading':
      case 'subtext':
        walk(block.children);
        break;
      case 'quote':
        walkInlines(block.children, visit);
        break;
      case 'list':
        for (const item of block.items) walkInlines(item, visit);
        break;
      case 'code':
        break;
      default:
        block satisfies never;
    }
  }
}
