/** The HTTP API of a deployed stage, as its callers reach it on the emulator. */
import { request } from 'node:http';

export interface Asked {
  readonly key?: string;
  /** A JSON value. */
  readonly body?: unknown;
  readonly ifMatch?: string;
}

export interface Answered {
  readonly status: number | undefined;
  readonly body: string;
}

/** @param apiId output of the stack; asked for with each call, since it is not known before the stack is there */
export const gatewayAt =
  (endpoint: string, apiId: () => string) =>
  (method: string, path: string, { key, body: sent, ifMatch }: Asked = {}): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(endpoint);
      const headers = {
        // The emulator tells its HTTP APIs apart by the host's name.
        host: `${apiId()}.execute-api.localhost:${port}`,
        ...(key && { authorization: `Bearer ${key}` }),
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      };
      request({ hostname, port, path, method, headers }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, body }));
      })
        .on('error', reject)
        .end(sent === undefined ? undefined : JSON.stringify(sent));
    });
