import { counted } from '../../shared/adapters/console-telemetry.ts';
import type { DeliveredVerdict } from '../../shared/flows/verify-delivered.ts';
import type { JournalVerdict } from '../../shared/flows/verify-journal.ts';

/** What was found intact, in one line, including what no signature vouches for. */
export const journalSentence = (verdict: JournalVerdict, where: string): string => {
  const { source, segments, events, bytes, from, to, expired, leftovers, changedAtSource } = verdict;
  const range = from === undefined ? '' : ` from ${from.slice(0, 19)}Z to ${(to ?? from).slice(0, 19)}Z`;
  return [
    `Intact: journal of source "${source}" in ${where}: ${counted(segments, 'segment')}, ${counted(events, 'event')}${range}, ${counted(bytes, 'byte')}`,
    headsSentence(verdict),
    expired > 0 && `the events of ${counted(expired, 'segment')} have expired`,
    leftovers > 0 && `${counted(leftovers, 'object')} left by runs that lost a race, harmless`,
    changedAtSource > 0 && `${counted(changedAtSource, 'event')} twice, with two times: changed at the source`,
  ]
    .filter(Boolean)
    .join('; ');
};

const headsSentence = ({ segments, heads }: JournalVerdict): string => {
  const { good, unchecked, kids, attested, newestAt } = heads;
  if (good === 0 && unchecked === 0)
    return 'NO SIGNED HEAD: whoever can write there could have replaced it as a whole (sluice head signs one)';
  if (good === 0)
    return `SIGNATURES NOT CHECKED, for want of a key (--keys): ${counted(unchecked, 'head')} of key ${kids.join(', ')}`;
  const rest = segments - attested;
  return `${counted(good, 'signed head')} of key ${kids.join(', ')}, the newest of ${newestAt} covers ${
    rest <= 0 ? 'all' : `all but the last ${rest}, held by the chain alone`
  }`;
};

/** What a destination received, in one line. */
export const deliveredSentence = (verdict: DeliveredVerdict, where: string): string => {
  const { subscriptions, digests, objects, events, bytes, from, to, expired, notYetAttested, signatures, kids } =
    verdict;
  const range = from === undefined ? '' : ` delivered from ${from} to ${to ?? from}`;
  const keys = `key ${kids.join(', ')}`;
  return [
    `Intact: ${where}, of ${subscriptions.join(', ') || 'no subscription'}: ${counted(objects, 'object')}, ${counted(events, 'event')}${range}, ${counted(bytes, 'byte')}`,
    digests === 0
      ? 'NO DIGEST: nothing vouches for these objects'
      : signatures === 'good'
        ? `${counted(digests, 'digest')}, signed by ${keys}`
        : `SIGNATURES NOT CHECKED, for want of a key (--keys): ${counted(digests, 'digest')} of ${keys}`,
    notYetAttested > 0 && `${counted(notYetAttested, 'object')} not yet attested: younger than the last digest`,
    expired > 0 && `${counted(expired, 'object')} removed since, as old as they may be`,
  ]
    .filter(Boolean)
    .join('; ');
};
