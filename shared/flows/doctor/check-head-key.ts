import { checkSignature, signingKeysOf } from '../../core/signing-key.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { newestHead } from '../heads/newest-head.ts';
import { ok, problem } from './finding.ts';
import type { Check } from './run-checks.ts';

const check = 'heads/key';

/** The newest signed head is of the root key that is used now, or of the one before it. Says nothing while no head is signed. */
export const headKeyCheck = (store: BlobStore, source: string, secrets: Secrets): Check => ({
  name: check,
  run: async () => {
    const signed = await newestHead(store, source);
    const rootKey = signed && (await secrets.get('rootKey'));
    if (!rootKey) return [];
    const { current, keySet } = signingKeysOf(rootKey);
    const { head, kid } = signed;
    switch (checkSignature(head, signed, keySet)) {
      case 'good':
        return [ok(check, `The newest signed head, of ${head.at}, is of this root key.`)];
      case 'wrong':
        return [
          problem(
            check,
            `The newest signed head, of ${head.at}, was altered: its signature is wrong.`,
            'Restore it from a copy that was kept; npx sluice verify shows what else is wrong.',
          ),
        ];
      case 'unknown key':
        return [
          problem(
            check,
            `The newest signed head, of ${head.at}, was signed with key ${kid}; the root key gives ${current.publicKey.kid}: it is not the one that the record was made with.`,
            'Restore the root key. If it was replaced on purpose, keep the key set of the former one for verify --keys, hand each receiver its new secret (npx sluice subscriptions secret <id>), and sign with the new key: npx sluice head',
          ),
        ];
    }
  },
});
