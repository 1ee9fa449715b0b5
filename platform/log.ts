/**
 * One JSON line per record on standard output, which Workers Logs and any collector read.
 * @note Fields are logged as they come: never pass a token, a password, a body or a header map.
 */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type LogFields = Record<string, string | number | boolean | null | undefined>;

export function log(level: LogLevel, event: string, fields: LogFields = {}): void {
  const line = JSON.stringify({ level, event, ...fields });
  if (level === 'error') console.error(line);
  else console.log(line);
}

/** The text of anything thrown, without its stack and a query's parameters: both can quote what is secret. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replace(/\nparams: [\s\S]*$/, '');
}
