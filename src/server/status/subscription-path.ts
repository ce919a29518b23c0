/** Whether the controller itself answers at this path of the status page. */
export function isSubscription(path: string): boolean {
  return path === '/subscribe' || path === '/subscribe/confirm' || path === '/unsubscribe';
}

/** Largest form. */
export const formMaxBytes = 32_768;
