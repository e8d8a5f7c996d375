import type { SigningMaterial } from '../../shared/flows/manage/signing-material.ts';
import type { SubscriptionView } from '../../shared/flows/manage/subscription-view.ts';
import type { Terminal } from '../terminal.ts';

/** The secret on a line of its own; the public key on another where signatures of `v1a` were asked for. */
export const printSigning = (
  terminal: Pick<Terminal, 'print'>,
  { destination }: Pick<SubscriptionView, 'destination'>,
  { secret, publicKey }: SigningMaterial,
): void => {
  terminal.print(secret);
  const isAsked = destination.type === 'webhook' && destination.signatures?.includes('v1a') === true;
  if (isAsked && publicKey !== undefined) terminal.print(publicKey);
};
