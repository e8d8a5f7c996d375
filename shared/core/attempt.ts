/** One try to reach a destination, as the log of attempts keeps it for 30 days. */
import type { Outcome, Response } from './batch.ts';

export interface Attempt extends Response {
  /** Sorts: the newest first. */
  readonly id: string;
  readonly kind: 'batch' | 'challenge' | 'test' | 'digest';
  /** When it began, ISO 8601. */
  readonly at: string;
  readonly durationMs: number;
  /** `webhook-id` of what was sent. */
  readonly batch: string;
  /** Of a batch. */
  readonly sequence?: number;
  /** In a row, from 1. */
  readonly number: number;
  readonly events: number;
  readonly outcome: Outcome['kind'];
  /** For people, cut and masked. */
  readonly answer: string;
}

export const attemptPartition = (subscription: string): string => `attempt/${subscription}`;

export const attemptsKeptMs = 30 * 24 * 3_600_000;
