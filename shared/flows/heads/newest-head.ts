import { OperatorMustFix } from '../../core/errors.ts';
import { headName, headPrefix, type SignedHead } from '../../core/head.ts';
import type { BlobStore } from '../../ports/blob-store.ts';

const pageSize = 1000;

/**
 * The head that was signed over the longest journal, the youngest of them. Whether its signature is good is for the caller to check.
 * @returns `undefined` when none was signed yet
 * @throws OperatorMustFix when it cannot be read as a head
 */
export const newestHead = async (store: BlobStore, source: string): Promise<SignedHead | undefined> => {
  const name = await newestHeadName(store, source);
  return name === undefined ? undefined : readHead(store, name);
};

/**
 * The last name below the prefix. Names come in order and a listing cannot begin at its end, so this leaps ahead by journal number, twice
 * as far each time, until nothing lies beyond: 20 000 hourly heads take some twenty listings and never a read.
 */
export const newestHeadName = async (store: BlobStore, source: string): Promise<string | undefined> => {
  let newest: string | undefined;
  let leap = 0;
  for (;;) {
    const after = newest !== undefined && leap > 0 ? leapt(source, newest, leap) : newest;
    const page = await store.list(headPrefix(source), { limit: pageSize, ...(after !== undefined && { after }) });
    if (page.length === 0 && leap === 0) return newest;
    if (page.length === 0) {
      leap = Math.floor(leap / 2);
      continue;
    }
    newest = page.at(-1);
    if (page.length < pageSize) return newest;
    leap = Math.max(leap * 2, 1);
  }
};

/** Before all heads of journals that are at least `leap` segments longer than that of `name`. */
const leapt = (source: string, name: string, leap: number): string => {
  const prefix = headPrefix(source);
  const seq = Number(name.slice(prefix.length).split('-')[0]);
  return `${prefix}${String(seq + leap).padStart(12, '0')}`;
};

/** @throws OperatorMustFix when the object is missing, or is no head of this name */
export const readHead = async (store: BlobStore, name: string): Promise<SignedHead> => {
  const where = `${store.description}/${name}`;
  const bytes = await store.get(name);
  if (!bytes) throw new OperatorMustFix(`${where} was listed and is gone. Restore it: a signed head is never removed.`);
  const signed = parsed(bytes);
  if (!signed || !isNamed(signed, name))
    throw new OperatorMustFix(`${where} is not a signed head of this name. Restore it from a copy that was kept.`);
  return signed;
};

const parsed = (bytes: Uint8Array): SignedHead | undefined => {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as SignedHead;
  } catch {
    return undefined;
  }
};

/** The name says what the head is about: one that was moved to another name is none. */
const isNamed = ({ head, kid, signature }: Partial<SignedHead>, name: string): boolean =>
  typeof kid === 'string' &&
  typeof signature === 'string' &&
  typeof head?.at === 'string' &&
  typeof head.source === 'string' &&
  Number.isSafeInteger(head.journal?.seq) &&
  typeof head.journal.hash === 'string' &&
  Array.isArray(head.subscriptions) &&
  headName(head) === name;
