/** Who may import whom (docs/architecture.md, "Layers"). */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(cloudflare:|vitest/node$)' },
    },
    {
      name: 'matrix-is-the-bottom',
      severity: 'error',
      from: { path: '^matrix/' },
      to: { pathNot: '^(matrix/|node:|node_modules)' },
    },
    {
      name: 'protocol-is-pure',
      comment: 'Of the outside world only node:crypto, and only in one file.',
      severity: 'error',
      from: { path: '^homeserver/src/protocol/', pathNot: '(\\.test\\.ts|/crypto\\.ts)$' },
      to: { pathNot: '^(homeserver/src/protocol/|matrix/|node_modules/valibot)' },
    },
    {
      name: 'platform-knows-no-domain',
      severity: 'error',
      from: { path: '^platform/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(homeserver|bridges|appservice|config|scripts|test)/' },
    },
    {
      name: 'storage-below-objects',
      severity: 'error',
      from: { path: '^homeserver/src/storage/' },
      to: { path: '^homeserver/src/(objects/(?!.*-rpc\\.ts)|services|api)/' },
    },
    {
      name: 'objects-do-not-know-the-api',
      severity: 'error',
      from: { path: '^homeserver/src/objects/', pathNot: '(\\.test\\.ts$|/testing/)' },
      to: { path: '^homeserver/src/api/' },
    },
    {
      name: 'objects-meet-through-stubs',
      severity: 'error',
      from: { path: '^homeserver/src/objects/([^/]+)/', pathNot: '(\\.test\\.ts$|/testing/)' },
      to: { path: '^homeserver/src/objects/([^/]+)/', pathNot: '^homeserver/src/objects/$1/' },
    },
    {
      name: 'federation-below-services-and-objects',
      comment:
        'The way to and from other servers: called by objects under an alarm, by services and the api.',
      severity: 'error',
      from: { path: '^homeserver/src/federation/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^homeserver/src/(api|services|objects/[^/]+)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'services-do-not-know-the-api',
      severity: 'error',
      from: { path: '^homeserver/src/services/', pathNot: '\\.test\\.ts$' },
      to: { path: '^homeserver/src/api/' },
    },
    {
      name: 'api-has-no-sql',
      comment: 'Handlers reach D1 through storage/d1 and objects through stubs.',
      severity: 'error',
      from: { path: '^homeserver/src/api/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(homeserver/src/objects/[^/]+/|homeserver/src/storage/(?!d1/|blob-store|stale-cache)|node_modules/drizzle-orm)',
      },
    },
    {
      name: 'bridges-know-no-homeserver',
      severity: 'error',
      from: { path: '^bridges/', pathNot: '\\.test\\.ts$' },
      to: { path: '^homeserver/' },
    },
    {
      name: 'core-knows-no-network',
      severity: 'error',
      from: { path: '^bridges/core/', pathNot: '\\.test\\.ts$' },
      to: { path: '^bridges/(slack|discord|testing)/' },
    },
    {
      name: 'networks-do-not-meet',
      severity: 'error',
      from: { path: '^bridges/(slack|discord)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^bridges/(slack|discord|testing)/', pathNot: '^bridges/$1/' },
    },
    {
      name: 'appservice-is-shared',
      severity: 'error',
      from: { path: '^appservice/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(homeserver|bridges|config|scripts|test)/' },
    },
    {
      name: 'nothing-imports-tests-or-scripts',
      comment: 'What tests share lies in folders named testing, for tests and each other alone.',
      severity: 'error',
      from: {
        path: '^(matrix|platform|homeserver|appservice|config|bridges/(core|slack|discord))/',
        pathNot: '(\\.test\\.ts$|/testing/)',
      },
      to: { path: '^(test|scripts)/|/testing/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(data|\\.build)/' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: {
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
    moduleSystems: ['es6', 'cjs'],
    builtInModules: { add: ['cloudflare:workers', 'cloudflare:test', 'cloudflare:sockets'] },
  },
};
