/** SQL files are bundled as text, by wrangler's default rules and by ours. */
declare module '*.sql' {
  const text: string;
  export default text;
}
