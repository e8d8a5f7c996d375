import { describe, expect, it } from 'vitest';
import { readStatus } from '../../shared/flows/read-status.ts';
import { aTown, of, twoUsers } from '../support/a-town.ts';
import { journaledEvents } from '../support/world.ts';

describe('reattribute, after the directory learned whose an event is', () => {
  it('brings events that nobody owned to their tenant, once, and to nobody else; the operator had them', async () => {
    const town = aTown(twoUsers);
    await town.pull();
    await town.deliverAll();
    town.know({ ada: 'acme', ben: 'bolt' });
    expect(await town.again()).toMatchObject({
      result: 'done',
      looked: 4,
      attributed: 3,
      byTenant: { acme: 2, bolt: 1 },
      segments: 1,
      head: 2,
    });
    await town.deliverAll();
    expect(town.received('acme')).toEqual(['closer/a1', 'closer/a2']);
    expect(town.received('bolt')).toEqual(['closer/b1']);
    expect([...town.received('operator')].sort()).toEqual(['closer/a1', 'closer/a2', 'closer/b1', 'closer/e1']);
  });

  it('journals the event as the reader writes it for a tenant that is known', async () => {
    const town = aTown([of('ada', 'a1')]);
    await town.pull();
    const [before] = await journaledEvents(town.journal());
    expect(before?.labels).toMatchObject({ attribution: 'none' });
    town.know({ ada: 'acme' });
    await town.again();
    await town.deliverAll();
    const known = aTown([of('ada', 'a1')]);
    known.know({ ada: 'acme' });
    await known.pull();
    expect(town.eventsOf('acme')).toEqual(await journaledEvents(known.journal()));
    expect(town.eventsOf('acme')[0]?.labels?.['attribution']).toBeUndefined();
  });

  it('says in its segment which ones it looked at, counts no minute twice, and moves neither time nor watermark', async () => {
    const town = aTown([of('ada', 'a1'), of('ada', 'ahead', '2027-03-01T00:00:00.000Z'), of('ada', 'timeless', '')]);
    await town.pull();
    const before = await town.manifests();
    town.know({ ada: 'acme' });
    await town.again();
    const [last, ...others] = [...(await town.manifests())].reverse();
    expect(others.reverse()).toEqual(before);
    const head = before.at(-1);
    expect(last).toMatchObject({
      kind: 'reattributed',
      reattributes: { from: 1, to: before.length },
      count: 3,
      minutes: {},
      maxTime: '2027-03-01T00:00:00.000000000Z',
      maxTimeSoFar: head?.maxTimeSoFar,
      watermark: head?.watermark,
      begin: head?.begin,
      previous: head?.hash,
    });
  });

  it('does nothing when it is run again, and then only for what the directory has learned since', async () => {
    const town = aTown(twoUsers);
    await town.pull();
    town.know({ ada: 'acme' });
    await town.again();
    expect(await town.again()).toMatchObject({ looked: 2, attributed: 0, segments: 0, head: 2 });
    town.know({ ada: 'acme', eve: 'bolt' });
    expect(await town.again()).toMatchObject({ looked: 2, attributed: 1, byTenant: { bolt: 1 }, head: 3 });
  });

  it('never moves an event from one tenant to another, whatever the directory says later', async () => {
    const town = aTown([of('ada', 'a1'), of('ben', 'b1')]);
    town.know({ ada: 'acme' });
    await town.pull();
    town.know({ ada: 'bolt', ben: 'acme' });
    await town.again();
    town.know({ ada: 'bolt', ben: 'bolt' });
    expect(await town.again()).toMatchObject({ looked: 0, attributed: 0 });
    await town.deliverAll();
    expect(town.received('acme')).toEqual(['closer/a1', 'closer/b1']);
    expect(town.received('bolt')).toEqual([]);
  });

  it('reads its events again at no pull: they are journaled once more for their tenant only', async () => {
    const town = aTown(twoUsers);
    await town.pull();
    town.know({ ada: 'acme' });
    await town.again();
    town.clock.advance(60_000);
    town.source.add(of('ada', 'a3', '2026-03-01T12:00:30.000Z'));
    expect(await town.pull()).toMatchObject({ kept: 1, head: 3 });
    await town.deliverAll();
    expect(town.received('acme')).toEqual(['closer/a1', 'closer/a2', 'closer/a3']);
  });

  it('works through a long journal in ranges, each appended by itself, and goes on where it was stopped', async () => {
    const town = aTown([]);
    for (let n = 0; n < 6; n += 1) {
      town.source.add(of('ada', `a${n}`, new Date(town.clock.nowMs()).toISOString()));
      town.clock.advance(60_000);
      await town.pull();
    }
    town.know({ ada: 'acme' });
    const limits = { bytes: 1_000_000, events: 2 };
    let looks = 0;
    const stopped = await town.again({ limits, remainingMs: () => (looks++ < 1 ? 60_000 : 0) });
    expect(stopped).toMatchObject({ result: 'more', attributed: 2, segments: 1 });
    expect(await town.again({ limits })).toMatchObject({ result: 'done', looked: 4, attributed: 4, segments: 2 });
    const ranges = (await town.manifests()).flatMap(({ reattributes }) => reattributes ?? []);
    expect(ranges).toEqual([
      { from: 1, to: 2 },
      { from: 3, to: 4 },
      { from: 5, to: 6 },
    ]);
    await town.deliverAll();
    expect(town.received('acme')).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5'].map((id) => `closer/${id}`));
  });

  it('finds the key of an event whatever stands before it in its segment', async () => {
    const town = aTown([of('zoe', 'z1'), of('ada', 'a1'), of('zoe', 'z2'), of('ada', 'a2')]);
    // Sorts before what is unattributed, which sorts before most.
    town.know({ zoe: '1st' });
    await town.pull();
    town.know({ zoe: '1st', ada: 'acme' });
    await town.again();
    expect(await town.again()).toMatchObject({ looked: 0, attributed: 0 });
    const [scanned, attributed] = await town.manifests();
    if (!scanned || !attributed) throw new Error('two segments are journaled');
    expect(await town.journal().keys(attributed)).toEqual((await town.journal().keys(scanned)).slice(2));
  });

  it('leaves what has expired where it was, and says how many segments that are', async () => {
    const town = aTown([of('ada', 'a1')]);
    await town.pull();
    town.source.add(of('ada', 'a2', '2026-03-01T12:00:30.000Z'));
    town.clock.advance(60_000);
    await town.pull();
    town.blobs.lose(town.blobs.names().find((name) => name.startsWith('segments/closer/000000000001')) ?? '');
    town.know({ ada: 'acme' });
    expect(await town.again()).toMatchObject({ result: 'done', expired: 1, attributed: 1 });
  });

  it('counts an event whose evidence was redacted as undecided, and leaves it where it is', async () => {
    const secret = 'session-secret-1';
    const hit = {
      ...of('ada', 'a1'),
      _source: {
        '@timestamp': '2026-03-01T11:59:00.000Z',
        message: {
          'event.action': 'agent_login',
          'user.id': secret,
          'http.response.body.content': JSON.stringify({ apiKey: secret }),
        },
      },
    };
    const town = aTown([hit]);
    await town.pull();
    town.know({ [secret]: 'acme', REDACTED: 'acme' });
    expect(await town.again()).toMatchObject({ looked: 1, undecided: 1, attributed: 0, segments: 0 });
  });

  it('is counted by status as what it is: no new event, and fewer of no known tenant', async () => {
    const town = aTown(twoUsers);
    await town.pull();
    town.know({ ada: 'acme' });
    await town.again();
    await town.deliverAll();
    const deps = { journal: town.journal(), records: town.records, clock: town.clock };
    const status = await readStatus(deps, Object.values(town.subscriptions));
    expect(status.source).toMatchObject({ segments: 2, events: 4, unattributed: 2, reattributed: 2 });
    expect(status.problems).toEqual([]);
    expect(status.subscriptions).toMatchObject([
      { id: 'acme-soc', journaled: 2, delivered: 2 },
      { id: 'bolt-soc', journaled: 0 },
      { id: 'operator', journaled: 4, delivered: 4 },
    ]);
  });
});

describe('reattribute beside others', () => {
  it('gives way to a pull that appends first, and appends after it', async () => {
    const town = aTown(twoUsers);
    await town.pull();
    town.know({ ada: 'acme' });
    town.source.add(of('eve', 'e2', '2026-03-01T11:59:30.000Z'));
    town.clock.advance(1_000);
    expect(
      await town.again(
        {},
        town.journalBehind(() => town.pull()),
      ),
    ).toMatchObject({ attributed: 2, head: 3 });
    expect((await town.manifests()).map(({ kind }) => kind)).toEqual(['scan', 'scan', 'reattributed']);
    await town.deliverAll();
    expect(town.received('acme')).toEqual(['closer/a1', 'closer/a2']);
    expect([...town.received('operator')].sort()).toEqual(['a1', 'a2', 'b1', 'e1', 'e2'].map((id) => `closer/${id}`));
  });

  it('lets a pull lose the race, which leaves and finds its events again', async () => {
    const town = aTown(twoUsers);
    await town.pull();
    town.know({ ada: 'acme' });
    town.source.add(of('ben', 'b2', '2026-03-01T11:59:30.000Z'));
    town.clock.advance(1_000);
    const [line] = await Promise.all([town.again(), town.pull()]);
    expect(line).toMatchObject({ attributed: 2 });
    await town.pull();
    await town.deliverAll();
    expect(town.received('acme')).toEqual(['closer/a1', 'closer/a2']);
    expect([...town.received('operator')].sort()).toEqual(['a1', 'a2', 'b1', 'b2', 'e1'].map((id) => `closer/${id}`));
  });

  it('looks again when another of its kind was first, also one with another directory: nothing is journaled twice', async () => {
    const town = aTown(twoUsers);
    await town.pull();
    const other = async () => {
      town.know({ ada: 'bolt' });
      town.clock.advance(1);
      await town.again();
    };
    town.know({ ada: 'acme', ben: 'acme' });
    expect(await town.again({}, town.journalBehind(other))).toMatchObject({ looked: 2, attributed: 1, head: 3 });
    await town.deliverAll();
    expect(town.received('bolt')).toEqual(['closer/a1', 'closer/a2']);
    expect(town.received('acme')).toEqual(['closer/b1']);
  });
});
