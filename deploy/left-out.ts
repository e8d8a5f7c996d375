/** What the bundles of the functions leave out. `test/functions/bundle.test.ts` runs such bundles. */
import type { OnLoadResult, Plugin } from 'esbuild';

const leftOut = (contents: string): OnLoadResult => ({ contents, loader: 'js' });

/**
 * The Elasticsearch client brings two connections, and we use the one over `node:http`. The other one's library, undici, is half a
 * megabyte and a third of the client's start-up time: in its place stands a class that refuses to be made.
 */
export const withoutUndici: Plugin = {
  name: 'without-undici',
  setup: (build) => {
    build.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'left-out' }));
    build.onLoad({ filter: /^undici$/, namespace: 'left-out' }, () =>
      leftOut(`
        export class Pool {
          constructor() {
            throw new Error('undici is left out of this bundle: give the Elasticsearch client Connection: HttpConnection');
          }
        }
        export const buildConnector = Pool;`),
    );
  },
};

/** Of the same client we use the transport, not its method per endpoint: another half a megabyte. */
export const withoutEndpointMethods: Plugin = {
  name: 'without-endpoint-methods',
  setup: (build) => {
    build.onLoad({ filter: /@elastic[\\/]elasticsearch[\\/]esm[\\/]api[\\/]index\.js$/ }, () =>
      leftOut('export default class API {}'),
    );
  },
};

/** Lambda hands a function its credentials in the environment: no other place is looked at, and no client for one is packed. */
export const onlyEnvironmentCredentials: Plugin = {
  name: 'only-environment-credentials',
  setup: (build) => {
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ resolveDir }) => ({
      path: 'credentials',
      namespace: 'left-out',
      pluginData: resolveDir,
    }));
    build.onLoad({ filter: /^credentials$/, namespace: 'left-out' }, ({ pluginData }) => ({
      ...leftOut(`export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';`),
      resolveDir: String(pluginData),
    }));
  },
};
