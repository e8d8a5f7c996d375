import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { folderBlobStore } from '../../shared/adapters/folder-blob-store.ts';
import { bucketShape, prefixShape, withoutEndSlash } from '../../shared/core/bucket-shape.ts';
import type { BlobStore } from '../../shared/ports/blob-store.ts';
import type { Terminal } from '../terminal.ts';
import { WrongUsage } from '../wrong-usage.ts';

/** A folder or bucket that a destination wrote to. */
export interface DeliveredPlace {
  open(): Promise<BlobStore>;
}

/**
 * @returns `undefined` when neither is given: the own journal is meant
 * @throws WrongUsage both, no folder, no bucket
 */
export const deliveredPlace = (
  { cwd }: Pick<Terminal, 'cwd'>,
  options: { readonly folder?: string; readonly bucket?: string; readonly region?: string },
): DeliveredPlace | undefined => {
  const { folder, bucket } = options;
  if (folder !== undefined && bucket !== undefined) throw new WrongUsage('Give --folder or --bucket, not both.');
  if (folder !== undefined) {
    const root = resolve(cwd, folder);
    if (!statSync(root, { throwIfNoEntry: false })?.isDirectory())
      throw new WrongUsage(`--folder ${folder} is no folder. Give the one that holds "tenant=…" and "digests".`);
    return { open: async () => folderBlobStore({ root }) };
  }
  return bucket === undefined ? undefined : { open: () => openBucket(bucket, options.region) };
};

const openBucket = async (url: string, region: string | undefined): Promise<BlobStore> => {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(url) ?? [];
  if (!bucketShape.test(bucket) || !prefixShape.test(prefix))
    throw new WrongUsage(`--bucket must be s3://bucket/prefix; got ${JSON.stringify(url.slice(0, 200))}.`);
  const where = { bucket, prefix: withoutEndSlash(prefix) };
  if (region === undefined) {
    const { openS3BlobStore } = await import('../../shared/adapters/s3-blob-store.ts');
    return openS3BlobStore(where);
  }
  const { customerBucket } = await import('../../shared/adapters/customer-bucket.ts');
  return customerBucket({ type: 's3', ...where, region });
};
