import type { Destination } from '../../shared/ports/destination.ts';
import type { Place } from './delivery-desk.ts';

/** The destination, whose answers are waited for at a place of the desk. */
export const atItsPlace = (destination: Destination, place: Place): Destination => {
  const { send, attest, probe } = destination;
  return {
    ...destination,
    send: (...given) => place.during(send(...given)),
    ...(attest && { attest: (...given) => place.during(attest(...given)) }),
    ...(probe && { probe: (...given) => place.during(probe(...given)) }),
  };
};
