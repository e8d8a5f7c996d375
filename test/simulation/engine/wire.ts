import { Readable } from 'node:stream';
import { BaseConnection, errors } from '@elastic/elasticsearch';
import type { Wire } from '../../../shared/adapters/elasticsearch/connection.ts';
import type { Operation } from '../history.ts';
import type { Reply, Request, SearchBody } from './simulated-elasticsearch.ts';

/** Carries one request to whoever answers it. */
export type Carry = (operation: Operation, request: Request) => Promise<Reply>;

type Params = Parameters<BaseConnection['request']>[0];
type Streamed = { readonly body: Readable; readonly headers: Record<string, string>; readonly statusCode: number };

/** A connection of the client that ends in this process. The product header is the server's own, without which the client refuses to talk. */
export const wireTo = (carry: Carry): Wire => {
  class WireWithin extends BaseConnection {
    // The overloads of the base say what is answered to whom; the source asks for streams alone.
    override request = (async (params: Params): Promise<Streamed> => {
      const request = { method: params.method, path: params.path, body: bodyOf(params.body) };
      const { status, body } = await carry(operationOf(request), request);
      return { statusCode: status, headers: productHeaders, body: Readable.from([Buffer.from(JSON.stringify(body))]) };
    }) as unknown as BaseConnection['request'];

    override async close(): Promise<void> {}
  }
  return WireWithin;
};

export const noAnswer = (point: 'before' | 'after'): Error =>
  point === 'before' ? new errors.ConnectionError('read ECONNRESET') : new errors.TimeoutError('no answer in time');

const productHeaders = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' };

const bodyOf = (body: Params['body']): SearchBody => (typeof body === 'string' ? (JSON.parse(body) as SearchBody) : {});

const operationOf = ({ method, path, body }: Request): Operation => {
  if (path.endsWith('/_pit')) return method === 'DELETE' ? 'source.close' : 'source.open';
  if (!path.endsWith('/_search')) return 'source.look';
  if (body.aggs) return 'source.minutes';
  if (!body.pit) return 'source.look';
  return body.size === 0 ? 'source.count' : 'source.page';
};
