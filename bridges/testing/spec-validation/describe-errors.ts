import type { ErrorObject } from 'ajv';

/** The errors of an Ajv validator in one line, for the reader of a failing test. */
export function describeErrors(validate: { errors?: ErrorObject[] | null }): string {
  return (validate.errors ?? [])
    .filter((error) => error.keyword !== 'if')
    .slice(0, 8)
    .map((error) => `${error.instancePath || '/'} ${error.message ?? ''} ${JSON.stringify(error.params)}`)
    .join('; ');
}
