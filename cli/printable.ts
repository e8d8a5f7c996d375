/** What others wrote, on one line of a terminal: control characters could move its cursor or change what is read. */
export const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 400);
