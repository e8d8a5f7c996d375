/** docs/verify-record.md against what is really written: whoever builds a verifier from it alone must not miss a field. */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blobDestination } from '../../shared/adapters/blob-destination.ts';
import type { SignedDigest } from '../../shared/core/digest.ts';
import { signingKeysOf } from '../../shared/core/signing-key.ts';
import { signHead } from '../../shared/flows/sign-head.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { aRoster } from '../support/a-roster.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { aSubscription, aWorld, hitsFrom } from '../support/world.ts';

const doc = await readFile(new URL('../../docs/verify-record.md', import.meta.url), 'utf8');
const section = (title: string): string => doc.split(/^## /m).find((each) => each.startsWith(`${title}\n`)) ?? '';

/** The names in the first column of a section's table. */
const fieldsIn = (title: string): readonly string[] =>
  [...section(title).matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, names = '']) => names.replaceAll('`', '').split(', '));

const written = async () => {
  const secrets = memorySecrets({ rootKey: 'r'.repeat(32) });
  const keys = signingKeysOf(await secrets.get('rootKey'));
  const world = aWorld({ hits: hitsFrom('2026-03-01T11:00:00Z', 4) });
  const bucket = memoryBlobStore();
  const subscription = aSubscription({ batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 } });
  const destination = blobDestination({ store: bucket, subscription, signingKeys: async () => keys });
  await world.pull();
  await world.deliver(subscription, destination);
  world.clock.advance(3_600_000);
  await world.deliver(subscription, destination);
  const journal = world.journal();
  const { name, signed } = await signHead({
    ...world,
    journal,
    journalStore: world.blobs,
    secrets,
    roster: aRoster([subscription]),
  });
  const [digestName = ''] = bucket.names();
  const { digest } = JSON.parse(Buffer.from((await bucket.get(digestName)) ?? '').toString()) as SignedDigest;
  return { world, bucket, keys, manifest: await journal.manifest(1), name, head: signed.head, digestName, digest };
};

describe('the formats as they are written down', () => {
  it('name every field of a manifest, a head, a digest and a key, and no other', async () => {
    const { manifest, head, digest, keys } = await written();
    expect(fieldsIn('Manifest').toSorted()).toEqual([...Object.keys(manifest ?? {}), 'reattributes'].toSorted());
    expect(fieldsIn('Head').toSorted()).toEqual(Object.keys(head).toSorted());
    expect(fieldsIn('Digest').toSorted()).toEqual(Object.keys(digest).toSorted());
    expect(fieldsIn('Keys and signatures').toSorted()).toEqual(Object.keys(keys.current.publicKey).toSorted());
    for (const field of Object.keys(digest.objects[0] ?? {})) expect(section('Digest')).toContain(`\`${field}\``);
    for (const field of Object.keys(head.subscriptions[0] ?? {})) expect(section('Head')).toContain(`\`${field}\``);
  });

  it('name the objects as they are named', async () => {
    const { world, name, digestName } = await written();
    expect(world.blobs.names()).toContain('manifests/closer/000000000001.json');
    expect(name).toMatch(/^heads\/closer\/\d{12}-\d{13}\.json$/);
    expect(digestName).toMatch(
      /^digests\/tenant=acme\/subscription=acme-soc\/dt=2026-03-01\/[\d.TZ-]+_\d{10}_[0-9a-f]{8}\.json$/,
    );
  });

  it('can be followed by hand, with the commands that stand there', async () => {
    const { bucket, digest } = await written();
    const [, commands = ''] = /```sh\n([\s\S]*?)```/.exec(section('Digest')) ?? [];
    const folder = await temporaryFolder();
    let before = digest.chain;
    for (const { object, sha256, chain } of digest.objects) {
      await writeFile(join(folder, 'object.gz'), (await bucket.get(object)) ?? '');
      const env = { ...process.env, object: 'object.gz', before };
      const { stdout, stderr } = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', commands], {
        cwd: folder,
        env,
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(stdout.trim().split('\n')).toEqual([sha256, chain]);
      before = chain;
    }
    expect(digest.objects).toHaveLength(2);
  });
});
