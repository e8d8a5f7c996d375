import { OperatorMustFix } from '../../core/errors.ts';
import {
  type ExceptionList,
  type ExceptionListRef,
  exceptionListName,
  exceptionListPrefix,
  readExceptionList,
} from '../../core/exception-list.ts';
import { canonicalText, sha256Hex } from '../../core/segment.ts';
import { settled } from '../settled.ts';
import type { Place } from './append-segment.ts';

/** The lists of exceptions beside a journal: see `ExceptionList`. */
export interface ExceptionLists {
  /** Writing the same list again changes nothing. */
  write(list: ExceptionList): Promise<ExceptionListRef>;
  /** @throws OperatorMustFix when the list is missing or altered */
  read(ref: ExceptionListRef): Promise<ExceptionList>;
  /** The newest list that `isOurs` accepts by its last segment; for a checkpoint that was lost. */
  newest(isOurs: (upTo: ExceptionList['upTo']) => Promise<boolean>): Promise<ExceptionListRef | undefined>;
}

const pageSize = 1_000;
const maxBytes = 256 * 1024 * 1024;
const chunkBytes = 1024 * 1024;

export const exceptionLists = ({ store, source, compression }: Place): ExceptionLists => {
  /** `undefined` when the object is missing or no list. */
  const unpacked = async (
    object: string,
  ): Promise<{ readonly list: ExceptionList; readonly sha256: string } | undefined> => {
    const zipped = await store.get(object);
    const bytes = zipped && (await settled(compression.unzip(zipped, { maxBytes, chunkBytes })));
    if (!bytes?.ok) return undefined;
    const text = Buffer.from(bytes.value).toString();
    const list = readExceptionList(parsed(text));
    return list && { list, sha256: sha256Hex(text) };
  };

  const names = async (): Promise<readonly string[]> => {
    const all: string[] = [];
    for (let after: string | undefined; ; after = all.at(-1)) {
      const page = await store.list(exceptionListPrefix(source), {
        ...(after !== undefined && { after }),
        limit: pageSize,
      });
      all.push(...page);
      if (page.length < pageSize) return all;
    }
  };

  return {
    write: async (list) => {
      const text = canonicalText(list);
      const sha256 = sha256Hex(text);
      const object = exceptionListName(source, list.upTo, sha256);
      const bytes = await compression.zip(Buffer.from(text));
      await store.putIfAbsent(object, bytes, { contentType: 'application/json', contentEncoding: 'gzip' });
      return { object, sha256 };
    },
    read: async ({ object, sha256 }) => {
      const found = await unpacked(object);
      if (found?.sha256 === sha256) return found.list;
      throw new OperatorMustFix(
        `The list of exceptions ${store.description}/${object} is missing or was altered. Without it, events without a time would be journaled twice. Restore it from a backup or from the bucket's versions, or run: npx sluice rebuild-checkpoint`,
      );
    },
    newest: async (isOurs) => {
      for (const object of (await names()).toReversed()) {
        const found = await unpacked(object);
        if (!found || exceptionListName(source, found.list.upTo, found.sha256) !== object) continue;
        if (await isOurs(found.list.upTo)) return { object, sha256: found.sha256 };
      }
      return undefined;
    },
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
