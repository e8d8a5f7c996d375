/** A world whose tenant directory learns: users become known, and what they did before is attributed again. */
import { type EcsEvent, everyTenant, type Hit } from '../../shared/core/event.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import type { Manifest } from '../../shared/core/segment.ts';
import { type Attribute, attributeTo } from '../../shared/core/tenants.ts';
import type { Journal } from '../../shared/flows/journal/open-journal.ts';
import { reattribute } from '../../shared/flows/reattribute.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { aSubscription, aWorld } from './world.ts';

/** An event of a user, as the source has it. */
export const of = (user: string, id: string, time = '2026-03-01T11:59:00.000Z'): Hit => ({
  _index: 'closer',
  _id: id,
  _source: { ...(time !== '' && { '@timestamp': time }), message: { 'event.action': 'agent_login', 'user.id': user } },
});

/** Which user belongs to which tenant. */
type Users = Readonly<Record<string, string>>;

const attributeBy = (users: Users): Attribute =>
  attributeTo({
    tenants: [...new Set(Object.values(users))].map((id) => ({
      id,
      organizations: [],
      users: Object.keys(users).filter((user) => users[user] === id),
      emails: [],
      emailDomains: [],
      indices: [],
    })),
  });

export const aTown = (hits: readonly Hit[]) => {
  let users: Users = {};
  const world = aWorld({
    hits,
    read: (hit, readAt) => hitReader({ timeField: '@timestamp', attribute: attributeBy(users) })(hit, readAt),
  });
  const receivers = { acme: memoryDestination(), bolt: memoryDestination(), operator: memoryDestination() };
  const subscriptions = {
    acme: aSubscription({ id: 'acme-soc', tenant: 'acme' }),
    bolt: aSubscription({ id: 'bolt-soc', tenant: 'bolt' }),
    operator: aSubscription({ id: 'operator', tenant: everyTenant }),
  };
  type Who = keyof typeof receivers;
  const everybody: readonly Who[] = ['acme', 'bolt', 'operator'];
  return {
    ...world,
    subscriptions,
    know: (next: Users) => {
      users = next;
    },
    again: (overrides: Partial<Parameters<typeof reattribute>[1]> = {}, journal = world.journal()) =>
      reattribute(
        { journal, clock: world.clock, attribute: attributeBy(users) },
        { remainingMs: () => Number.POSITIVE_INFINITY, ...overrides },
      ),
    /** A journal to which somebody else appends just before it does itself, the first time. */
    journalBehind: (other: () => Promise<unknown>): Journal => {
      const journal = world.journal();
      let first = true;
      return {
        ...journal,
        append: async (draft, options) => {
          if (first) {
            first = false;
            await other();
          }
          return journal.append(draft, options);
        },
      };
    },
    deliverAll: async () => {
      for (const who of everybody) await world.deliver(subscriptions[who], receivers[who]);
    },
    received: (who: Who) => receivers[who].lines().map((line) => (JSON.parse(line) as EcsEvent).event.id),
    eventsOf: (who: Who) => receivers[who].lines().map((line) => JSON.parse(line) as EcsEvent),
    manifests: async () => {
      const all: Manifest[] = [];
      for (let seq = 1; ; seq += 1) {
        const manifest = await world.journal().manifest(seq);
        if (!manifest) return all;
        all.push(manifest);
      }
    },
  };
};

export const twoUsers = [of('ada', 'a1'), of('ben', 'b1'), of('ada', 'a2'), of('eve', 'e1')];
