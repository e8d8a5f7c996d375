import type { Batch } from '../../shared/core/batch.ts';

/** A batch of small events; the same parts give the same batch. */
export const aBatch = (parts: Partial<Omit<Batch, 'lines'>> & { readonly events?: number } = {}): Batch => {
  const { events = 1, ...given } = parts;
  const sequence = given.sequence ?? 1;
  return {
    id: `msg_${sequence}`,
    subscription: 'acme-soc',
    tenant: 'acme',
    sequence,
    previous: '0'.repeat(64),
    lines: Array.from({ length: events }, (_, at) => aLine(sequence, at)),
    committedAt: '2026-11-20T10:15:30.000Z',
    firstTime: '2026-11-20T10:15:02.123Z',
    ...given,
  };
};

const aLine = (sequence: number, at: number): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      '@timestamp': '2026-11-20T10:15:02.123Z',
      event: { kind: 'event', action: 'user-login', id: `event-${sequence}-${at}` },
      message: 'Ä naïve “quote” and a \n newline',
    }),
  );
