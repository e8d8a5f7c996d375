import type { Config } from '../config/config.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Source } from '../ports/source.ts';
import { ndjsonSource } from './ndjson-source.ts';

/** Bounds of one exchange with Elasticsearch. */
export interface SourceTimeouts {
  readonly requestMs: number;
  /** Of a page. */
  readonly pageMs: number;
}

/**
 * For answers through API Gateway, which waits 29 s: a search, opening a view, counting in it and its first page all fit into that. A pull
 * has no waiting caller and uses the adapter's own bounds.
 */
export const timeoutsOfAnAnswer: SourceTimeouts = { requestMs: 4_000, pageMs: 10_000 };

/**
 * The Source that the settings name. Nothing is touched until it is used, the secret included.
 * The client of Elasticsearch is loaded only when it is needed: it is most of a command's start-up.
 * @throws OperatorMustFix when its URL is none
 */
export const openSource = async (
  settings: Config['source'],
  deps: { readonly secrets: Secrets; readonly clock: Clock; readonly timeouts?: SourceTimeouts },
): Promise<Source> => {
  switch (settings.kind) {
    case 'ndjson':
      return ndjsonSource({ ...settings, clock: deps.clock });
    case 'elasticsearch': {
      const { elasticsearchSource } = await import('./elasticsearch-source.ts');
      return elasticsearchSource({ ...settings, ...deps });
    }
    default:
      return settings satisfies never;
  }
};
