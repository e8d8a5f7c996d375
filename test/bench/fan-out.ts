/**
 * One measured run of the deliver flow for so many subscriptions at once, in a process of its own: the real flow, over a journal in a folder
 * and a state in SQLite, each subscription with a webhook destination of its own.
 *
 *     node fan-out.ts write FOLDER EVENTS
 *     node fan-out.ts deliver FOLDER SUBSCRIPTIONS KIND PORT
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderBlobStore } from '../../shared/adapters/folder-blob-store.ts';
import { sqliteRecordStore } from '../../shared/adapters/sqlite-record-store.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { webhookDestination } from '../../shared/adapters/webhook-destination.ts';
import type { Hit } from '../../shared/core/event.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { segmentDraft } from '../../shared/core/segment-draft.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { freshState } from '../../shared/core/subscription-state.ts';
import { attributeAll } from '../../shared/core/tenants.ts';
import { storeState } from '../../shared/flows/deliver/load-state.ts';
import { deliverSubscription } from '../../shared/flows/deliver-subscription.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { hitTemplates, pageBytes, timeOf } from './documents.ts';

const [mode, folder = '', ...rest] = process.argv.slice(2);
const perSegment = 4_000;

const journalIn = () => openJournal({ store: folderBlobStore({ root: join(folder, 'journal') }), source: 'closer' });

const write = async (events: number): Promise<void> => {
  const journal = journalIn();
  const read = hitReader({ timeField: '@timestamp', attribute: attributeAll('acme') });
  const templates = hitTemplates();
  const draft = segmentDraft();
  let head: Awaited<ReturnType<typeof journal.head>>;
  for (let from = 0; from < events; from += perSegment) {
    const page = JSON.parse(pageBytes(templates, from, perSegment, events).toString()) as {
      readonly hits: { readonly hits: readonly Hit[] };
    };
    for (const hit of page.hits.hits) draft.add(read(hit, timeOf(from)));
    const nothing = timeOf(0) as NonNullable<typeof draft.minTime>;
    const appended = await journal.append(draft, {
      kind: 'scan',
      head,
      begin: nothing,
      watermark: nothing,
      committedAtMs: Date.now(),
    });
    if (appended.kind !== 'appended') throw new Error(appended.kind);
    head = appended.manifest;
    draft.clear();
  }
};

/** What of the journal each of them wants. */
const kinds: Readonly<Record<string, Pick<Subscription, 'format' | 'filter' | 'fields' | 'personalData'>>> = {
  'as journaled': { format: 'ecs' },
  filtered: { format: 'ecs', filter: { outcome: ['success', 'failure'] } },
  flat: { format: 'ecs-flat' },
  'filtered, flat, hidden': { format: 'ecs-flat', filter: { outcome: ['success', 'failure'] }, personalData: 'hide' },
};

const deliver = async (subscriptions: number, kind: string, port: string): Promise<void> => {
  const journal = journalIn();
  const scratch = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const records = sqliteRecordStore({ path: join(scratch, 'state.sqlite') });
  const silent = {
    pullRun: () => undefined,
    attempt: () => undefined,
    deliverRun: () => undefined,
    reconcileRun: () => undefined,
    alert: () => undefined,
    notice: () => undefined,
  };
  const one = async (n: number): Promise<number> => {
    const subscription: Subscription & { readonly destination: { readonly type: 'webhook' } } = {
      id: `acme-${String(n).padStart(12, 'a')}`,
      tenant: 'acme',
      start: 'beginning',
      batch: { maxEvents: 500, maxBytes: 4_000_000, maxDelaySeconds: 0 },
      ...(kinds[kind] ?? { format: 'ecs' }),
      destination: { type: 'webhook', url: `http://127.0.0.1:${port}/` },
    };
    const destination = webhookDestination({
      subscription,
      secrets: { get: async () => ({ current: Buffer.alloc(32, 7).toString('base64') }) },
      clock: systemClock,
      allow: ['127.0.0.0/8'],
    });
    await storeState(records, subscription.id, freshState({ segment: 1, index: 0 }), 0, undefined);
    const deps = { journal, records, clock: systemClock, destination, telemetry: silent };
    const line = await deliverSubscription(deps, subscription, { remainingMs: () => Number.POSITIVE_INFINITY });
    return line.delivered;
  };
  const started = performance.now();
  const before = process.cpuUsage();
  const delivered = await Promise.all(Array.from({ length: subscriptions }, (_, n) => one(n)));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  records.close();
  await rm(scratch, { recursive: true });
  const events = delivered.reduce((sum, count) => sum + count, 0);
  process.stdout.write(
    `${JSON.stringify({ events, seconds, cpuSeconds: (user + system) / 1e6, rssMb: Math.round(process.resourceUsage().maxRSS / 1024) })}\n`,
  );
};

if (mode === 'write') await write(Number(rest[0]));
else await deliver(Number(rest[0]), rest[1] ?? '', rest[2] ?? '');
process.exit(0);
