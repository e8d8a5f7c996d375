/** Makes a history out of a seed: any of them could happen, and most of them go wrong somewhere. */
import type { Actor, EngineChange, Fault, History, Round, SettingsChange, Traits } from './history.ts';
import { inventWrite } from './invent-documents.ts';
import { inventRun } from './invent-run.ts';
import { type Random, randomFrom } from './random.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export const inventHistory = (seed: number): History => {
  const random = randomFrom(seed);
  const traits = inventTraits(random);
  const first = together(random, inventWrite(random, traits, { name: 'r' }));
  const later = Array.from({ length: random.between(3, 8) }, (_, at) => inventEpisode(random, traits, `r${at}-`));
  return { seed, traits, rounds: [first, ...later.flat()] };
};

const inventTraits = (random: Random): Traits => ({
  lateness: random.oneOf(['overlap', 'overlap', 'horizon', 'horizon', 'retention']),
  refreshMs: random.oneOf([0, 1_000, 30_000]),
  mostHits: random.oneOf([1_000, 1_000, 7, 4, 3, 3, 2, 1]),
  refusedAbove: random.oneOf([0, 0, 0, 0, 0, 0, 0, 8, 300]),
  unknownView: random.oneOf(['missing', 'no shards']),
  segmentEvents: random.oneOf([1, 2, 2, 3, 5, 1_000]),
});

/** A few rounds that make one thing likely; most of the time anything. */
const inventEpisode = (random: Random, traits: Traits, name: string): readonly Round[] => {
  const kind = random.oneOf(['anything', 'anything', 'anything', 'anything', 'anything', ...episodes] as const);
  switch (kind) {
    case 'anything': {
      const count = random.oneOf([1, 1, 2, 2, 3, 4]);
      return [
        together(random, ...Array.from({ length: count }, (_, nth) => inventActor(random, traits, `${name}${nth}`))),
      ];
    }
    // What is older than the overlap is left half read.
    case 'backlog': {
      const run = inventRun(random, 'pull');
      const leftOut: Fault = { at: 'source.page', nth: random.below(3), what: 'hit left out' };
      const lost: Fault = { at: 'source.page', nth: random.between(1, 4), what: 'view lost' };
      const uncounted: Fault = { at: 'source.count', nth: 0, what: 'view lost' };
      const faults = random.oneOf([[leftOut], [lost], [uncounted], run.faults, run.faults]);
      return [
        together(
          random,
          inventWrite(random, traits, { name: `${name}0` }),
          inventWrite(random, traits, { name: `${name}1` }),
        ),
        together(random, { kind: 'wait', ms: random.oneOf([6 * minuteMs, 11 * minuteMs]) }),
        together(random, { kind: 'pull', ...run, faults, patience: random.oneOf([0, 0, random.between(9, 30)]) }),
      ];
    }
    // Something becomes visible while a walk takes its time.
    case 'long walk':
      return [
        together(random, inventWrite(random, traits, { name, delayMs: 230_000 })),
        together(random, { kind: 'wait', ms: 205_000 }),
        together(
          random,
          { kind: 'pull', ...inventRun(random, 'pull'), faults: [] },
          { kind: 'wait', ms: 4 * minuteMs },
        ),
      ];
    // A batch is sent, nobody knows what became of it, and the settings change.
    case 'changed under way': {
      const who = random.between(0, 1);
      const what = who === 0 ? 'change format' : 'change filter';
      const fault: Fault = { at: 'send', nth: random.below(2), what: random.oneOf(['lost after', 'killed after']) };
      return [
        together(random, { kind: 'deliver', who, ...inventRun(random, 'deliver'), faults: [fault] }),
        together(random, { kind: 'settings', what }, { kind: 'wait', ms: random.oneOf([3_000, 61_000]) }),
        together(random, { kind: 'deliver', who, ...inventRun(random, 'deliver') }),
      ];
    }
    // Somebody holds a subscription while a batch is on its way, and perhaps thinks better of it.
    case 'held under way': {
      const who = random.below(4);
      const deliver = (): Actor => ({ kind: 'deliver', who, ...inventRun(random, 'deliver'), faults: [] });
      const hold = (kind: 'pause' | 'resume'): Actor => ({ kind, who, ...inventRun(random, kind) });
      return [
        together(random, inventWrite(random, traits, { name, delayMs: 0 }), { kind: 'wait', ms: 61_000 }),
        together(random, { kind: 'pull', ...inventRun(random, 'pull') }),
        together(random, deliver(), hold('pause')),
        together(random, deliver(), hold(random.oneOf(['resume', 'pause']))),
      ];
    }
    // What comes late is looked for by several at once, and a backup of the checkpoint may be put back.
    case 'afterwards': {
      const isLate = traits.lateness !== 'overlap';
      const write = inventWrite(random, traits, { name, ...(isLate && { delayMs: 10 * minuteMs }) });
      const pull = (): Actor => ({ kind: 'pull', ...inventRun(random, 'pull') });
      const rounds = [
        together(random, write),
        // The watermark passes it before it is visible.
        together(random, { kind: 'wait', ms: 7 * minuteMs }),
        together(random, pull()),
        together(random, { kind: 'wait', ms: 5 * minuteMs }),
        together(random, inventAfterwards(random, traits), inventAfterwards(random, traits), pull()),
      ];
      if (random.chance(0.6)) return rounds;
      return [...rounds, together(random, { kind: 'restore', ago: random.between(1, 6) }), together(random, pull())];
    }
    // The journal grows while several send the same.
    case 'two deliverers': {
      const deliver = { kind: 'deliver', who: random.oneOf([0, 2, 3]) } as const;
      return [
        together(random, inventWrite(random, traits, { name: `${name}0`, delayMs: 0 })),
        together(random, { kind: 'wait', ms: 61_000 }),
        together(random, { kind: 'pull', ...inventRun(random, 'pull') }),
        together(random, inventWrite(random, traits, { name: `${name}1`, delayMs: 0 }), { kind: 'wait', ms: 61_000 }),
        together(
          random,
          { kind: 'pull', ...inventRun(random, 'pull') },
          { ...deliver, ...inventRun(random, 'deliver') },
          { ...deliver, ...inventRun(random, 'deliver') },
        ),
      ];
    }
    // Part of the index is not there, behind answers that look well.
    case 'shard gone': {
      const what = random.oneOf(['shard fails', 'shard times out', 'cluster away']);
      const pull = (): Actor => ({ kind: 'pull', ...inventRun(random, 'pull') });
      return [
        together(random, { kind: 'engine', what, shard: random.below(2) }, inventWrite(random, traits, { name })),
        together(random, { kind: 'wait', ms: 6 * minuteMs }),
        together(random, pull()),
        together(random, { kind: 'engine', what: random.oneOf(['shards return', what]), shard: 0 }, pull()),
      ];
    }
    // An index is known by another name, a data stream by the same.
    case 'renamed':
      return [
        together(random, inventWrite(random, traits, { name, delayMs: 0 })),
        together(random, { kind: 'wait', ms: 61_000 }),
        together(random, { kind: 'pull', ...inventRun(random, 'pull') }),
        together(random, { kind: 'engine', what: random.oneOf(['shrink', 'shrink', 'roll over']), shard: 0 }),
        together(random, { kind: 'pull', ...inventRun(random, 'pull') }),
      ];
    default:
      return kind satisfies never;
  }
};

const episodes = [
  'backlog',
  'backlog',
  'long walk',
  'changed under way',
  'held under way',
  'two deliverers',
  'afterwards',
  'afterwards',
  'renamed',
  'shard gone',
] as const;

const together = (random: Random, ...actors: readonly Actor[]): Round => ({
  actors,
  order: inventOrder(random, actors.length),
});

/** One of them goes on for a while, then another: what happens in the middle of a walk would come first otherwise. */
const inventOrder = (random: Random, actors: number): readonly number[] => {
  const stretches = actors > 1 ? random.between(2, 12) : random.below(3);
  return Array.from({ length: stretches }, () => {
    const actor = random.below(actors);
    return Array.from({ length: random.oneOf([1, 1, 2, 5, 12]) }, () => actor + actors * random.oneOf([0, 0, 0, 1, 2]));
  }).flat();
};

const inventActor = (random: Random, traits: Traits, name: string): Actor => {
  const kind = random.oneOf([
    'write',
    'write',
    'write',
    'pull',
    'pull',
    'pull',
    'pull',
    'deliver',
    'deliver',
    'deliver',
    'pause',
    'resume',
    'wake',
    'wait',
    'wait',
    'engine',
    'settings',
    'afterwards',
    'restore',
  ] as const);
  switch (kind) {
    case 'write':
      return inventWrite(random, traits, { name });
    case 'wait':
      return {
        kind,
        ms: random.oneOf([
          3_000,
          40_000,
          61_000,
          4 * minuteMs,
          6 * minuteMs,
          6 * minuteMs,
          11 * minuteMs,
          3 * hourMs,
          30 * hourMs,
        ]),
      };
    case 'engine':
      return { kind, what: random.oneOf(engineChanges), shard: random.below(2) };
    case 'settings':
      return { kind, what: random.oneOf(settingsChanges) };
    case 'restore':
      return { kind, ago: random.between(1, 6) };
    case 'deliver':
    case 'pause':
    case 'resume':
      return { kind, who: random.below(5), ...inventRun(random, kind) };
    case 'afterwards':
      return inventAfterwards(random, traits);
    default:
      return { kind, ...inventRun(random, kind) };
  }
};

/** What is done once in a while, about what pull cannot see. */
const inventAfterwards = (random: Random, { lateness }: Traits): Actor => {
  const kind =
    lateness === 'overlap'
      ? 'reattribute'
      : random.oneOf(['reattribute', 'reconcile', 'reconcile', 'reconcile', 'backfill'] as const);
  const run = inventRun(random, kind);
  switch (kind) {
    case 'backfill':
      return { kind, fromAgoMs: random.oneOf([hourMs, 30 * hourMs, 90 * hourMs]), ...run };
    case 'reconcile':
      return { kind, rung: random.oneOf(['due', 'horizon', 'horizon']), ...run };
    case 'reattribute':
      return { kind, ...run };
    default:
      return kind satisfies never;
  }
};

const engineChanges: readonly [EngineChange, ...EngineChange[]] = [
  'roll over',
  'shrink',
  'delete oldest',
  'restart',
  'shard fails',
  'shard times out',
  'cluster away',
  'shards return',
  'shards return',
];
const settingsChanges: readonly [SettingsChange, ...SettingsChange[]] = [
  'add subscription',
  'change filter',
  'change filter',
  'change limits',
  'change format',
  'extend directory',
  'extend directory',
];
