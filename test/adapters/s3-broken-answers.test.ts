import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { s3BlobStore } from '../../shared/adapters/s3-blob-store.ts';
import { RetryLater } from '../../shared/core/errors.ts';
import { oneAttempt } from '../support/aws-test-settings.ts';

/** A store whose S3 is `answer`, and which waits at most 100 ms. */
const aStore = async (answer: RequestListener) => {
  const server = createServer(answer).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const client = new S3Client({
    ...oneAttempt,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requestHandler: { requestTimeout: 100, throwOnRequestTimeout: true, socketTimeout: 100 },
  });
  return s3BlobStore({ client, bucket: 'acme-journal', prefix: '' });
};

describe('an answer of S3 that breaks', () => {
  it('in the middle of an object is never taken for the whole object', async () => {
    const store = await aStore((_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half ', () => response.destroy());
    });
    await expect(store.get('a')).rejects.toThrow(RetryLater);
  });

  it('off in the middle, without an end: is given up in time', async () => {
    const store = await aStore((_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half ');
    });
    await expect(store.get('a')).rejects.toThrow(RetryLater);
  });

  it('before it began: it is not known whether the object was written', async () => {
    const store = await aStore((request) => request.socket.destroy());
    await expect(store.putIfAbsent('a', Buffer.from('x'))).rejects.toThrow(RetryLater);
  });

  it('by a server that is gone: leaves it to the next run', async () => {
    const client = new S3Client({ ...oneAttempt, endpoint: 'http://127.0.0.1:1' });
    const store = s3BlobStore({ client, bucket: 'acme-journal', prefix: '' });
    await expect(store.list('', { limit: 1 })).rejects.toThrow(RetryLater);
  });

  it('names the bucket by path when the endpoint is an address', async () => {
    const paths: (string | undefined)[] = [];
    const store = await aStore((request, response) => {
      paths.push(request.url);
      response.end();
    });
    await store.putIfAbsent('a', Buffer.from('x'));
    expect(paths).toEqual(['/acme-journal/a?x-id=PutObject']);
  });
});
