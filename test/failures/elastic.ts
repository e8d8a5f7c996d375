import { onTestFinished } from 'vitest';
import { type Instant, toInstant } from '../../shared/core/instant.ts';
import { type ElasticsearchStandIn, elasticsearchStandIn, shelfOf } from '../support/elasticsearch-stand-in.ts';
import { type WireTap, wireTap } from '../support/wire-tap.ts';

export interface Document {
  readonly index: string;
  readonly id: string;
  readonly source: Readonly<Record<string, unknown>>;
}

export interface IndexOptions {
  /** Type of `@timestamp`; the default is `date`. */
  readonly time?: 'date' | 'date_nanos' | 'text';
  readonly shards?: number;
  /** `index.max_result_window`: a larger page is refused. */
  readonly mostHits?: number;
  /** Fields other than the time are kept and not mapped: documents of any shape lie side by side. */
  readonly dynamic?: false;
}

/**
 * An Elasticsearch that holds nothing yet and is this test's own: the stand-in, or names that nobody else uses on a real server. What a
 * source asks goes through the tap, what the test does goes past it.
 */
export interface Elastic {
  readonly tap: WireTap;
  /** Part of the name of every index that the test makes. */
  readonly name: string;
  create(index: string, options?: IndexOptions): Promise<void>;
  /** Documents that searches find at once. */
  put(documents: readonly Document[]): Promise<void>;
  /** Documents that searches find once their index is refreshed. */
  write(documents: readonly Document[]): Promise<void>;
  refresh(index: string): Promise<void>;
  remove(index: string): Promise<void>;
  /** Like a document that is indexed again under its `_id`: the same, with a higher version. */
  replace(document: Document): Promise<void>;
  /** Copies an index into one of fewer shards and another name, and removes it. */
  shrink(index: string, into: string): Promise<void>;
}

/** The stand-in: it knows no mappings and one set of documents, whatever index a search names. */
export const standInElastic = async (): Promise<Elastic & { readonly standIn: ElasticsearchStandIn }> => {
  const standIn = await elasticsearchStandIn();
  onTestFinished(standIn.stop);
  let visible: readonly Document[] = [];
  let written: readonly Document[] = [];
  const show = (documents: readonly Document[]): void => {
    visible = documents;
    standIn.holds(shelfOf(visible.map((document) => ({ ...document, time: timeIn(document) }))));
  };
  return {
    standIn,
    tap: await wireTap(standIn.url),
    name: 'closer',
    create: async () => {},
    put: async (documents) => show([...visible, ...documents]),
    write: async (documents) => {
      written = [...written, ...documents];
    },
    refresh: async (index) => {
      show([...visible, ...written.filter((document) => document.index === index)]);
      written = written.filter((document) => document.index !== index);
    },
    remove: async (index) => show(visible.filter((document) => document.index !== index)),
    replace: async (document) =>
      show([...visible.filter(({ index, id }) => index !== document.index || id !== document.id), document]),
    shrink: async (index, into) =>
      show(visible.map((document) => (document.index === index ? { ...document, index: into } : document))),
  };
};

const timeIn = ({ source }: Document): Instant | undefined => {
  const time = source['@timestamp'];
  return typeof time === 'string' ? toInstant(time) : undefined;
};
