/** More are not looked for. */
const maxWords = 32;

/** The words of a search term: runs of letters and digits, as the index has them, each once. */
export function searchWords(term: string): string[] {
  const words =
    term
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? [];
  return [...new Set<string>(words)].slice(0, maxWords);
}
