import type { AttemptLine, DeliverLine, PullLine, ReconcileLine, Telemetry } from '../ports/telemetry.ts';

/**
 * Telemetry for somebody at a terminal: each call is one line of plain words.
 * @param options.say writes one line, to stderr: stdout belongs to results
 */
export const consoleTelemetry = ({ say }: { readonly say: (line: string) => void }): Telemetry => ({
  pullRun: (line) => say(pullSentence(line)),
  attempt: (line) => say(attemptSentence(line)),
  deliverRun: (line) => {
    if (hasNews(line)) say(deliverSentence(line));
  },
  reconcileRun: (line) => {
    if (line.recovered > 0 || line.result === 'more' || line.result === 'unmended') say(reconcileSentence(line));
  },
  alert: ({ text }) => say(`${marks.error}${text}`),
  notice: (level, message, fields = {}) => {
    const details = Object.entries(fields).map(([name, value]) => `${name} ${value}`);
    say(`${marks[level]}${message}${details.length > 0 ? ` (${details.join(', ')})` : ''}`);
  },
});

const marks = { info: '', warn: 'Warning: ', error: 'Error: ' } as const;

export const pullSentence = (line: PullLine): string => {
  if (line.result === 'busy') return `${line.source}: another pull is at work; this one left everything to it.`;
  const news =
    line.kept === 0
      ? 'nothing new'
      : `${counted(line.kept, 'new event')} in ${counted(line.segments, 'segment')}, ${counted(line.redacted, 'secret value')} redacted`;
  const flagged = [
    line.unattributed > 0 ? `${line.unattributed} of no known tenant` : '',
    line.unreadable > 0 ? `${line.unreadable} unreadable` : '',
  ].filter((part) => part !== '');
  const end = line.result === 'more' ? '; stopped early, the next pull goes on' : '';
  return `${line.source}: read ${counted(line.read, 'event')}, ${[news, ...flagged].join(', ')}${end}. Complete up to ${line.watermark.slice(0, 19)}Z.`;
};

export const attemptSentence = (line: AttemptLine): string =>
  line.outcome === 'delivered'
    ? `${line.subscription}: batch ${line.sequence} (${counted(line.events, 'event')}, ${line.bytes} bytes) delivered to ${line.destination} in ${line.durationMs} ms.`
    : `${line.subscription}: attempt ${line.attempt} of batch ${line.sequence} at ${line.destination}: ${line.outcome}: ${line.answer}`;

export const deliverSentence = (line: DeliverLine): string => {
  const parts = [
    `${counted(line.delivered, 'event')} delivered in ${counted(line.batches, 'batch', 'batches')}`,
    line.filtered > 0 ? `${line.filtered} filtered out` : '',
    line.deadLetters > 0 ? `${line.deadLetters} refused for good (dead letters)` : '',
    line.oldestUndeliveredMs > 0 ? `the oldest that waits is ${Math.round(line.oldestUndeliveredMs / 1000)} s old` : '',
  ];
  return `${line.subscription}: ${parts.filter((part) => part !== '').join(', ')}; ${line.result}.`;
};

export const reconcileSentence = (line: ReconcileLine): string => {
  if (line.result === 'nothing to do')
    return line.completeThrough === ''
      ? `${line.source}: nothing was pulled yet, so there is nothing to compare.`
      : `${line.source}: nothing is due to be compared.`;
  const parts = [
    `compared ${counted(line.minutes, 'minute')} with the source`,
    line.differing === 0 ? 'nothing is missing' : `${counted(line.differing, 'minute')} held more there`,
    line.recovered > 0
      ? `${counted(line.recovered, 'late event')} journaled in ${counted(line.segments, 'segment')}`
      : '',
    line.removedAtSource > 0 ? `${line.removedAtSource} removed at the source` : '',
    line.lateMissed > 0
      ? `${line.lateMissed} later than the horizon (sluice backfill brings them, the next reconcile counts again)`
      : '',
  ].filter((part) => part !== '');
  const ends: Readonly<Record<Exclude<ReconcileLine['result'], 'nothing to do'>, string>> = {
    done: '',
    more: '; stopped early, the next run goes on',
    unmended: '; not everything could be mended, see above',
  };
  return `${line.source}: ${parts.join(', ')}${ends[line.result]}. Complete up to ${line.completeThrough.slice(0, 19)}Z.`;
};

const hasNews = (line: DeliverLine): boolean =>
  line.delivered > 0 || line.deadLetters > 0 || line.oldestUndeliveredMs > 0;

/** `1 event`, `2 events`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
