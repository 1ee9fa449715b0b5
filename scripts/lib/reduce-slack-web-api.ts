interface Parameter {
  name: string;
  type?: string;
  required?: boolean;
}

interface Operation {
  parameters?: Parameter[];
  responses: Record<
    string,
    { schema?: { required?: string[]; properties?: { error?: { enum?: string[] } } } }
  >;
}

/** Per method: its arguments, which errors it names, which fields a success has. */
export interface MethodSpec {
  parameters: Record<string, string>;
  required: string[];
  errors: string[];
  responseRequired: string[];
}

function reduceOperation(operation: Operation): MethodSpec {
  const parameters = (operation.parameters ?? []).filter((parameter) => parameter.name !== 'token');
  return {
    parameters: Object.fromEntries(parameters.map(({ name, type }) => [name, type ?? 'string'])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
    errors: operation.responses.default?.schema?.properties?.error?.enum ?? [],
    responseRequired: operation.responses['200']?.schema?.required ?? [],
  };
}

/** Keeps of Slack's OpenAPI what its samples do not say. Administration is left out. */
export function reduceWebApi(document: unknown): Record<string, MethodSpec> {
  const { paths } = document as { paths: Record<string, Record<string, Operation>> };
  const reduced: Record<string, MethodSpec> = {};
  for (const [path, operations] of Object.entries(paths)) {
    const [operation] = Object.values(operations);
    if (operation && !path.startsWith('/admin.')) reduced[path.slice(1)] = reduceOperation(operation);
  }
  return reduced;
}
