/** The credentials of a webhook in every form in which its receiver may repeat them. */

/** Shorter parts are common words: masking them would hide more than it protects. */
const shortestPart = 8;
/** A text in the place of a credential is one, even if it is as short as a word. */
const shortestCredential = 4;

/** RFC 9110 §11.4: the scheme, then the credentials. */
const authorization = /^(?:Bearer|Basic|ApiKey|Token|Splunk|GenieKey|Key)\s+(.+)$/i;

/**
 * The texts that a webhook's answer must not give away: signing secrets, its path and the values of its own headers. Of path and values the
 * longer parts too, also percent-decoded, and the halves of `user:password` in Base64: a receiver that refuses `Bearer xyz` names `xyz`, and
 * one that refuses `Basic …` names the user.
 *
 * Headers have at most 4 KiB and a path 2 KiB, so there are a few thousand short texts at most.
 */
export const unspeakableOf = (of: {
  readonly signing: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly path: string;
}): readonly string[] => {
  const texts = [...of.signing, ...Object.values(of.headers).flatMap(credentialsIn), of.path, ...partsOfPath(of.path)];
  return [...new Set(texts.flatMap((text) => [text, inEscapedJson(text)]))];
};

const credentialsIn = (value: string): readonly string[] => {
  const credential = authorization.exec(value)?.[1] ?? '';
  const parts = value.split(/[\s,;:="]+/);
  return [
    value,
    ...(credential.length >= shortestCredential ? [credential] : []),
    ...longer([...parts, ...parts.map(decoded)]),
    ...parts.flatMap(userAndPasswordIn),
  ];
};

/** RFC 7617: Base64 of `user:password`. Elasticsearch writes the id and the value of an API key in the same way. */
const userAndPasswordIn = (part: string): readonly string[] => {
  const [, ...halves] = /^([^:\p{C}\ufffd]*):([^\p{C}\ufffd]*)$/u.exec(Buffer.from(part, 'base64').toString()) ?? [];
  return halves.filter((half) => half.length >= shortestCredential);
};

const partsOfPath = (path: string): readonly string[] => {
  const parts = (text: string): readonly string[] => text.split(/[/?&=]/);
  return longer([...parts(path), ...parts(path).map(decoded), ...parts(decoded(path))]);
};

const longer = (parts: readonly string[]): readonly string[] => parts.filter((part) => part.length >= shortestPart);

/** What cannot be decoded stays as it is. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Some receivers (PHP's `json_encode`) write every `/` as `\/`. */
const inEscapedJson = (text: string): string => text.replaceAll('/', '\\/');
