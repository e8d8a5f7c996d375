import { describe, expect, it } from 'vitest';
import { eventsTable } from '../../cli/query/events-table.ts';
import { readSample, sampleHits } from '../support/sample-hits.ts';

const events = sampleHits().map((hit) => readSample(hit, '2026-05-05T12:00:00.000Z').event);

describe('events as a table', () => {
  it('has a line each, with columns that stand below each other', () => {
    const [title = '', ...rows] = eventsTable(events);
    expect(rows).toHaveLength(150);
    const at = title.indexOf('outcome');
    for (const row of rows) expect(row.slice(at)).toMatch(/^(success|failure|unknown)/);
  });

  it('lets nothing of an event move the cursor, colour the screen or turn the writing round', () => {
    const [event] = events;
    if (!event) throw new Error('no samples');
    const user = { id: '\u001b[2J\u202egrep\r\n\u009b31m' };
    const text = eventsTable([{ ...event, user }]).join('\n');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('?[2J?grep');
  });
});
