/** `docs/failures.md` as a value of what the runs reported. */

/** What one suite reported, by the title of the test. `fakes` is `test/failures`; the others name real servers. */
export type Results = Readonly<Record<string, Readonly<Record<string, Result>>>>;

export interface Result {
  readonly status: 'passed' | 'failed' | 'skipped';
  /** The `describe` it stands in: what it was run against. */
  readonly against: string;
}

/** `F`: of pullers and forwarders · `D`: of what receivers do to a delivery. */
export type Kind = 'F' | 'D';

export interface Row {
  readonly kind: Kind;
  readonly number: number;
  readonly failure: string;
  readonly answer: string;
  readonly title: string;
}

export const fakes = 'fakes';

/** `F16 what goes wrong: what Sluice does`; `undefined` for any other title. */
export const rowOf = (title: string): Row | undefined => {
  const match = /^([FD])(\d+) (.+?): (.+)$/.exec(title);
  if (!match) return undefined;
  const [, kind, number, failure = '', answer = ''] = match;
  return { kind: kind === 'F' ? 'F' : 'D', number: Number(number), failure, answer, title };
};

/** Rows of a suite of one kind, by number. */
export const rowsOf = (results: Results, suite: string, kind: Kind): readonly Row[] =>
  Object.keys(results[suite] ?? {})
    .flatMap((title) => rowOf(title) ?? [])
    .filter((row) => row.kind === kind)
    .sort((a, b) => a.number - b.number || (a.title < b.title ? -1 : 1));

/** @param fileOf where a title is written, from the root of the project */
export const tableOf = (results: Results, fileOf: (title: string) => string): string => {
  const servers = Object.keys(results)
    .filter((suite) => suite !== fakes)
    .sort();
  const alone = new Map(
    servers
      .flatMap((server) => rowsOf(results, server, 'F'))
      .flatMap((row) => (results[fakes]?.[row.title] ? [] : [[row.title, row]])),
  );
  return [
    '# What pullers and forwarders lose events by, and what becomes of it here',
    '',
    'Each row is a failure that was seen in the wild, in a puller, in Elasticsearch or at a receiver, and one test that plays it. Generated from the',
    'reports of the test runs by `npx node test/failures/write-table.ts`; `npm test` fails unless it names every F once, every D, and each test passed.',
    '',
    '- **Fake**, part of `npm test`: the real adapter, reader, pull, reconcile and deliver before an Elasticsearch stand-in over HTTP, whose answers a tap',
    '  may change on the wire, or the flows before sources, stores and destinations in memory.',
    '- **Real**: the same scenario on real Elasticsearch servers (`test/real/failures/run`), or one of the second table. What has no entry in either is',
    '  not for a server to do: it is about our state, our clocks, our receivers, or a bug that none of these versions has.',
    '',
    '| | what goes wrong | what Sluice does | fake | real |',
    '| --- | --- | --- | --- | --- |',
    ...rowsOf(results, fakes, 'F').map((row) =>
      line([
        `[F${row.number}](../${fileOf(row.title)})`,
        row.failure,
        row.answer,
        `${results[fakes]?.[row.title]?.against} ${statusIn(results, fakes, row.title)}`,
        servers
          .filter((server) => results[server]?.[row.title])
          .map((server) => `${server} ${statusIn(results, server, row.title)}`)
          .join(', '),
      ]),
    ),
    '',
    '## What receivers do to a delivery',
    '',
    'Played through the real deliver flow and the real destination: webhooks over TLS on loopback before a receiver that does it',
    '(`test/support/hostile-*.ts`), buckets with S3 on the wire. D7 is of destinations that take a part of a batch (`_bulk`, OTLP, HEC); there is none of',
    'them yet, and its test says what a webhook means by it.',
    '',
    '| | what goes wrong | what Sluice does | played on |',
    '| --- | --- | --- | --- |',
    ...rowsOf(results, fakes, 'D').map((row) =>
      line([
        `[D${row.number}](../${fileOf(row.title)})`,
        row.failure,
        row.answer,
        `${results[fakes]?.[row.title]?.against} ${statusIn(results, fakes, row.title)}`,
      ]),
    ),
    '',
    '## Beside these, on real servers alone',
    '',
    '| | what goes wrong | what Sluice does | real |',
    '| --- | --- | --- | --- |',
    ...[...alone.values()]
      .sort((a, b) => a.number - b.number)
      .map((row) =>
        line([
          `F${row.number}`,
          row.failure,
          row.answer,
          servers
            .filter((server) => results[server]?.[row.title])
            .map((server) => `${server} ${statusIn(results, server, row.title)}`)
            .join(', '),
        ]),
      ),
    '',
  ].join('\n');
};

const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const statusIn = (results: Results, suite: string, title: string): string => {
  const status = results[suite]?.[title]?.status ?? 'not run';
  return status === 'passed' ? '✓' : `**${status}**`;
};
