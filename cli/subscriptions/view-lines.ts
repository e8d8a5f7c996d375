import { counted } from '../../shared/adapters/console-telemetry.ts';
import type { ShownDestination, SubscriptionView } from '../../shared/flows/manage/subscription-view.ts';
import { onOneLine } from '../printable.ts';

/** A subscription in one line, for lists. */
export const viewLine = ({ id, tenant, state, format, destination, reason }: SubscriptionView): string =>
  [id, state, `tenant ${tenant}`, format, placeOf(destination), ...(reason === undefined ? [] : [`(${reason})`])].join(
    '  ',
  );

/** What a person asks first about a subscription, the most important first. */
export const viewLines = (view: SubscriptionView): readonly string[] => {
  const { progress, secret } = view;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['state', stateOf(view)],
    ['tenant', view.tenant],
    ['to', placeOf(view.destination)],
    ['headers', view.destination.type === 'webhook' ? view.destination.headers?.join(', ') : undefined],
    ['what for', view.description],
    ['filter', view.filter === undefined ? 'every event' : JSON.stringify(view.filter)],
    ['format', [view.format, ...(view.personalData ? ['personal data hidden'] : [])].join(', ')],
    ['fields', view.fields?.join(', ')],
    ['batch', `${view.batch.maxEvents} events, ${view.batch.maxBytes} bytes, ${view.batch.maxDelaySeconds} s`],
    ['delivered', `${counted(progress.delivered, 'event')} in ${counted(progress.sequence, 'batch', 'batches')}`],
    ['passed over', `${progress.filtered} filtered out, ${progress.deadLetters} dead letters`],
    ['behind', counted(progress.segmentsBehind, 'segment')],
    ['replay', progress.replay && `up to segment ${progress.replay.until.segment}`],
    ['last success', progress.lastSuccessAt],
    ['failing', failuresOf(progress)],
    [
      'secret',
      secret &&
        `version ${secret.version}${secret.previousUntil ? `, the one before until ${secret.previousUntil}` : ''}`,
    ],
    [
      'kept',
      view.managed === 'file'
        ? 'in the file of SLUICE_SUBSCRIPTIONS_FILE'
        : `version ${view.version}, made ${view.createdAt} by ${view.createdBy}`,
    ],
  ];
  return [view.id, ...facts.flatMap(([name, fact]) => (fact === undefined ? [] : [`  ${name.padEnd(12)} ${fact}`]))];
};

/** The state and its reason; the state is left out where the reason begins with it already. */
const stateOf = ({ state, reason = state }: SubscriptionView): string =>
  reason.startsWith(state) ? reason : `${state}: ${reason}`;

const failuresOf = ({ failures, retryAt, lastAnswer }: SubscriptionView['progress']): string | undefined =>
  failures === 0
    ? undefined
    : `${counted(failures, 'time')} in a row${retryAt === undefined ? '' : `, tried again at ${retryAt}`}: ${onOneLine(lastAnswer ?? '')}`;

const placeOf = (destination: ShownDestination): string => {
  switch (destination.type) {
    case 'webhook':
      return `webhook ${destination.url}`;
    case 's3':
      return `s3://${destination.bucket}/${destination.prefix}${destination.externalId === undefined ? '' : ` (external id ${destination.externalId})`}`;
    case 'poll':
      return 'poll';
    case 'folder':
      return 'folder';
    default:
      return destination satisfies never;
  }
};
