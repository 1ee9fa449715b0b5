import { log } from './log.ts';

/** As much of a binding's namespace as is needed to call its objects. */
export interface ObjectNamespace<Rpc> {
  getByName(name: string): Rpc;
}

/**
 * The object of this name, to be called. With `meter`, the name of its class, each call is logged, so that the
 * cost test can count object requests.
 */
export function objectStub<Rpc>(namespace: ObjectNamespace<Rpc>, name: string, meter: string | false): Rpc {
  const target = namespace.getByName(name);
  if (!meter) return target;
  return new Proxy(target as object, {
    get(object, method) {
      // A stub that is awaited or returned by an async function is asked whether it is a promise.
      if (method === 'then' || typeof method === 'symbol') return undefined;
      return (...parameters: unknown[]) => {
        log('debug', 'meter.object_request', { class: meter, method: String(method) });
        // Called as a member: taken off a stub, a method is itself a stub and forgets whose it was.
        const members = object as Record<string | symbol, (...parameters: unknown[]) => unknown>;
        return members[method]?.(...parameters);
      };
    },
  }) as Rpc;
}
