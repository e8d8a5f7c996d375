/**
 * The rules of blob names, in one place for every BlobStore. A name that breaks them is a bug of the caller (names are built from
 * checked ids and numbers), so it is a `TypeError`, thrown before anything is touched.
 */
const allowed = /^[A-Za-z0-9._=:/-]+$/;
const maxNameBytes = 512;
/** What ext4, APFS and XFS take for one path segment. */
const maxSegmentBytes = 255;

/** Also tells the files of a folder apart: one with another name was not written by us. */
export const isBlobName = (name: string): boolean =>
  name.length <= maxNameBytes && allowed.test(name) && name.split('/').every(isSegment);

const isSegment = (segment: string): boolean =>
  segment !== '' && segment !== '.' && segment !== '..' && segment.length <= maxSegmentBytes;

/** @throws TypeError when `name` breaks the rules of `shared/ports/blob-store.ts` */
export const checkBlobName = (name: string): void => {
  if (!isBlobName(name))
    throw new TypeError(
      `Blob name must be 1 to 512 bytes of A-Z a-z 0-9 . _ = - : / without empty, "." or ".." segments; got ${JSON.stringify(name.slice(0, 600))}.`,
    );
};

/** @throws TypeError when the prefix could not begin a name, or the limit is not from 1 to 1000 */
export const checkBlobListing = (prefix: string, limit: number): void => {
  const parents = prefix.split('/').slice(0, -1);
  if (prefix !== '' && !(allowed.test(prefix) && prefix.length <= maxNameBytes && parents.every(isSegment)))
    throw new TypeError(`Blob prefix ${JSON.stringify(prefix.slice(0, 600))} cannot begin a blob name.`);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new TypeError(`Blob listing limit must be a whole number from 1 to 1000; got ${limit}.`);
};

/** @throws TypeError when the range is not `offset >= 0`, `length >= 1`, both whole */
export const checkBlobRange = (range: { readonly offset: number; readonly length: number } | undefined): void => {
  if (!range) return;
  if (
    !Number.isSafeInteger(range.offset) ||
    range.offset < 0 ||
    !Number.isSafeInteger(range.length) ||
    range.length < 1
  )
    throw new TypeError(`Blob range must be whole, offset >= 0, length >= 1; got ${range.offset}, ${range.length}.`);
};
