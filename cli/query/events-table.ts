import type { EcsEvent } from '../../shared/core/event.ts';

const columns: readonly {
  readonly title: string;
  readonly most: number;
  readonly read: (event: EcsEvent) => string;
}[] = [
  { title: 'time', most: 24, read: (event) => event['@timestamp'] ?? '' },
  { title: 'action', most: 36, read: ({ event }) => event.action ?? '' },
  { title: 'outcome', most: 7, read: ({ event }) => event.outcome ?? '' },
  { title: 'status', most: 6, read: ({ http }) => String(http?.response?.status_code ?? '') },
  { title: 'user', most: 36, read: ({ user }) => user?.email ?? user?.id ?? '' },
  { title: 'roles', most: 20, read: ({ user }) => user?.roles?.join(',') ?? '' },
  { title: 'address', most: 39, read: ({ source }) => source?.ip ?? '' },
];

/**
 * Events as a table for people, a line each, the title first; as wide as what is in it. Nothing of an event can move the cursor or colour
 * the screen: control characters and what turns the direction of writing are shown as `?`.
 */
export const eventsTable = (events: readonly EcsEvent[]): readonly string[] => {
  const rows = [
    columns.map(({ title }) => title),
    ...events.map((event) => columns.map(({ read, most }) => cell(read(event), most))),
  ];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
};

const cell = (text: string, most: number): string => {
  const plain = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain;
};
