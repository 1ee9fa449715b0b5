import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { parseRoomId, type RoomId } from '../../../matrix/identifiers.ts';

/** Where a page of a hierarchy ended. */
export interface HierarchyPlace {
  /** The spaces from the root down, each with the index of the child to look at next. */
  path: { roomId: RoomId; next: number }[];
  /** Marks of the rooms looked at before, so that none is listed twice. */
  seen: string[];
}

/** What must not change from page to page. */
export interface HierarchyTerms {
  root: RoomId;
  suggestedOnly: boolean;
  maxDepth: number;
}

/** Characters of a mark: 30 bits, so that among a thousand rooms two alike are one chance in two thousand. */
const markLength = 5;

export function roomMark(roomId: RoomId): string {
  return createHash('sha256').update(roomId).digest('base64url').slice(0, markLength);
}

const tokenSchema = v.object({
  root: v.string(),
  suggested: v.boolean(),
  depth: v.number(),
  path: v.pipe(
    v.array(
      v.tuple([
        v.pipe(
          v.string(),
          v.check((text) => parseRoomId(text) !== undefined),
          v.transform((text) => text as RoomId),
        ),
        v.pipe(v.number(), v.integer(), v.minValue(0)),
      ]),
    ),
    v.minLength(1),
    v.maxLength(100),
  ),
  seen: v.pipe(v.string(), v.maxLength(markLength * 1000)),
});

/**
 * The token holds the place itself, so nothing is kept between pages. Whoever makes up a token gains nothing:
 * every room decides again whether it may be seen.
 */
export function hierarchyToken(
  { root, suggestedOnly, maxDepth }: HierarchyTerms,
  place: HierarchyPlace,
): string {
  const token: v.InferInput<typeof tokenSchema> = {
    root,
    suggested: suggestedOnly,
    depth: maxDepth,
    path: place.path.map(({ roomId, next }) => [roomId, next]),
    seen: place.seen.join(''),
  };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** Undefined for what is no token, or one of another hierarchy. */
export function readHierarchyToken(text: string, terms: HierarchyTerms): HierarchyPlace | undefined {
  const result = v.safeParse(
    v.pipe(v.string(), v.parseJson(), tokenSchema),
    Buffer.from(text, 'base64url').toString(),
  );
  if (!result.success) return undefined;
  const { root, suggested, depth, path, seen } = result.output;
  if (root !== terms.root || suggested !== terms.suggestedOnly || depth !== terms.maxDepth) return undefined;
  return {
    path: path.map(([roomId, next]) => ({ roomId, next })),
    seen: seen.match(new RegExp(`.{${markLength}}`, 'g')) ?? [],
  };
}
