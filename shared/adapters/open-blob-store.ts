import type { Config } from '../config/config.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { folderBlobStore } from './folder-blob-store.ts';

/**
 * The BlobStore that the settings name. Nothing is touched until it is used.
 * The SDK is loaded only when it is needed: it is most of a command's start-up (100 ms of 150).
 */
export const openBlobStore = async (settings: Config['journal']): Promise<BlobStore> => {
  switch (settings.kind) {
    case 'folder':
      return folderBlobStore({ root: settings.path });
    case 's3': {
      const { openS3BlobStore } = await import('./s3-blob-store.ts');
      return openS3BlobStore(settings);
    }
    default:
      return settings satisfies never;
  }
};
