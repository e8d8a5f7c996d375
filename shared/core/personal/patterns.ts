/**
 * Personal data that can be recognised by its form, wherever it stands: e-mail addresses, IP addresses, phone numbers, the user part of a
 * URL.
 */
import { isIP } from 'node:net';

/** Stands for whatever is hidden. */
export const hidden = 'HIDDEN';

/** Unicode names and hosts without a dot included: more is hidden than RFC 5321 allows. */
const email = /[^\s@<>()[\]"'`,;:=&?/\\|{}]+@[^\s@<>()[\]"'`,;:=&?/\\|{}]+/g;
const userInformation = /:\/\/[^\s/?#"<>]*@/g;
const ipv4 = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)/g;
const ipv6 = /(?<![\p{L}\p{N}:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}/giu;
/** International form: `+`, or `00`, and 7 to 15 digits, with what people put between them. */
const international = /(?<![\p{L}\p{N}])(?:\+|00)\d(?:[ ()./-]{0,2}\d){6,14}(?!\d)/gu;
/** Three groups of digits: `601 234 567`, `(555) 010-9999`. Dates and UUIDs do not match. */
const grouped = /(?<![\p{L}\p{N}-])\(?\d{2,4}\)?[ .-]\d{3}[ .-]\d{3,4}(?![\p{L}\p{N}-])/gu;

/** The text with all of these replaced; the text itself if there are none. */
export const withoutPatterns = (text: string): string => {
  let rest = text;
  if (rest.includes('@')) rest = rest.replace(userInformation, '://').replace(email, hidden);
  if (rest.includes('.')) rest = rest.replace(ipv4, (found) => (isIP(found) === 0 ? found : hidden));
  if (rest.includes(':')) rest = rest.replace(ipv6, (found) => (isAddress(found) ? hidden : found));
  return hasDigits.test(rest) ? rest.replace(international, hidden).replace(grouped, hidden) : rest;
};

const hasDigits = /\d/;

/** `::` alone is an operator, so it is not hidden; a time of day (`10:15:30`) is no address for Node. */
const isAddress = (text: string): boolean => text.length > 2 && isIP(text.replace(/:$/, '')) === 6;
