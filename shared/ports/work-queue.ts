/** Wakes deliverers. A lost message costs time, never an event: the next pull finds what is due again. */
export interface WorkQueue {
  /**
   * Says that a subscription has something to do. Messages of one subscription are handled one at a time, in order.
   * @param reason distinguishes a new wake-up from a repeated one: equal `subscription` and `reason` may be merged
   * @throws RetryLater when the queue does not answer
   */
  wake(subscription: string, reason: string): Promise<void>;
}
