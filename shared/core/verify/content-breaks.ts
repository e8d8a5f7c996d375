/** Checks the events of a segment against its manifest and its key list. */
import { eventKey } from '../event-key.ts';
import type { Manifest } from '../segment.ts';
import type { Break } from './break.ts';
import { readJson } from './manifest-form.ts';

export interface EventFacts {
  readonly key: string;
  /** Epoch ms; `NaN` without a time. */
  readonly timeMs: number;
}

export interface ContentCheck {
  /** Checks the next event, in the order of the blocks. */
  take(
    line: Uint8Array,
    at: { readonly tenant: string; readonly line: number },
  ): EventFacts | { readonly break: Break };
  /** Call it after the last event: checks times and minutes against the manifest. */
  ended(): Break | undefined;
}

/** @param keys as the object holds them, quotes included */
export const contentCheck = (manifest: Manifest, keys: readonly string[]): ContentCheck => {
  const { seq, object } = manifest;
  const minutes = new Map<string, number>();
  let taken = 0;
  let timed = 0;
  let min: string | undefined;
  let max: string | undefined;
  /** Events whose time our parser may read differently from the server that sorted them. */
  let otherwise = 0;
  const broken = (expected: string, found: string): { readonly break: Break } => ({
    break: { kind: 'altered', place: object, from: seq, expected, found },
  });

  const takeTime = (time: string, event: Readonly<Record<string, unknown>>): void => {
    timed += 1;
    if (isReadOtherwise(event)) otherwise += 1;
    const minute = time.slice(0, 16);
    minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
    if (min === undefined || time < min) min = time;
    if (max === undefined || time > max) max = time;
  };

  return {
    take: (line, { tenant, line: number }) => {
      const quoted = keys[taken] ?? '';
      taken += 1;
      const where = `line ${number} of tenant "${tenant}"`;
      const event = readJson(line);
      if (!isObject(event)) return broken(`an event in ${where}`, 'no JSON object');
      const id = isObject(event['event']) ? event['event']['id'] : undefined;
      if (typeof id !== 'string') return broken(`event.id in ${where}`, 'none');
      const key = keyIn(quoted, id);
      if (key === undefined) return broken(`the key of ${where}, event ${id.slice(0, 200)}`, `key ${quoted}`);
      const time = event['@timestamp'];
      if (time === undefined) return { key, timeMs: Number.NaN };
      if (typeof time !== 'string' || !timeShape.test(time)) return broken(`@timestamp in ${where}`, 'no time');
      takeTime(time, event);
      return { key, timeMs: Date.parse(time) };
    },
    ended: () => {
      const said = Object.entries(manifest.minutes);
      const sum = said.reduce((total, [, count]) => total + count, 0);
      const { kind, minTime, maxTime } = manifest;
      if ((minTime === null) !== (timed === 0))
        return broken(`minTime ${minTime}`, `${timed} events with a time`).break;
      if (kind !== 'reattributed' && sum !== timed) return broken(`${sum} events with a time`, `${timed}`).break;
      if (otherwise > 0) return undefined;
      for (const [what, expected, found] of [
        ['minTime', minTime, min],
        ['maxTime', maxTime, max],
      ] as const)
        if ((expected?.slice(0, 23) ?? '') !== (found?.slice(0, 23) ?? ''))
          return broken(`${what} ${expected}`, `${what} ${found}`).break;
      if (kind === 'reattributed') return undefined;
      const wrong = said.find(([minute, count]) => minutes.get(minute) !== count);
      return wrong && broken(`${wrong[1]} events in the minute ${wrong[0]}`, `${minutes.get(wrong[0]) ?? 0}`).break;
    },
  };
};

/** A time as the reader writes it: milliseconds, always `Z`. */
const timeShape = /^-?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The key without its quotes, if it is the key of the event. The index name of a log file may contain `/`, so every `/` of the id is tried
 * as the end of the index.
 */
const keyIn = (quoted: string, id: string): string | undefined => {
  for (let at = id.indexOf('/'); at >= 0; at = id.indexOf('/', at + 1)) {
    const key = eventKey(id.slice(0, at), id.slice(at + 1));
    if (quoted === `"${key}"`) return key;
  }
  return undefined;
};

/**
 * Whether the time may have been read differently: a label of the reader says so, or the reader kept the source's spelling, such as an
 * epoch in seconds, which only the server's mapping explains.
 */
const isReadOtherwise = ({ labels, closer }: Readonly<Record<string, unknown>>): boolean =>
  (isObject(labels) && labels['time'] !== undefined) || (isObject(closer) && closer['raw'] !== undefined);
