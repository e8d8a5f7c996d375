/** The few requests that put documents into a real Elasticsearch; `fetch` on purpose, so that the adapter under test is not its own judge. */

export interface Server {
  readonly url: string;
  /** @throws Error with the server's words unless it answers 2xx */
  send(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  /** Indexes documents by `_bulk` and makes them visible. */
  index(documents: readonly { readonly index: string; readonly id: string; readonly source: unknown }[]): Promise<void>;
}

export const serverAt = (url: string): Server => {
  const send = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const text = typeof body === 'string' ? body : body === undefined ? null : JSON.stringify(body);
    const type = path.startsWith('/_bulk') ? 'application/x-ndjson' : 'application/json';
    const response = await fetch(new URL(path, url), { method, body: text, headers: { 'content-type': type } });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.slice(0, 500)}`);
    return answer === '' ? undefined : JSON.parse(answer);
  };
  return {
    url,
    send,
    index: async (documents) => {
      const lines = documents.flatMap(({ index, id, source }) => [
        JSON.stringify({ create: { _index: index, _id: id } }),
        JSON.stringify(source),
      ]);
      if (lines.length === 0) return;
      const answer = await send('POST', '/_bulk?refresh=true', `${lines.join('\n')}\n`);
      if (Reflect.get(Object(answer), 'errors') !== false)
        throw new Error(`_bulk: ${JSON.stringify(answer).slice(0, 1000)}`);
    },
  };
};
