import { logDiagnosis } from '../../shared/adapters/ndjson/diagnose.ts';
import { ndjsonSource } from '../../shared/adapters/ndjson-source.ts';
import type { Config } from '../../shared/config/config.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import type { Attribute } from '../../shared/core/tenants.ts';
import { elasticsearchCheck } from '../../shared/flows/doctor/check-elasticsearch.ts';
import { logCheck } from '../../shared/flows/doctor/check-log.ts';
import { measureVolume, type Volume, volumeCheck } from '../../shared/flows/doctor/check-volume.ts';
import type { Check } from '../../shared/flows/doctor/run-checks.ts';
import { settled } from '../../shared/flows/settled.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';
import type { Source } from '../../shared/ports/source.ts';
import { once } from './once.ts';

export interface SourceChecks {
  readonly name: 'elasticsearch' | 'log';
  readonly checks: readonly Check[];
  /** `undefined` if the source cannot be read, or not within the time of a check. */
  readonly volume: () => Promise<Volume | undefined>;
}

interface Deps {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly attribute: Attribute;
}

/** Three of these one after the other end before the limit of the check. */
const requestMs = 6000;
/** A log must be read from its first line to its last before its volume is known, so larger logs are skipped. */
const longestLogBytes = 256 * 1024 * 1024;

export const sourceChecks = ({ source, overlapSeconds }: Config, deps: Deps): SourceChecks => {
  const { secrets, clock } = deps;
  const read = hitReader({ timeField: source.timeField, attribute: deps.attribute });
  const measure = (opened: Source) => measureVolume({ source: opened, clock, read });

  switch (source.kind) {
    case 'ndjson': {
      const log = logDiagnosis(source);
      const volume = once(async () => {
        const files = await settled(log.files());
        const length = files.ok ? files.value.reduce((sum, file) => sum + file.bytes, 0) : Number.POSITIVE_INFINITY;
        return length > longestLogBytes ? undefined : measure(ndjsonSource({ ...source, clock }));
      });
      return { name: 'log', checks: [logCheck(log), volumeCheck(volume)], volume };
    }
    case 'elasticsearch': {
      const server = once(async () => {
        const { elasticsearchDiagnosis } = await import('../../shared/adapters/elasticsearch/diagnose.ts');
        return elasticsearchDiagnosis({ ...source, secrets, clock, timeoutMs: requestMs });
      });
      const volume = once(async () => {
        const answered = await settled(server().then((opened) => opened.server()));
        if (!answered.ok) return undefined;
        const { elasticsearchSource } = await import('../../shared/adapters/elasticsearch-source.ts');
        return measure(elasticsearchSource({ ...source, secrets, clock, timeouts: { requestMs, pageMs: requestMs } }));
      });
      const check = once(async () => elasticsearchCheck(await server(), { secrets, overlapMs: overlapSeconds * 1000 }));
      return {
        name: 'elasticsearch',
        checks: [
          { name: 'elasticsearch', limitMs: 20_000, run: async (signal) => (await check()).run(signal) },
          volumeCheck(volume),
        ],
        volume,
      };
    }
    default:
      return source satisfies never;
  }
};
