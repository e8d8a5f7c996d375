import type { Clock } from '../../ports/clock.ts';
import type { Connection } from './connection.ts';

/** What every request to one Elasticsearch needs. */
export interface WalkSettings {
  readonly connection: Connection;
  readonly index: string;
  readonly timeField: string;
  readonly clock: Clock;
  /** Bounds of one exchange: `requestMs` for opening, counting and closing, `pageMs` for a page. */
  readonly timeouts: { readonly requestMs: number; readonly pageMs: number };
}
