import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { call, ok } from './lib/http.ts';
import { newUser } from './lib/register.ts';

test('TestServerCapabilities', async () => {
  const user = await newUser();
  const { capabilities } = await user.ok<{ capabilities: Record<string, unknown> }>(
    'GET',
    '/v3/capabilities',
  );
  expect(capabilities).toMatchObject({
    'm.room_versions': { default: expect.any(String), available: expect.any(Object) },
    'm.change_password': { enabled: expect.any(Boolean) },
  });
  const versions = capabilities['m.room_versions'] as { default: string; available: Record<string, string> };
  expect(versions.available).toHaveProperty([versions.default], 'stable');
  const without = await call('GET', '/v3/capabilities');
  expect([without.status, without.body.errcode]).toEqual([401, 'M_MISSING_TOKEN']);
});

describe('TestVersionStructure', () => {
  test('Version responds 200 OK with valid structure', async () => {
    const { versions, unstable_features: features = {} } = await ok<{
      versions: string[];
      unstable_features?: Record<string, unknown>;
    }>('GET', '/_matrix/client/versions');
    expect(versions.length).toBeGreaterThan(0);
    for (const version of versions) expect(version).toMatch(/^(v\d+\.\d+|r\d+\.\d+\.\d+)$/);
    // One value that is no boolean makes clients refuse the whole answer.
    for (const [name, value] of Object.entries(features))
      expect([name, typeof value]).toEqual([name, 'boolean']);
  });
});

testAnswersOf('apidoc_server_capabilities and apidoc_version');
