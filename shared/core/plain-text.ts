/**
 * Text that a person writes and others will read, in lists, logs and mails: it holds nothing invisible. Control characters, marks that turn
 * the direction of writing, characters without a shape and lone surrogates can make one name look like another, or a log line like two.
 * @see Unicode UAX #31 §2.3, UTR #36 §2.3 (Default_Ignorable_Code_Point: not shown by itself), UAX #15 (NFC)
 */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
const everyInvisible = new RegExp(invisible, 'gu');

export type PlainText = { readonly text: string } | { readonly wrong: string };

/**
 * The text in its composed form (NFC), without blanks around it; or what is wrong with it, as the middle of a sentence.
 * @param most characters, counted as code points
 */
export const plainText = (written: string, most: number): PlainText => {
  const found = invisible.exec(written)?.[0];
  if (found !== undefined) return { wrong: `holds ${codePoint(found)}, a character that does not show` };
  const text = written.normalize('NFC').trim();
  const length = [...text].length;
  if (length === 0) return { wrong: 'is empty' };
  return length > most ? { wrong: `has ${length} characters, at most ${most} are allowed` } : { text };
};

/** The same text with every such character written out, fit for a message. */
export const showingInvisible = (text: string): string => text.replace(everyInvisible, codePoint);

const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
