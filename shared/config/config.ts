/** What the settings amount to, read once at start and frozen. `settings.ts` says how each is written. */
export interface Config {
  /** Folder of the embedded defaults, absolute. */
  readonly dataDir: string;
  readonly source:
    | { readonly kind: 'ndjson'; readonly id: string; readonly path: string; readonly timeField: string }
    | {
        readonly kind: 'elasticsearch';
        readonly id: string;
        readonly url: string;
        readonly index: string;
        readonly timeField: string;
      };
  /** `none`: every event is unattributed, and only an operator's subscription receives it. */
  readonly tenants:
    | { readonly kind: 'one'; readonly id: string }
    | { readonly kind: 'directory'; readonly path: string }
    | { readonly kind: 'none' };
  readonly state:
    | { readonly kind: 'sqlite'; readonly path: string }
    | { readonly kind: 'dynamodb'; readonly table: string };
  readonly journal:
    | { readonly kind: 'folder'; readonly path: string }
    | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string };
  readonly queue: { readonly kind: 'inline' } | { readonly kind: 'sqs'; readonly url: string };
  readonly secrets:
    | { readonly kind: 'env' }
    /** `create`: the embedded default; the root key is made in a new folder, before its state and journal. */
    | { readonly kind: 'file'; readonly path: string; readonly create: boolean }
    | { readonly kind: 'secretsmanager'; readonly name: string };
  /** Where the first pull of a source begins. */
  readonly start:
    | { readonly kind: 'beginning' }
    | { readonly kind: 'ago'; readonly ms: number }
    | { readonly kind: 'at'; readonly instant: string };
  readonly subscriptionsFile: string | undefined;
  /** CIDR blocks that deliveries may reach although they are not global unicast; `http:` is allowed inside loopback ones. */
  readonly allowPrivateTargets: readonly string[];
  /** Where others reach the HTTP API; no webhook may point there. */
  readonly publicUrl: string | undefined;
  /** How many subscriptions `start` works at, at a time. */
  readonly deliveriesAtOnce: number;
  /** The operator's webhook: https, or http to an open loopback block; `undefined`: nobody is told but by log and metric. */
  readonly alertUrl: string | undefined;
  readonly overlapSeconds: number;
  readonly pullIntervalSeconds: number;
  /** How late an event may become visible and still be delivered. */
  readonly horizonHours: number;
  readonly http: { readonly host: string; readonly port: number };
}
