/** Clients of Matrix know no local times in a message, so these are UTC and say so. */
export function timestampText(seconds: number, style: string): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `<t:${seconds}>`;
  const iso = date.toISOString();
  const day = iso.slice(0, 10);
  switch (style) {
    case 't':
    case 'T':
      return `${iso.slice(11, style === 'T' ? 19 : 16)} UTC`;
    case 'd':
    case 'D':
      return day;
    default:
      return `${day} ${iso.slice(11, 16)} UTC`;
  }
}
