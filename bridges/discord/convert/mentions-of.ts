import type { Snowflake } from '../snowflake.ts';
import type { Inline, MentionKind } from './markdown-nodes.ts';

export type Mentions = Record<MentionKind, Set<Snowflake>>;

export function mentionsOf(nodes: readonly Inline[]): Mentions {
  const found: Mentions = { user: new Set(), role: new Set(), channel: new Set() };
  for (const node of nodes) if (node.kind === 'mention') found[node.of].add(node.id);
  return found;
}
