/**
 * Which events somebody asks for: the query's simple parameters as an object, already checked.
 * Every given field must hold; within a list one of its values must. Texts compare without regard to case.
 */
import type { Instant } from './instant.ts';
import type { Question } from './question/question.ts';

export interface Filter {
  /** Both ends belong to it. */
  readonly from?: Instant;
  readonly to?: Instant;
  /** `event.action` */
  readonly action?: readonly string[];
  /** `event.category`, `event.kind`, `event.type`, `event.outcome` */
  readonly category?: readonly string[];
  readonly kind?: readonly string[];
  readonly type?: readonly string[];
  readonly outcome?: readonly string[];
  /** `user.id` or `user.email` */
  readonly user?: readonly string[];
  /** `user.roles` */
  readonly role?: readonly string[];
  /** `source.ip`, as addresses or CIDR blocks in canonical form */
  readonly ip?: readonly string[];
  /** `http.request.method` */
  readonly method?: readonly string[];
  /** `http.response.status_code`: `404`, or a class such as `4xx` */
  readonly status?: readonly string[];
  /** part of `url.full`, `*` stands for any text */
  readonly url?: readonly string[];
  /** The question in text, as it was written; must hold beside the others. */
  readonly q?: string;
  /** `q`, parsed. */
  readonly question?: Question;
}

/** Names of the simple parameters; `q` is the question in text. */
export type FilterParameter = Exclude<keyof Filter, 'q' | 'question'>;
