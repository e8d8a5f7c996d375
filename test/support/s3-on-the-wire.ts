import { gzipSync } from 'node:zlib';
import nock from 'nock';

/**
 * S3 as nock answers for it, from the API's documentation: conditional PUT, GET with a range, ListObjectsV2 in byte order.
 * @returns every request it answered, in order
 */
export const s3OnTheWire = (options: {
  readonly bucket: string;
  readonly region: string;
  /** Asked first: an answer of its own, or `undefined` to let S3 answer. `put` does what was asked all the same, its answer is lost. */
  readonly instead?: (request: Request, put: () => Promise<unknown>) => Reply | Promise<Reply>;
}): readonly Request[] => {
  const objects = new Map<string, Buffer>();
  const requests: Request[] = [];

  const answer = async (request: Request): Promise<nock.ReplyFnResult> => {
    requests.push(request.clone());
    const url = new URL(request.url);
    const key = decodeURIComponent(url.pathname.slice(1));
    const told = await options.instead?.(request, () => put(objects, key, request));
    if (told) return told;
    if (request.method === 'PUT') return put(objects, key, request);
    return key === '' ? list(objects, url.searchParams) : get(objects, key, request.headers.get('range'));
  };

  const scope = nock(`https://${options.bucket}.s3.${options.region}.amazonaws.com`).persist();
  for (const method of ['GET', 'PUT']) scope.intercept(/.*/, method).reply(answer);
  return requests;
};

type Reply = nock.ReplyFnResult | undefined;

const put = async (objects: Map<string, Buffer>, key: string, request: Request): Promise<nock.ReplyFnResult> => {
  const body = Buffer.from(await request.arrayBuffer());
  // nock has unpacked it; the bucket keeps what was sent, or another packing of it, as another zlib might have made.
  const bytes = request.headers.get('content-encoding') === 'gzip' ? gzipSync(body) : body;
  if (request.headers.get('if-none-match') === '*' && objects.has(key)) return refusal(412, 'PreconditionFailed');
  objects.set(key, bytes);
  return [200, '', { etag: '"e"' }];
};

const get = (objects: Map<string, Buffer>, key: string, range: string | null): nock.ReplyFnResult => {
  const bytes = objects.get(key);
  if (!bytes) return refusal(404, 'NoSuchKey');
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  if (from === undefined) return [200, bytes];
  if (Number(from) >= bytes.length) return refusal(416, 'InvalidRange');
  return [206, bytes.subarray(Number(from), Number(to) + 1)];
};

/** Answers fewer than asked for, as S3 may: whoever lists must go on. */
const list = (objects: Map<string, Buffer>, query: URLSearchParams): nock.ReplyFnResult => {
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const wanted = [...objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after).sort();
  const page = wanted.slice(0, Math.min(Number(query.get('max-keys')), 3));
  const more = wanted.length > page.length;
  const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
  const token = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  return [200, `<ListBucketResult><IsTruncated>${more}</IsTruncated>${token}${contents}</ListBucketResult>`];
};

/** An answer that refuses, as S3 words it. */
export const refusal = (status: number, code: string): [number, string] => [
  status,
  `<Error><Code>${code}</Code><Message>what S3 says</Message></Error>`,
];
