import type { SigningMaterial } from '../../shared/flows/manage/signing-material.ts';
import type { SubscriptionView } from '../../shared/flows/manage/subscription-view.ts';
import type { Terminal } from '../terminal.ts';

/** Prints the secret on a line of its own, and the public key on another if the subscription has `v1a` signatures. */
export const printSigning = (
  terminal: Pick<Terminal, 'print'>,
  { destination }: Pick<SubscriptionView, 'destination'>,
  { secret, publicKey }: SigningMaterial,
): void => {
  terminal.print(secret);
  const isAsked = destination.type === 'webhook' && destination.signatures?.includes('v1a') === true;
  if (isAsked && publicKey !== undefined) terminal.print(publicKey);
};
