const blockBytes = 12;
const cut = '…';

/**
 * A text of the other side without what it repeats of the request: event content never enters a log. Of every repetition of 23 bytes or
 * more at most 11 bytes at its ends stay; shorter ones are found where a block of the text begins in them.
 *
 * Looks for blocks, not for every substring: one pass over the request per 12 bytes of text, about 10 ms for 200 bytes and 1 MB.
 */
export const withoutEcho = (text: string, request: Uint8Array): string => {
  const said = Buffer.from(text);
  const sent = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
  let shown = '';
  let settled = 0;
  let at = 0;
  while (at + blockBytes <= said.length) {
    const place = sent.indexOf(said.subarray(at, at + blockBytes));
    if (place < 0) {
      at += blockBytes;
      continue;
    }
    let start = at;
    while (start > settled && said[start - 1] === sent[place - 1 - (at - start)]) start -= 1;
    let end = at + blockBytes;
    while (end < said.length && said[end] === sent[place + (end - at)]) end += 1;
    shown += said.toString('utf8', settled, start);
    if (!shown.endsWith(cut)) shown += cut;
    settled = end;
    at = end;
  }
  return shown + said.toString('utf8', settled);
};
