/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const bucketShape = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Up to eight folders, none of them `.` or `..`; may end with `/`, may be empty. Every store accepts it as the beginning of a name. */
export const prefixShape = /^(?:(?!\.{1,2}(?:\/|$))[A-Za-z0-9._=-]{1,128}(?:\/|$)){0,8}$/;

/** `a/b` for `a/b/`. */
export const withoutEndSlash = (prefix: string): string => prefix.replace(/\/$/, '');
