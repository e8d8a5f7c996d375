import { errors } from '@elastic/elasticsearch';
import { OperatorMustFix, RetryLater, type SluiceError } from '../../core/errors.ts';

/**
 * Turns the reason why no answer came into an error that names who must act. The client keeps the system's error text and drops its code,
 * so the text decides.
 * @param origin scheme, host and port, for the message
 */
export const unreachable = (origin: string, timeoutMs: number, error: unknown): SluiceError => {
  const text = error instanceof Error ? error.message : String(error);
  const options = { cause: causeOf(error) };
  const setting = `SLUICE_SOURCE_URL (${origin})`;

  if (error instanceof errors.ProductNotSupportedError)
    return new OperatorMustFix(
      `${origin} answers, but it is not Elasticsearch (its answers have no X-Elastic-Product header; OpenSearch is not supported). ` +
        `Let ${setting} name an Elasticsearch 7.17, 8 or 9.`,
      options,
    );
  if (error instanceof errors.TimeoutError || error instanceof errors.RequestAbortedError)
    return new RetryLater(
      `Elasticsearch at ${origin} did not answer within ${timeoutMs} ms. Nothing was consumed. If it stays so, check its load.`,
      options,
    );
  if (/ENOTFOUND/.test(text))
    return new OperatorMustFix(`The host in ${setting} is unknown. Check its spelling and the DNS.`, options);
  if (/ECONNREFUSED|^connection failed \(/.test(text))
    return new RetryLater(
      `Nothing listens at ${origin} (connection refused). Check that Elasticsearch runs, and the port in ${setting}.`,
      options,
    );
  if (/wrong version number|packet length too long/i.test(text))
    return new OperatorMustFix(
      `${origin} does not speak TLS. Write http:// in ${setting}, or enable TLS there.`,
      options,
    );
  if (/certificate|altnames/i.test(text))
    return new OperatorMustFix(
      `The certificate of ${origin} is not accepted (${text}). Trust its authority with NODE_EXTRA_CA_CERTS, ` +
        `or mend the certificate; ${setting} must use a name it holds.`,
      options,
    );
  if (/EPROTO|SSL|tls alert/i.test(text))
    return new OperatorMustFix(
      `TLS with ${origin} failed (${text}). Check ${setting} and the server's TLS settings.`,
      options,
    );
  const hint = origin.startsWith('http:') ? ' If the server wants TLS, write https:// in SLUICE_SOURCE_URL.' : '';
  return new RetryLater(`The connection to Elasticsearch at ${origin} broke (${text}).${hint}`, options);
};

/** Whether the server closed a kept-alive connection just when it was used. All our requests only read, so repeating one is safe. */
export const wasReset = (error: unknown): boolean =>
  error instanceof errors.ConnectionError && /ECONNRESET|EPIPE|socket hang up|aborted/i.test(error.message);

/** The client's errors hold whole requests. Their message is enough as a cause, and holds no credentials. */
const causeOf = (error: unknown): Error =>
  error instanceof Error ? new Error(`${error.name}: ${error.message}`) : new Error(String(error));
