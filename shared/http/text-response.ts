/**
 * A Response that keeps its body as text. Behind an API gateway the answer leaves as text, so it is not encoded to bytes and decoded again,
 * which would cost as much as writing the events. Its bytes are available as well.
 */
export const textResponse = (text: string, init: ResponseInit): Response => {
  const written = (): Response => new Response(text, init);
  return Object.defineProperties(new Response(null, init), {
    text: { value: async () => text },
    json: { value: async () => JSON.parse(text) },
    clone: { value: () => textResponse(text, init) },
    // `new Response(response.body, response)`, by which an answer is copied, loses nothing.
    body: { get: () => written().body },
    arrayBuffer: { value: () => written().arrayBuffer() },
    bytes: { value: () => written().bytes() },
    blob: { value: () => written().blob() },
    formData: { value: () => written().formData() },
  });
};
