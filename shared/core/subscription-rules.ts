/** The rules that a subscription is checked by: those of the subscriptions file, or of the API. */
export type SubscriptionRules = ({ readonly from: 'file' } & FileRules) | ({ readonly from: 'api' } & ApiRules);

export interface CommonRules {
  /** Ids of the tenants that exist; absent when nothing is known about them. */
  readonly tenants?: readonly string[];
  /** CIDR blocks that webhooks may reach although they are not public. */
  readonly allowPrivateTargets: readonly string[];
  /** Names and addresses of Sluice itself, where no webhook may point: `TargetRules.own`. */
  readonly own?: readonly string[];
}

export interface FileRules extends CommonRules {
  /** Where the relative path of a folder begins, absolute. */
  readonly cwd: string;
}

/** Tenant, id and external id of the subscription: the body may repeat them but not change them. */
export interface ApiRules extends CommonRules {
  readonly id: string;
  readonly tenant: string;
  /** For a bucket's role. */
  readonly externalId: string;
}
