/** Appendices, "Glob-style matching", in time proportional to text times pattern at most, whatever the pattern. */

/** The whole text matches. Case matters: fold both first where it should not. */
export function matchesGlob(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const characters = [...text];
  return match([...pattern], characters, { mayEnd: (index) => index === characters.length });
}

/** Only `*` is special, as in the `types` of filters. Takes time linear in both. */
export function matchesStars(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  if (!text.startsWith(head)) return false;
  const tail = rest.pop() ?? '';
  let from = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return text.length - tail.length >= from && text.endsWith(tail);
}

/** Some part of the text matches that starts and ends at a word boundary (push rules on `content.body`). */
export function containsGlobWord(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return containsWord(pattern, text);
  const characters = [...text];
  const isBoundary = (index: number) => isWordBoundary(characters[index - 1], characters[index]);
  return match([...pattern], characters, { mayStart: isBoundary, mayEnd: isBoundary });
}

/** {@link containsGlobWord} without wildcards. */
export function containsWord(word: string, text: string): boolean {
  for (let start = text.indexOf(word); start >= 0; start = text.indexOf(word, start + 1)) {
    const end = start + word.length;
    if (isWordBoundary(text[start - 1], text[start]) && isWordBoundary(text[end - 1], text[end])) return true;
    if (start === text.length) break;
  }
  return false;
}

const wordCharacter = /^[A-Za-z0-9_]$/;

/** Between two neighbours, one of which is no word character or missing. */
function isWordBoundary(before: string | undefined, after: string | undefined): boolean {
  return (
    before === undefined || after === undefined || !wordCharacter.test(before) || !wordCharacter.test(after)
  );
}

interface Anchors {
  /** Where a match may start; absent: only at the start of the text. */
  mayStart?: (index: number) => boolean;
  mayEnd: (index: number) => boolean;
}

/**
 * On a mismatch only the last star is extended: what the earlier ones matched can stay, because they took as
 * little as possible. If a match may start anywhere, that acts as a star in front of the pattern.
 */
function match(pattern: readonly string[], text: readonly string[], anchors: Anchors): boolean {
  let star = -1;
  let starEnd = 0;
  let inPattern = 0;
  let inText = 0;
  for (;;) {
    const wanted = pattern[inPattern];
    if (wanted === '*') {
      star = inPattern;
      starEnd = inText;
      inPattern += 1;
      continue;
    }
    if (wanted === undefined) {
      if (anchors.mayEnd(inText)) return true;
    } else if (
      inText < text.length &&
      (wanted === text[inText] || wanted === '?') &&
      (inPattern > 0 || (anchors.mayStart?.(inText) ?? true))
    ) {
      inPattern += 1;
      inText += 1;
      continue;
    }
    if (star < 0 && !anchors.mayStart) return false;
    starEnd += 1;
    if (starEnd > text.length) return false;
    inText = starEnd;
    inPattern = star + 1;
  }
}
