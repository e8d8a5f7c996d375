/**
 * An answer whose text is at hand. Behind an API gateway an answer leaves as text: taken as such it is not written to bytes and read back,
 * which would cost as much as writing the events does. Whoever asks for its bytes gets those of the text.
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
