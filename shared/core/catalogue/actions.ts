/**
 * The catalogue of actions that the vendor documents, with what each means in ECS and which of its keys hold secrets.
 * The data is `closer-actions.json`: edit it there. An action that is not listed is delivered all the same, and flagged.
 * @see https://support.closer.app/guide/getting-deeper/elasticsearch-security-logs
 */
import catalogue from './closer-actions.json' with { type: 'json' };

export interface CatalogueAction {
  readonly action: string;
  readonly description: string;
  readonly ecs: { readonly category: readonly string[]; readonly type: readonly string[] };
  readonly ocsf: { readonly class_uid: number; readonly activity_id: number; readonly type_uid: number };
  readonly sensitive: {
    readonly request: readonly string[];
    readonly response: readonly string[];
    readonly url_query: readonly string[];
    /** A one-time token may be a segment of the URL's path. */
    readonly url_path: boolean;
  };
  /** Keys of personal data, for targets that must not get it. */
  readonly pii: readonly string[];
}

/** In the order of the vendor's page. */
export const actions: readonly CatalogueAction[] = catalogue.actions;

const byName: ReadonlyMap<string, CatalogueAction> = new Map(actions.map((entry) => [entry.action, entry]));

/** `name` trimmed and in lower case; `undefined` when the catalogue does not know it. */
export const actionNamed = (name: string): CatalogueAction | undefined => byName.get(name);

/** Key names that are secret whatever the action, as the catalogue lists them (lower case, without `-`, `_`, `.` and spaces). */
export const globalSensitiveKeys = {
  exact: new Set(catalogue.sensitive_keys.exact) as ReadonlySet<string>,
  contains: catalogue.sensitive_keys.contains as readonly string[],
  endsWith: catalogue.sensitive_keys.ends_with as readonly string[],
  never: new Set(catalogue.sensitive_keys.never) as ReadonlySet<string>,
  /** Key names that are secret for the listed actions only: an OAuth `code`, for example. */
  exactForActions: catalogue.sensitive_keys.exact_for_actions as Readonly<Record<string, readonly string[]>>,
};

const unknown = catalogue.conventions.unknown_action.ecs;
const typeByMethod = new Map<string, readonly string[]>(Object.entries(unknown.type_by_method));

/** The ECS values of an action that is not in the catalogue; the type follows the HTTP method. */
export const unknownActionEcs = (method: string | undefined): CatalogueAction['ecs'] => ({
  category: unknown.category,
  type: typeByMethod.get(method ?? '') ?? unknown.type_otherwise,
});
