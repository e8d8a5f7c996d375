/**
 * What is seen from outside while a history is played: documents as they arrive, segments as they are appended, checkpoints as they are
 * stored, requests as they come in. It keeps its own account, and says at once when a promise is broken.
 */
import type { Instant } from '../../shared/core/instant.ts';
import type { Manifest } from '../../shared/core/segment.ts';
import type { PullLine, ReconcileLine } from '../../shared/ports/telemetry.ts';
import type { WantedOutcome } from './cast.ts';
import type { Arrived } from './engine/simulated-elasticsearch.ts';
import type { Written } from './history.ts';
import type { Received } from './receiver.ts';

export interface Failure {
  /** Which promise is broken, in plain words. */
  readonly promise: string;
  readonly detail: string;
}

/** A document that was written, and what has become of it at the source. */
export interface Known extends Arrived {
  readonly owner: Written['owner'];
  readonly outcome: Written['outcome'];
  gone: boolean;
}

export interface JournaledEvent {
  readonly event: string;
  readonly tenant: string;
  readonly outcome: string | undefined;
}

export interface SeenSegment {
  readonly manifest: Manifest;
  /** In the order of the object's blocks. */
  readonly events: readonly JournaledEvent[];
  /** Of the history, in which it was appended. */
  readonly round: number;
}

/** Settings of a subscription, and the round from which they are in force. */
export interface Revised {
  readonly wants: WantedOutcome;
  /** All of them, as JSON. */
  readonly text: string;
  readonly from: number;
}

export interface Witness {
  /** How far the clock of any machine in the history is ahead. */
  readonly aheadMs: number;
  readonly failures: readonly Failure[];
  fail(promise: string, detail: string): void;
  round: number;
  readonly documents: Map<string, Known>;
  readonly segments: SeenSegment[];
  /** Events in segments of other kinds than `reattributed`: where each is. */
  readonly journaled: Map<string, { readonly seq: number; readonly tenant: string }>;
  readonly requests: Received[];
  readonly pulls: PullLine[];
  readonly reconciliations: ReconcileLine[];
  /** How many are about to let a subscription go on. One that died midway still counts: what it wrote may come to light later. */
  readonly lettingGo: Map<string, number>;
  /** What each subscription asked for from a round on. */
  readonly revisions: Map<string, Revised[]>;
  watermark: Instant | undefined;
  /** When the quiet end began, once all that was written could be found. */
  quietFromMs: number;
}

export const aWitness = (aheadMs: number): Witness => {
  const failures: Failure[] = [];
  return {
    aheadMs,
    failures,
    fail: (promise, detail) => {
      failures.push({ promise, detail });
    },
    round: 0,
    documents: new Map(),
    segments: [],
    journaled: new Map(),
    requests: [],
    pulls: [],
    reconciliations: [],
    lettingGo: new Map(),
    revisions: new Map(),
    watermark: undefined,
    quietFromMs: 0,
  };
};
