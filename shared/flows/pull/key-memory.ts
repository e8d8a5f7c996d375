import type { Checkpoint } from '../../core/checkpoint.ts';
import { type Instant, latest } from '../../core/instant.ts';
import type { Manifest } from '../../core/segment.ts';
import type { Journal } from '../journal/open-journal.ts';

/** Which events the journal (and the open draft) already holds, as far back as the watermark: exact, never a guess. */
export interface KeyMemory {
  has(key: string): boolean;
  /** Of the draft that is being filled. */
  add(key: string): void;
  /** The draft was appended: its keys are needed until the watermark has passed `maxTime`. */
  seal(maxTime: Instant | null): void;
  /** Kept until the end of the run, whatever the watermark: keys of exceptions. */
  keep(keys: readonly string[]): void;
  /** Drops what lies wholly before the watermark, but for the newest 50 000: memory is bounded by the overlap, not by the history. */
  forgetBefore(watermark: Instant): void;
}

/** Keys that are forgotten together. */
interface Generation {
  readonly keys: Set<string>;
  readonly maxTime: Instant;
}

/** Every key is looked for in every generation: one a segment would be dozens. */
const fewestKeys = 50_000;

export const keyMemory = (): KeyMemory => {
  let sealed: Generation[] = [];
  let open = new Set<string>();
  let openMaxTime: Instant | undefined;
  const kept = new Set<string>();
  return {
    has: (key) => {
      if (open.has(key) || kept.has(key)) return true;
      for (const { keys } of sealed) if (keys.has(key)) return true;
      return false;
    },
    add: (key) => {
      open.add(key);
    },
    seal: (maxTime) => {
      if (maxTime !== null) openMaxTime = openMaxTime === undefined ? maxTime : latest(openMaxTime, maxTime);
      if (open.size < fewestKeys) return;
      if (openMaxTime !== undefined) sealed.push({ keys: open, maxTime: openMaxTime });
      open = new Set();
      openMaxTime = undefined;
    },
    keep: (keys) => {
      for (const key of keys) kept.add(key);
    },
    forgetBefore: (watermark) => {
      sealed = sealed.filter((generation) => generation.maxTime >= watermark);
    },
  };
};

/** The memory a run begins with: the keys of every segment that reaches the watermark, and of the exceptions. */
export const rememberJournal = async (
  journal: Journal,
  head: Manifest | undefined,
  { watermark, listed, exceptions }: Pick<Checkpoint, 'watermark' | 'listed' | 'exceptions'>,
): Promise<KeyMemory> => {
  const memory = keyMemory();
  for (let at = head; at && at.maxTimeSoFar !== null && at.maxTimeSoFar >= watermark; at = await journal.previous(at)) {
    if (at.kind === 'exception' || at.maxTime === null || at.maxTime < watermark) continue;
    for (const key of await journal.keys(at)) memory.add(key);
    memory.seal(at.maxTime);
  }
  if (listed) memory.keep((await journal.exceptions.read(listed)).keys);
  const loose = await Promise.all(exceptions.map(async (seq) => journal.keys(await journal.appended(seq))));
  for (const keys of loose) memory.keep(keys);
  return memory;
};
