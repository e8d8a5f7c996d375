import type { Destination } from '../../shared/ports/destination.ts';
import type { Place } from './delivery-desk.ts';

/** The same destination, but each call is awaited through `place.during`, so that a slow receiver makes room for another subscription. */
export const atItsPlace = (destination: Destination, place: Place): Destination => {
  const { send, attest, probe } = destination;
  return {
    ...destination,
    send: (...given) => place.during(send(...given)),
    ...(attest && { attest: (...given) => place.during(attest(...given)) }),
    ...(probe && { probe: (...given) => place.during(probe(...given)) }),
  };
};
