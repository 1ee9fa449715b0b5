import { expect, test, vi } from 'vitest';
import type { UserContext } from './user-context.ts';
import { wakeWaiting } from './wait.ts';

test('a waiting call that fails when it is woken is sent to ask again, and the failure is logged', () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const socket = {
    deserializeAttachment: () => ({ encoded: 'not deflated', deviceId: 'PHONE' }),
    serializeAttachment: vi.fn(),
    send: vi.fn(),
    close: vi.fn(),
  };
  const ctx = { getWebSockets: () => [socket] } as unknown as DurableObjectState;
  wakeWaiting(ctx, { userId: '@alice:roost.test' } as UserContext, 0);
  expect(socket.send).toHaveBeenCalledWith(JSON.stringify({ answer: {}, again: true }));
  expect(JSON.parse(String(logged.mock.calls[0]?.[0]))).toMatchObject({
    event: 'sync.wake_failed',
    userId: '@alice:roost.test',
    deviceId: 'PHONE',
  });
});
