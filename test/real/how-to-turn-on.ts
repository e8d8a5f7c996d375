/** What `npm test` leaves out because it needs more than Node, a line each; in CI the real suites run beside it, and nothing is left out. */
const suites = [
  ['real Elasticsearch 7.17, 8 and 9', 'test/real/elasticsearch/run', 'Maven and Java 21'],
  ['failures of real servers', 'npm run test:failures', 'Maven and Java 21'],
  ['kills and races of real processes', 'npm run test:kill', 'Maven and Java 17'],
  [
    'AWS-like servers',
    'eval "$(test/real/aws/start)" && npx vitest run --config vitest.real.config.ts test/real/aws',
    'Python 3, Maven and Java',
  ],
  ['sls deploy, end to end', 'docs/deploy.md, "How this is tested"', 'both of these'],
  ['a full disk', 'MOUNT_TMPFS=1 npx vitest run --config vitest.real.config.ts test/real/disk', 'root'],
] as const;

if (process.env['CI'] !== 'true')
  for (const [suite, command, needs] of suites)
    process.stdout.write(`not run: ${suite}; needs ${needs}; turn it on: ${command}\n`);
