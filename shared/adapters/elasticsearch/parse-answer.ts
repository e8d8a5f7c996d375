/**
 * The JSON of an answer, hit by hit.
 *
 * A page as one text is a string of megabytes, two bytes a character as soon as one letter is not Latin-1, which the garbage collector
 * keeps among the old. Hit by hit the texts are short-lived and mostly one byte a character: parsing costs a third less, and the full
 * collections that pages cause become rare (docs/performance.md).
 */

const firstHit = Buffer.from('"hits":[{"_index":"');
const nextHit = Buffer.from(',{"_index":"');
const closing = ']'.charCodeAt(0);

/**
 * The same value as `JSON.parse` of the whole.
 *
 * Inside a JSON text no unescaped quote can follow a brace, so `nextHit` is structure wherever it stands: the border between two hits, or
 * a place inside a document that holds such objects itself. In that case a piece has unclosed brackets and does not parse, and the
 * answer is parsed as a whole.
 * @throws SyntaxError when it is no JSON
 */
export const parseAnswer = (bytes: Buffer): unknown => {
  const found = bytes.indexOf(firstHit);
  return (
    (found < 0 ? undefined : hitByHit(bytes, found + firstHit.length - nextHit.length + 1)) ??
    JSON.parse(bytes.toString('utf8'))
  );
};

const hitByHit = (bytes: Buffer, first: number): unknown => {
  const end = bytes.lastIndexOf(closing);
  try {
    const answer = JSON.parse(bytes.toString('utf8', 0, first) + bytes.toString('utf8', end));
    const hits: unknown = answer?.hits?.hits;
    if (!Array.isArray(hits) || hits.length > 0) return undefined;
    let start = first;
    for (let next = bytes.indexOf(nextHit, start); next >= 0; next = bytes.indexOf(nextHit, start)) {
      hits.push(JSON.parse(bytes.toString('utf8', start, next)));
      start = next + 1;
    }
    hits.push(JSON.parse(bytes.toString('utf8', start, end)));
    return answer;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};
