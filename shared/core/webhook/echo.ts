const blockBytes = 12;
const cut = '…';
/** Size, in bits of its index, of the table that rules out most blocks before they are looked up. */
const tableBits = 20;

/**
 * A text of the receiver without the parts that repeat the request, because event content must never enter a log. Of every repetition of 23
 * bytes or more at most 11 bytes at its ends stay; shorter ones are found where a block of the request begins in them.
 *
 * One pass over the text and one over every 12th place of the request: a text of 16 KiB and a request of 64 MiB cost about a tenth of a
 * second, whatever they hold.
 */
export const withoutEcho = (text: string, request: Uint8Array): string => {
  const said = Buffer.from(text);
  if (said.length < blockBytes) return text;
  const sent = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
  const places = repeatedBlocks(said, sent);
  let shown = '';
  let settled = 0;
  for (let at = 0; at + blockBytes <= said.length; at += 1) {
    const place = places.get(blockAt(said, at));
    if (place === undefined) continue;
    let start = at;
    while (start > settled && at - start < blockBytes && said[start - 1] === sent[place - 1 - (at - start)]) start -= 1;
    let end = at + blockBytes;
    while (end < said.length && said[end] === sent[place + (end - at)]) end += 1;
    shown += said.toString('utf8', settled, start);
    if (!shown.endsWith(cut)) shown += cut;
    settled = end;
    at = end - 1;
  }
  return settled === 0 ? text : shown + said.toString('utf8', settled);
};

/** Blocks of the text that also begin at a multiple of 12 bytes in the request, each with one such place. */
const repeatedBlocks = (said: Buffer, sent: Buffer): ReadonlyMap<string, number> => {
  const saidView = viewOf(said);
  const sentView = viewOf(sent);
  const table = new Uint8Array(1 << tableBits);
  for (let at = 0; at + blockBytes <= said.length; at += 1) table[slotOf(saidView, at)] = 1;
  const wanted = new Set<string>();
  for (let at = 0; at + blockBytes <= said.length; at += 1) wanted.add(blockAt(said, at));
  const found = new Map<string, number>();
  for (let at = 0; at + blockBytes <= sent.length; at += blockBytes) {
    if (table[slotOf(sentView, at)] !== 1) continue;
    const block = blockAt(sent, at);
    if (wanted.has(block) && !found.has(block)) found.set(block, at);
  }
  return found;
};

const blockAt = (bytes: Buffer, at: number): string => bytes.toString('latin1', at, at + blockBytes);

/** Five times as fast as `readUInt32LE` of a `Buffer`. */
const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const slotOf = (bytes: DataView, at: number): number => {
  const first = bytes.getUint32(at, true);
  const middle = bytes.getUint32(at + 4, true);
  const last = bytes.getUint32(at + 8, true);
  return (
    Math.imul(first ^ Math.imul(middle ^ Math.imul(last, 0x9e3779b1), 0x85ebca6b), 0xc2b2ae35) >>> (32 - tableBits)
  );
};
