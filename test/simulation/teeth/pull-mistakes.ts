import type { Mistake } from './mistake.ts';

/** In what pull asks for, keeps, and moves. */
export const pullMistakes: readonly Mistake[] = [
  {
    name: 'the checkpoint moves before the segment is appended',
    file: 'shared/flows/pull/open-run.ts',
    find: `    const { listed } = checkpoint;
    if (draft.count > 0) {`,
    replace: `    const { listed } = checkpoint;
    if (draft.count > 0) {
      if ((await storeCheckpoint(deps, { ...checkpoint, watermark }, version)) === 'conflict') return 'busy';
      version += 1;`,
  },
  {
    name: 'the larger of last time and settled time is taken, not the smaller',
    file: 'shared/core/checkpoint.ts',
    find: 'earliest(cutToMs(walk.lastTime), settled)',
    replace: 'latest(cutToMs(walk.lastTime), settled)',
  },
  {
    name: 'the watermark stands within a millisecond',
    file: 'shared/core/checkpoint.ts',
    find: 'earliest(cutToMs(walk.lastTime), settled)',
    replace: 'earliest(walk.lastTime, settled)',
  },
  {
    name: 'no overlap is read again',
    file: 'shared/core/checkpoint.ts',
    find: 'instantFromMs(walk.openedAtMs - walk.overlapMs)',
    replace: 'instantFromMs(walk.openedAtMs)',
  },
  {
    name: 'the watermark is taken from the end of the walk, not from when the view was opened',
    file: 'shared/flows/pull/open-run.ts',
    find: 'advancedWatermark(checkpoint.watermark, { openedAtMs, to, overlapMs',
    replace: 'advancedWatermark(checkpoint.watermark, { openedAtMs: clock.nowMs() || openedAtMs, to, overlapMs',
  },
  {
    name: 'an unfinished walk moves the watermark as a finished one does',
    file: 'shared/flows/pull/open-run.ts',
    find: "return gap ? checkpoint.watermark : advanced(of, to, 'going on');",
    replace: "return gap ? checkpoint.watermark : advanced(of, to, 'ended');",
  },
  {
    name: 'an unfinished walk is not counted',
    file: 'shared/flows/pull/open-run.ts',
    find: 'const gap = lastTime === undefined || (await of.countBefore(lastTime)) > walkedBefore;',
    replace: 'const gap = lastTime === undefined;',
  },
  {
    name: 'fewer hits than were counted are taken for all of them',
    file: 'shared/flows/pull-source.ts',
    find: 'const whole = walked >= counted;',
    replace: 'const whole = walked >= 0;',
  },
  {
    name: 'events are told apart by _id alone',
    file: 'shared/core/event-key.ts',
    find: 'const stream = streamOf(index);',
    replace: "const stream = '';",
  },
  {
    name: 'events are told apart by the name of their backing index',
    file: 'shared/core/event-key.ts',
    find: 'const stream = streamOf(index);',
    replace: 'const stream = index;',
  },
  {
    name: 'a Bloom filter stands for the set of keys',
    file: 'shared/flows/pull/key-memory.ts',
    find: 'if (open.has(key) || kept.has(key)) return true;',
    replace: `const bitsOf = (one: string): readonly number[] =>
        [0, 5].map((at) => Number.parseInt(Buffer.from(one.slice(at, at + 4), 'base64url').toString('hex'), 16) % 512);
      const filter = new Set([...open].flatMap(bitsOf));
      if (bitsOf(key).every((bit) => filter.has(bit)) || kept.has(key)) return true;`,
  },
  {
    name: 'keys at the watermark are forgotten with those before it',
    file: 'shared/flows/pull/key-memory.ts',
    find: '      sealed = sealed.filter((generation) => generation.maxTime >= watermark);',
    replace: '      if (openMaxTime !== undefined && openMaxTime <= watermark) open = new Set();',
  },
  {
    name: 'keys of late segments are not remembered',
    file: 'shared/flows/pull/key-memory.ts',
    find: "if (at.kind === 'exception' ||",
    replace: "if (at.kind === 'exception' || at.kind === 'late' ||",
  },
  {
    name: 'the walk back through the keys ends at the first older segment',
    file: 'shared/flows/pull/key-memory.ts',
    find: "if (at.kind === 'exception' || at.maxTime === null || at.maxTime < watermark) continue;",
    replace: "if (at.kind === 'exception' || at.maxTime === null || at.maxTime < watermark) break;",
  },
  {
    name: 'events without a time, and dated ahead, are forgotten by the next run',
    file: 'shared/flows/pull/key-memory.ts',
    find: '  for (const keys of loose) memory.keep(keys);',
    replace: '  for (const keys of loose.slice(0, 0)) memory.keep(keys);',
  },
  {
    name: 'exceptions of a run that died are not looked for',
    file: 'shared/flows/pull/load-checkpoint.ts',
    find: "if (at.kind === 'exception') newer.unshift(at.seq);",
    replace: '{}',
  },
  {
    name: 'a lost view is opened anew after the last time',
    file: 'shared/flows/pull/walk-pages.ts',
    find: 'latest(time, from)',
    replace: "latest(time.slice(0, 23).concat('999999Z') as Instant, from)",
  },
  {
    name: 'the head is believed, not read again',
    file: 'shared/flows/pull/load-checkpoint.ts',
    find: '= await journal.provenHead(checkpoint.head)',
    replace: '= checkpoint.head > 0 ? await journal.appended(checkpoint.head) : undefined',
  },
  {
    name: 'what lies outside of every range is never read',
    file: 'shared/flows/pull/pull-exceptions.ts',
    find: 'if (run.isKnown(step.walk.count))',
    replace: 'if (run.isKnown(step.walk.count) || step.walk.count > 0)',
  },
  {
    name: 'a commit that fails at the end is not waited for',
    file: 'shared/flows/pull-source.ts',
    find: 'return await finish(run',
    replace: 'return finish(run',
  },
];
