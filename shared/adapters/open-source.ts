import type { Config } from '../config/config.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Source } from '../ports/source.ts';
import { ndjsonSource } from './ndjson-source.ts';

/**
 * The Source that the settings name. Nothing is touched until it is used, the secret included.
 * The client of Elasticsearch is loaded only when it is needed: it is most of a command's start-up.
 * @throws OperatorMustFix when its URL is none
 */
export const openSource = async (
  settings: Config['source'],
  deps: { readonly secrets: Secrets; readonly clock: Clock },
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
