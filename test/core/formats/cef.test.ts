import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EcsEvent } from '../../../shared/core/event.ts';
import { toCef } from '../../../shared/core/formats/cef.ts';
import { edgeHits, readSample, sampleHits } from '../../support/sample-hits.ts';

const readAt = '2026-05-05T12:00:00.000Z';
const events: readonly EcsEvent[] = [...sampleHits(), ...edgeHits()].map((hit) => readSample(hit, readAt).event);

/** As receivers read it: an unescaped bar ends a field of the header, an unescaped `=` a key of the extension. */
const parsed = (line: string) => {
  const fields = line.split(/(?<!\\)(?:\\\\)*\|/);
  const extension = line.slice(line.indexOf('|', headerEnd(line)) + 1);
  const pairs = [...extension.matchAll(/(\w+)=((?:\\.|[^\\=])*)(?= \w+=|$)/g)].map(
    ([, key = '', value = '']) =>
      [key, value.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))] as const,
  );
  return { fields, values: Object.fromEntries(pairs) };
};
const headerEnd = (line: string): number => {
  let bars = 0;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '\\') at++;
    else if (line[at] === '|' && ++bars === 6) return at + 1;
  }
  return -1;
};

describe('an event as CEF', () => {
  it('is the line that the data model describes', () => {
    const [event] = events.filter(({ event: { action }, source }) => action === 'agent_skills_change' && source?.ip);
    const line = event ? toCef(event) : '';
    expect(line).toMatch(
      /^CEF:0\|Closer\|Closer\|1\.0\|agent_skills_change\|[^|]+\|1\|rt=\d{13} act=agent_skills_change cat=iam /,
    );
    expect(parsed(line).values).toMatchObject({
      requestMethod: 'PUT',
      externalId: event?.event.id,
      request: event?.url?.full,
      cn1Label: 'httpStatus',
    });
  });

  it('writes an IPv6 address where CEF wants it', () => {
    const [event] = events;
    if (!event) throw new Error('no samples');
    const { values } = parsed(toCef({ ...event, source: { ip: '2001:db8::7' } }));
    expect(values).toMatchObject({ c6a2: '2001:db8::7', c6a2Label: 'sourceIPv6Address' });
    expect(values['src']).toBeUndefined();
  });

  it('is one line with seven bars, whatever an attacker put into the log', () => {
    const nasty = fc
      .array(fc.constantFrom('a', '|', '=', '\\', '\n', '\r', '\u2028', '\u0000', ' act=', 'CEF:0|', 'é', '😀'), {
        maxLength: 12,
      })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(fc.constantFrom(...events), nasty, nasty, nasty, (event, action, id, message) => {
        const line = toCef({ ...event, event: { ...event.event, action }, user: { id }, message });
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(headerEnd(line)).toBeGreaterThan(0);
        expect(line.isWellFormed()).toBe(true);
        const visible = (text: string) =>
          text.replace(/\r\n|[\r\n\u0085\u2028\u2029]/g, '\n').replace(/[^\P{Cc}\n]/gu, '');
        if (visible(id).trim() === visible(id) && visible(id) !== '')
          expect(parsed(line).values['suid'] ?? '').toBe(visible(id));
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds no body', () => {
    for (const event of events) {
      const content = event.http?.request?.body?.content;
      if (content && content.length > 20) expect(toCef(event)).not.toContain(content.slice(0, 20));
    }
  });
});
