/**
 * A destination in memory whose answers are scripted.
 *
 * Each `send` takes the next step of the script; when the script is over, `otherwise` answers. A batch counts as `accepted` when the
 * far end has processed it, whether or not the sender learns of that.
 */
import type { Batch, Outcome } from '../../shared/core/batch.ts';
import { encodeObject } from '../../shared/core/batch-encoding.ts';
import type { Probe } from '../../shared/core/probe.ts';
import { sha256Hex } from '../../shared/core/segment.ts';
import type { Destination } from '../../shared/ports/destination.ts';

export type Step =
  /** Accepted when it is `delivered`, else refused. */
  | Outcome
  /** The same with a standard answer text. */
  | Outcome['kind']
  /** The far end has processed the batch, but the answer never comes: the sender sees `retry`. */
  | 'answer lost'
  /** The process dies before the batch leaves, or after the far end has processed it: `send` throws `Crash`. */
  | 'crash before'
  | 'crash after';

/** Stands for the death of the process: nothing after `send` runs. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export interface MemoryDestination extends Destination {
  /** Every call of `send`, accepted or not. */
  readonly attempts: readonly { readonly batch: Batch; readonly number: number }[];
  /** What the far end has processed, in order; a repeated batch appears again. */
  readonly accepted: readonly Batch[];
  /** Every challenge and test message. */
  readonly probes: readonly Probe[];
  /** The lines of `accepted`, the first time each `id` came. */
  lines(): readonly string[];
  /** Appends steps to the script. */
  plan(...steps: readonly Step[]): void;
}

export interface MemoryDestinationOptions {
  readonly description?: string;
  readonly limits?: Destination['limits'];
  readonly script?: readonly Step[];
  /** Answers once the script is over; the default accepts. */
  readonly otherwise?: (batch: Batch) => Step;
  /** Answers challenges and test messages; the default takes them. */
  readonly onProbe?: (probe: Probe) => Outcome;
}

export const memoryDestination = (options: MemoryDestinationOptions = {}): MemoryDestination => {
  const attempts: { readonly batch: Batch; readonly number: number }[] = [];
  const accepted: Batch[] = [];
  const probes: Probe[] = [];
  const taken = (probe: Probe): Outcome => ({ kind: 'delivered', answer: '200', contentSha256: sha256Hex(probe.id) });
  const { onProbe = taken } = options;
  const script = [...(options.script ?? [])];
  const otherwise = options.otherwise ?? (() => 'delivered' as const);

  const play = (step: Step, batch: Batch): Outcome => {
    switch (step) {
      case 'crash before':
        throw new Crash('the process died before the batch left');
      case 'crash after':
        accepted.push(batch);
        throw new Crash('the process died after the batch was accepted');
      case 'answer lost':
        accepted.push(batch);
        return { kind: 'retry', answer: 'the answer was lost' };
      default: {
        const outcome = typeof step === 'string' ? scripted(step, batch) : step;
        if (outcome.kind === 'delivered') accepted.push(batch);
        return outcome;
      }
    }
  };

  return {
    description: options.description ?? 'memory',
    limits: options.limits ?? { maxEvents: 100_000, maxBytes: 67_108_864 },
    attempts,
    accepted,
    probes,
    lines: () => [...new Map(accepted.map((batch) => [batch.id, batch])).values()].flatMap(linesOf),
    plan: (...steps) => {
      script.push(...steps);
    },
    probe: async (probe) => {
      probes.push(probe);
      return onProbe(probe);
    },
    send: async (batch, { number, signal }) => {
      attempts.push({ batch, number });
      if (signal?.aborted) return { kind: 'retry', answer: 'stopped before it was sent' };
      return play(script.shift() ?? otherwise(batch), batch);
    },
  };
};

const scripted = (kind: Outcome['kind'], batch: Batch): Outcome => {
  const answer = `scripted: ${kind}`;
  return kind === 'delivered' ? { kind, answer, contentSha256: sha256Hex(encodeObject(batch)) } : { kind, answer };
};

const decoder = new TextDecoder();
const linesOf = (batch: Batch): readonly string[] => batch.lines.map((line) => decoder.decode(line));
