/** Discord's limit of a message's text, in what JavaScript calls characters. */
export const maxContentChars = 2_000;

const closeFence = '\n```';

/**
 * Cuts a text into posts of at most `limit` characters: between paragraphs if it can, else lines, else words.
 * A code block that is cut goes on in the next post. None is blank.
 */
export function splitContent(content: string, limit = maxContentChars): string[] {
  const posts: string[] = [];
  let rest = content.trim();
  while (rest.length > limit) {
    const at = cutAt(rest, limit - closeFence.length);
    let post = rest.slice(0, at);
    rest = rest.slice(at);
    const fence = openFence(post);
    if (fence !== undefined) {
      post = post.trimEnd() + closeFence;
      rest = `${fence}\n${rest.replace(/^\n/, '')}`;
    } else {
      rest = rest.trimStart();
    }
    if (post.trim() !== '') posts.push(post.trimEnd());
  }
  if (rest.trim() !== '') posts.push(rest);
  return posts;
}

/** The opening line of a code block that is not closed in `text`. */
function openFence(text: string): string | undefined {
  let open: string | undefined;
  for (const match of text.matchAll(/```([A-Za-z0-9_+\-.#]{1,30}(?=\n))?/g)) {
    open = open === undefined ? `\`\`\`${match[1] ?? ''}` : undefined;
  }
  return open;
}

function cutAt(text: string, limit: number): number {
  // A piece should not become tiny for the sake of a good place.
  const least = Math.floor(limit / 2);
  for (const separator of ['\n\n', '\n', ' ']) {
    const at = text.lastIndexOf(separator, limit - separator.length);
    if (at >= least) return at + separator.length;
  }
  const isPair = /[\ud800-\udbff]/.test(text.charAt(limit - 1)) && /[\udc00-\udfff]/.test(text.charAt(limit));
  const inFence = /`{1,2}$/.test(text.slice(0, limit)) && text.charAt(limit) === '`';
  return limit - (isPair ? 1 : inFence ? 2 : 0);
}
