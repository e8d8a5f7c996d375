/** Makes a failing history small: whatever can be left away, while it still breaks the same promise, is left away. */
import type { Actor, Fault, History, Operation, Round, RunActor, Traits } from './history.ts';

export interface Minimised {
  readonly history: History;
  readonly tries: number;
}

/**
 * @param fails whether a history still breaks the promise
 * @param mostTries plays at most; the smallest so far is returned then
 */
export const minimise = async (
  history: History,
  fails: (candidate: History) => Promise<boolean>,
  mostTries = 1_500,
): Promise<Minimised> => {
  let smallest = history;
  let tries = 0;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    // What made this history smaller once often does so again: candidates go on behind the one that was taken.
    for (let at = 0; tries < mostTries; at += 1) {
      const candidate = simplerOf(smallest)[at];
      if (!candidate) break;
      tries += 1;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      isSmaller = true;
      at -= 1;
    }
    if (tries >= mostTries) break;
  }
  return { history: smallest, tries };
};

/** Every history that lacks one thing, the largest things first. */
const simplerOf = (history: History): readonly History[] => {
  const { rounds, traits } = history;
  const withRounds = (others: readonly Round[]): History => ({ ...history, rounds: others });
  const halves = rounds.length > 3 ? [withRounds(rounds.slice(Math.ceil(rounds.length / 2)))] : [];
  return [
    ...halves,
    ...without(rounds).map(withRounds),
    ...eachSimpler(rounds, simplerRounds).map(withRounds),
    ...simplerTraits(traits).map((simpler) => ({ ...history, traits: simpler })),
  ];
};

const without = <T>(list: readonly T[]): readonly (readonly T[])[] => list.map((_, at) => list.toSpliced(at, 1));

/** The list with one of its elements replaced by something simpler, in every way there is. */
const eachSimpler = <T>(list: readonly T[], simpler: (one: T) => readonly T[]): readonly (readonly T[])[] =>
  list.flatMap((one, at) => simpler(one).map((other) => list.with(at, other)));

const simplerRounds = ({ actors, order }: Round): readonly Round[] => [
  ...(actors.length > 1 ? without(actors).map((fewer) => ({ actors: fewer, order })) : []),
  ...(order.length > 0
    ? [
        { actors, order: [] },
        { actors, order: order.slice(0, Math.floor(order.length / 2)) },
      ]
    : []),
  ...eachSimpler(actors, simplerActors).map((others) => ({ actors: others, order })),
  ...order.flatMap((pick, at) => (pick === 0 ? [] : [{ actors, order: order.with(at, 0) }])),
];

const simplerActors = (actor: Actor): readonly Actor[] => {
  switch (actor.kind) {
    case 'write':
      return actor.documents.length > 1
        ? without(actor.documents).map((documents) => ({ ...actor, documents }))
        : actor.documents.flatMap((document) =>
            document.delayMs === 0 ? [] : [{ ...actor, documents: [{ ...document, delayMs: 0 }] }],
          );
    case 'wait':
    case 'engine':
    case 'settings':
    case 'restore':
      return [];
    default:
      return simplerRuns(actor);
  }
};

const simplerRuns = (actor: RunActor): readonly RunActor[] => [
  ...without(actor.faults).map((faults) => ({ ...actor, faults })),
  ...eachSimpler(actor.faults, namedFaults).map((faults) => ({ ...actor, faults })),
  ...(actor.patience > 0 ? [{ ...actor, patience: 0 }] : []),
  ...(actor.skewMs !== 0 ? [{ ...actor, skewMs: 0 }] : []),
];

/** A death at the n-th call of all becomes one at a call that has a name: it stays where it is when other calls are left away. */
const namedFaults = (fault: Fault): readonly Fault[] =>
  fault.at === 'any'
    ? nameable.flatMap((at) => Array.from({ length: 4 }, (_, nth): Fault => ({ at, nth, what: fault.what })))
    : [];

const nameable: readonly Operation[] = [
  'record.set',
  'blob.put',
  'send',
  'blob.get',
  'record.get',
  'source.page',
  'source.count',
];

const plain: Omit<Traits, 'lateness'> = {
  refreshMs: 0,
  mostHits: 1_000,
  refusedAbove: 0,
  unknownView: 'missing',
  segmentEvents: 1_000,
};

const simplerTraits = (traits: Traits): readonly Traits[] =>
  Object.entries(plain).flatMap(([name, value]) =>
    traits[name as keyof Traits] === value ? [] : [{ ...traits, [name]: value }],
  );
